#!/usr/bin/env bash
# Checks spelling with typos, as typos.toml says. Where it is not installed its wheel goes into target/tools.
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.52.0
tools=$PWD/target/tools
typos=$(command -v typos || true)
if [ -z "$typos" ]; then
    typos=$tools/bin/typos
    if [ ! -x "$typos" ]; then
        [ -x "$tools/bin/python" ] || python3 -m venv "$tools"
        "$tools/bin/python" -m pip install -q --disable-pip-version-check "typos==$version"
    fi
fi
exec "$typos"
