#!/usr/bin/env bash
# One guesses: a port that could be opened can be read, or read() says serial.SerialException.
# What happens: pyserial waits with select(), which takes no descriptor above 1023. In a process that
# has many files or sockets open, the port opens, and write() and in_waiting work while nothing has
# to be waited for; the first read() that waits is a ValueError, "filedescriptor out of range in
# select()", which no `except SerialException` takes.
# Why it matters: a hub, a test run or a workshop's server holds a thousand descriptors sooner than one
# thinks, and then boards seem to be broken, though the cable, the board and the driver are good.
# Mend: open ports first, or in a process of their own; raise no limit of open files in that one.
#
# Output seen:
#   pyserial 3.5
#   descriptor below 1024: b'hello'
#   descriptor above 1023: opened, 5 bytes wait, then ValueError: filedescriptor out of range in select()
# Needs: Linux or macOS, and leave to open 1,200 files (ulimit -H -n).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pyserial==3.5

venv/bin/python - <<'PYTHON'
import os
import pty
import resource
import sys
import time
import tty
from importlib.metadata import version

import serial

_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (1200, most))


def heard() -> str:
    """What a port reads of what is sent to it, or what keeps it from it."""
    board, name = pty.openpty()
    tty.setraw(name)
    with serial.Serial(os.ttyname(name), 115200, timeout=2) as port:
        os.write(board, b"hello")
        while port.in_waiting < 5:
            time.sleep(0.01)
        try:
            return str(port.read(5))
        except serial.SerialException as error:
            return f"SerialException: {error}"
        except ValueError as error:
            return f"opened, {port.in_waiting} bytes wait, then ValueError: {error}"


print("pyserial", version("pyserial"))
below = heard()
print("descriptor below 1024:", below)
others = [os.open(os.devnull, os.O_RDONLY) for _ in range(1024)]
above = heard()
print("descriptor above 1023:", above)
sys.exit(
    0
    if below == "b'hello'" and "then ValueError" in above
    else "No longer so: a port is read whatever its descriptor, or says SerialException."
)
PYTHON
