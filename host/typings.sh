#!/usr/bin/env bash
# MicroPython's stubs for pyright, beside the environment: inside it they would shadow CPython's.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ -d "$root/.venv/typings/machine" ] || [ -f "$root/.venv/typings/machine.pyi" ] ||
    "$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --target "$root/.venv/typings" \
        micropython-esp32-stubs==1.29.0.post1 micropython-stdlib-stubs==1.29.0.post2
