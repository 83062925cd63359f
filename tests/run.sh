#!/usr/bin/env bash
# Everything that is checked, on a fresh machine too:
#   tests/run.sh              all of it
#   tests/run.sh quick        linters, import rules, and the tests that need no other program
#   tests/run.sh PYTEST-ARGS  a part, for example: tests/run.sh tests/firmware -k ladder
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
"$root/host/environment.sh" test
export PATH="$root/.venv/bin:$PATH"
# Modules are compiled once, not by every process of the many that tests start.
export PYTHONDONTWRITEBYTECODE=
# Matrices here are small: threads for them would only spin as each of those processes begins.
export OPENBLAS_NUM_THREADS=1

rules() {
    ruff format --check .
    ruff check .
    lint-imports --no-cache
}

if [ "${1:-}" = quick ]; then
    rules
    pytest -n 2 --dist loadfile --no-loadscope-reorder -m "pure or host" --durations=10
    exec pytest -n 2 tests/firmware/test_in_micropython.py
fi

# Where the squares are, while most machines that check are in UTC. What touches time is tried in
# others besides: tests/support/zones.py.
export TZ=${TZ:-Asia/Shanghai}

# What only apt has. Tests that need it are reported as skipped, by name, where it is missing.
missing=()
command -v qemu-xtensa >/dev/null || missing+=(qemu-user)
command -v chromium >/dev/null || missing+=(chromium)
[ -f /usr/share/zoneinfo/Asia/Shanghai ] || missing+=(tzdata)
[ -f /usr/share/unifont/unifont.hex ] || missing+=(unifont)
# A real RTSP camera and what reads it. /usr/bin/python3: its binding is for Debian's own Python.
command -v ffmpeg >/dev/null || missing+=(ffmpeg)
# What leads writers to the database that leads; its package's own settings listen nowhere.
command -v haproxy >/dev/null || missing+=(haproxy)
# A time stamping authority, and a token for keys.
command -v openssl >/dev/null || missing+=(openssl)
compgen -G "/usr/lib/*/softhsm/libsofthsm2.so" >/dev/null ||
    compgen -G "/usr/lib/softhsm/libsofthsm2.so" >/dev/null || missing+=(softhsm2)
/usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null ||
    missing+=(python3-gi gir1.2-gst-rtsp-server-1.0)
for plugins in videotestsrc:base rtp:good x264:ugly; do
    compgen -G "/usr/lib/*/gstreamer-1.0/libgst${plugins%:*}.so" >/dev/null ||
        missing+=("gstreamer1.0-plugins-${plugins#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing ${missing[*]} ..."
        { apt-get update -qq && apt-get install -y -qq "${missing[@]}"; } >/dev/null 2>&1 ||
            echo "not installed: ${missing[*]} (apt-get could not)"
    else
        echo "not installed: ${missing[*]} (needs root: apt-get install ${missing[*]})"
    fi
fi

# Its pages cost a sixth; Chromium alone does as well, more slowly.
if [ "$(id -u)" = 0 ] && ! command -v chromium-headless-shell >/dev/null; then
    echo "Installing chromium-headless-shell ..."
    { apt-get update -qq && apt-get install -y -qq chromium-headless-shell; } >/dev/null 2>&1 || true
fi

if [ $# -gt 0 ]; then
    exec pytest "$@"
fi

# Files of tests lie in memory where there is plenty: stores sync what they commit, and on a disk
# tests would wait for that. None of them is about the disk itself. A short
# path: how long the one of a simulated box is, is memory of the box.
in_memory=
for left in /dev/shm/nt.*; do
    # Whether another user's run still goes on cannot be asked, nor may it be removed.
    [ -O "$left" ] && [ -w "$left" ] && ! kill -0 "${left##*.}" 2>/dev/null && rm -rf "$left"
done
if [ -w /dev/shm ] && ! findmnt -n -o OPTIONS /dev/shm | grep -qw noexec &&
    [ "$(df --output=avail -k /dev/shm | tail -n 1)" -gt $((6 << 20)) ] &&
    [ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt $((12 << 20)) ]; then
    in_memory=/dev/shm/nt.$$
fi

types() {
    rules
    host/typings.sh
    # What a type checker makes outlives node's usual 16 MB of young memory, and is copied for
    # nothing.
    export NODE_OPTIONS="${NODE_OPTIONS:-} --max-semi-space-size=64"
    pyright --project pyproject.toml
    pyright --project firmware/pyrightconfig.json
}

made=$SECONDS

# Linters, import rules and type checker have one core to themselves; most tests that come first
# wait for a clock.
said=$(mktemp)
(
    trap 'echo "$SECONDS" >"$said.time"' EXIT
    types
) >"$said" 2>&1 &
typing=$!
trap 'kill "$typing" 2>/dev/null || true; rm -rf "$said" "$said.time" ${in_memory:+"$in_memory"}' EXIT

# Kinds that take long come first, a file in one piece: see tests/support/kinds.py.
failed=0
workers=$(($(nproc) + 3))
statements=$(mktemp -d)
STATEMENTS_TO=$statements pytest -n "$workers" --dist loadfile --no-loadscope-reorder --durations=10 \
    ${in_memory:+--basetemp="$in_memory"} || failed=$?
# What they asked of stores, a PostgreSQL server is asked too.
STATEMENTS_FROM=$statements pytest -q tests/base/test_statements.py || failed=1
rm -rf "$statements"
tested=$SECONDS
wait "$typing" || {
    echo "rules and types: exit code $?"
    failed=1
}
cat "$said"
echo "Time: environment $made s, then tests $((tested - made)) s beside rules and types" \
    "$(($(cat "$said.time") - made)) s; $SECONDS s in all."
exit "$failed"
