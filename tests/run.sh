#!/usr/bin/env bash
# Everything that is checked, on a fresh machine too:
#   tests/run.sh              all of it
#   tests/run.sh PYTEST-ARGS  a part, for example: tests/run.sh tests/firmware -k ladder
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
"$root/host/environment.sh" test
export PATH="$root/.venv/bin:$PATH"

# What only apt has. Tests that need it are reported as skipped, by name, where it is missing.
missing=()
command -v qemu-xtensa >/dev/null || missing+=(qemu-user)
command -v chromium >/dev/null || missing+=(chromium)
command -v espeak-ng >/dev/null || missing+=(espeak-ng)
[ -f /usr/share/unifont/unifont.hex ] || missing+=(unifont)
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing ${missing[*]} ..."
        { apt-get update -qq && apt-get install -y -qq "${missing[@]}"; } >/dev/null 2>&1 ||
            echo "not installed: ${missing[*]} (apt-get could not)"
    else
        echo "not installed: ${missing[*]} (needs root: apt-get install ${missing[*]})"
    fi
fi

if [ $# -gt 0 ]; then
    exec pytest "$@"
fi

ruff format --check .
ruff check .
lint-imports --no-cache
host/typings.sh
pyright --project pyproject.toml
pyright --project firmware/pyrightconfig.json
# In their order: sorted by number of tests, long ones in small files would come last.
pytest -n 2 --dist loadfile --no-loadscope-reorder
