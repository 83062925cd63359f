#!/usr/bin/env bash
# One guesses: mpremote's transport takes from the port what has come, and looks for the end in it.
# What happens: read_until() asks the port for one byte at a time, each time waits for it with
# select(), and joins it to all before it in a new bytes object. Of n bytes that wait in the driver
# that is n reads, and n * n / 2 bytes copied.
# Why it matters: whoever lets boards print megabytes (logs, samples, pictures) through it pays with a
# whole core of the computer, and with ten boards at once the ports are read later than they are
# written. In a burn-in it was half of all the processor's time.
# Mend: read(port.in_waiting or 1) in a transport of one's own, one buffer, and what came after the end
# is kept for the next question.
#
# Output seen:
#   mpremote 1.29.0, pyserial 3.5
#   bytes that waited in the driver: 3001
#   reads: 3001, of 1 byte each
# Needs: Linux or macOS.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check mpremote==1.29.0 pyserial==3.5

venv/bin/python - <<'PYTHON'
import os
import pty
import sys
import time
import tty
from importlib.metadata import version

import serial
from mpremote.transport_serial import SerialTransport

board, name = pty.openpty()
tty.setraw(name)
transport = SerialTransport(os.ttyname(name))
print(f"mpremote {version('mpremote')}, pyserial {version('pyserial')}")

asked = []
read = serial.Serial.read


def noted(port: serial.Serial, size: int = 1) -> bytes:
    asked.append(size)
    return read(port, size)


serial.Serial.read = noted
# a page of text and the end of it, all there before it is asked for
answer = b"x" * 3000 + b"\x04"
os.write(board, answer)
while transport.serial.in_waiting < len(answer):
    time.sleep(0.01)
print("bytes that waited in the driver:", transport.serial.in_waiting)
assert transport.read_until(1, b"\x04") == answer
print(f"reads: {len(asked)}, of {max(asked)} byte each")
sys.exit(0 if asked == [1] * len(answer) else "No longer so: more than one byte is read at a time.")
PYTHON
