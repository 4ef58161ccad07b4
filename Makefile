# make demo shows planscope at work; make help lists the rest.

SHELL := bash

# The model of the demo, and the one that the tests run on: names from `planscope model list`.
PLANSCOPE_MODEL ?= qwen2.5-coder-1.5b
TEST_MODEL ?= smollm2-135m
# The bundled problem of the demo: a small model's first plan breaks a rule, and refinement repairs it.
PROBLEM ?= dinner

# Where `make install` puts the program: PREFIX/bin, or cargo's own folder for programs.
CARGO_BIN := $(if $(CARGO_HOME),$(CARGO_HOME),$(HOME)/.cargo)/bin
BINDIR ?= $(if $(PREFIX),$(PREFIX)/bin,$(CARGO_BIN))
# What a build leaves.
PROGRAM := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)/release/planscope

# Recipes are single commands, since each line has a shell of its own.
ENV := . target/setup.env &&
PLANSCOPE := cargo run --release --quiet --

.PHONY: help setup build check install demo test bench lint spelling ci clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

setup: ## make sure that a C++ compiler, cmake and libclang are there
	@.ci/setup.sh

build: setup ## build planscope (llama.cpp with it: some minutes the first time)
	@$(ENV) cargo build --release

check: ## type-check all code but what needs llama.cpp: the fast loop, without a C++ compiler
	@[ ! -e target/setup.env ] || . target/setup.env; cargo check --workspace --all-targets --no-default-features

install: build ## put planscope on your PATH: into ~/.cargo/bin, or PREFIX/bin
	@install -d "$(DESTDIR)$(BINDIR)"
	@install -m 755 "$(PROGRAM)" "$(DESTDIR)$(BINDIR)/planscope"
	@echo "installed: $(DESTDIR)$(BINDIR)/planscope"
	@case ":$$PATH:" in *":$(BINDIR):"*) ;; *) \
		echo 'note: that folder is not on your PATH; add it: export PATH="$(BINDIR):$$PATH"' ;; esac

demo: build ## fetch a model and debug a bundled problem with it
	@$(ENV) $(PLANSCOPE) model pull $(PLANSCOPE_MODEL)
	@$(ENV) if [ -t 0 ] && [ -t 1 ]; then \
		$(PLANSCOPE) debug $(PROBLEM) --model $(PLANSCOPE_MODEL); \
	else \
		echo 'no terminal: running without the screen'; \
		$(PLANSCOPE) run $(PROBLEM) --model $(PLANSCOPE_MODEL); \
	fi
	@echo
	@echo 'Next: $(PROGRAM) tour    # a recorded run in two minutes'
	@echo '      make install    # then it is: planscope tour'

test: build ## run all tests, those on a small real model too
	@$(ENV) model=$$($(PLANSCOPE) model pull $(TEST_MODEL)) && \
		PLANSCOPE_TEST_MODEL=$$model cargo test --release --workspace

bench: setup ## run the benchmarks
	@$(ENV) cargo bench

lint: setup spelling ## check spelling, format, lints and documentation
	@$(ENV) cargo fmt --all --check
	@$(ENV) cargo clippy --release --workspace --all-targets -- -D warnings
	@$(ENV) RUSTDOCFLAGS='-D warnings' cargo doc --release --workspace --no-deps

spelling: ## check the spelling of documents and code with typos
	@.ci/spelling.sh

ci: ## everything that must hold for a change
	@.ci/run

clean: ## remove what was built; fetched models stay
	@cargo clean
