#!/usr/bin/env bash
# Makes sure that what compiles llama.cpp and its binding is there: a C++ compiler, cmake and libclang.
# Uses the system's packages where it may install them, and a private Python environment in target/tools
# otherwise. Writes target/setup.env, which the Makefile and .ci/run read. Does nothing twice.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

mkdir -p target
env_file=target/setup.env
tools=$PWD/target/tools

# Rust: a fresh installation is not on PATH yet.
if ! have cargo && [ -x "$HOME/.cargo/bin/cargo" ]; then export PATH=$HOME/.cargo/bin:$PATH; fi
if ! have cargo; then
    say 'cargo is not there. Install Rust from https://rustup.rs, open a new shell, and run this again.'
    exit 1
fi

have_compiler() { have c++ || have g++ || have clang++; }
have_cmake() { have cmake || [ -x "$tools/bin/cmake" ]; }
# The folder of a libclang that bindgen can load; it finds those of the system by itself.
find_libclang() {
    local dir
    for dir in "${LIBCLANG_PATH:-/nowhere}" /usr/lib/llvm*/lib /usr/lib /usr/lib64 /usr/lib64/llvm*/lib \
        /usr/lib/*-linux-gnu /usr/local/lib /opt/homebrew/opt/llvm/lib /usr/local/opt/llvm/lib \
        /Library/Developer/CommandLineTools/usr/lib "$tools"/lib/python3*/site-packages/clang/native; do
        if compgen -G "$dir/libclang.so*" >/dev/null || compgen -G "$dir/libclang-*.so*" >/dev/null ||
            [ -e "$dir/libclang.dylib" ]; then
            printf '%s' "$dir"
            return
        fi
    done
    return 1
}
complete() { have_compiler && have_cmake && find_libclang >/dev/null; }

install_packages() {
    local root=()
    if [ "$(id -u)" != 0 ]; then
        # Homebrew wants no root; all others do, and nobody is asked for a password here.
        if have brew; then :; elif have sudo && sudo -n true 2>/dev/null; then root=(sudo -n); else return 1; fi
    fi
    if have apt-get; then
        say 'installing cmake, libclang and a C++ compiler with apt-get'
        "${root[@]}" apt-get update -qq &&
            "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
                build-essential cmake libclang-dev pkg-config >/dev/null
    elif have dnf; then
        say 'installing cmake, clang and a C++ compiler with dnf'
        "${root[@]}" dnf install -y -q gcc-c++ make cmake clang-devel
    elif have pacman; then
        say 'installing cmake, clang and a C++ compiler with pacman'
        "${root[@]}" pacman -S --needed --noconfirm base-devel cmake clang
    elif have brew; then
        say 'installing cmake and llvm with brew'
        brew install -q cmake llvm
    else
        return 1
    fi
}

install_wheels() {
    have python3 || return 1
    say "installing cmake and libclang into target/tools with pip"
    [ -x "$tools/bin/python" ] || python3 -m venv "$tools" || return 1
    "$tools/bin/python" -m pip install -q --disable-pip-version-check cmake libclang
}

if ! complete; then
    install_packages || say 'system packages cannot be installed here'
fi
if ! complete && have_compiler; then
    install_wheels || say 'neither can Python packages'
fi
if ! complete; then
    have_compiler || say 'a C++ compiler is missing (g++ or clang++)'
    have_cmake || say 'cmake is missing'
    find_libclang >/dev/null || say 'libclang is missing (its package is libclang-dev, clang-devel or clang)'
    say 'install what is missing and run this again'
    exit 1
fi

{
    echo '# Written by .ci/setup.sh; read by the Makefile and .ci/run.'
    have cmake || echo "export PATH=\"$tools/bin:\$PATH\""
    [ -d "$HOME/.cargo/bin" ] && echo "export PATH=\"\$PATH:$HOME/.cargo/bin\""
    libclang=$(find_libclang)
    case $libclang in
    "$tools"/*)
        # This libclang comes without the compiler's own headers, such as stdbool.h.
        echo "export LIBCLANG_PATH=\"$libclang\""
        headers=$(cc -print-file-name=include 2>/dev/null || true)
        [ -d "$headers" ] && echo "export BINDGEN_EXTRA_CLANG_ARGS=\"-I$headers\""
        ;;
    /opt/homebrew/* | /usr/local/opt/*) echo "export LIBCLANG_PATH=\"$libclang\"" ;;
    esac
} >"$env_file.new"
if cmp -s "$env_file.new" "$env_file"; then rm "$env_file.new"; else mv "$env_file.new" "$env_file"; fi
