"""A broker of others: MQTT 3.1.1 of a real NATS server, with one user; and who listens there."""

import queue
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paho.mqtt import client as paho
from waiting import DEADLINE

from noisetamer.hub.bus import broker as nats
from noisetamer.hub.bus import ports
from noisetamer.hub.forward.mqtt import KEYS

HERE = "127.0.0.1"


@dataclass
class MqttBroker:
    """port: of MQTT, without TLS."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        program = nats.find_program()
        log = (self.folder / "out").open("wb")
        self.process = subprocess.Popen(
            [program, "-c", str(self.folder / "nats.conf")], stdout=log, stderr=log
        )
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            try:
                with Listener(self, "probe"):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.folder / "out").read_text())

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def keys(self, more: Mapping[str, Any] | None = None, **own: Any) -> dict[str, Any]:
        """Of a destination there, complete."""
        known = {name: key.default for name, key in {**KEYS, **(more or {})}.items()}
        reach = {"host": HERE, "port": self.port, "tls": False}
        return known | reach | {"user": "noisetamer", "password_file": "right"} | own


class Listener:
    """Another program at the broker, subscribed to everything."""

    def __init__(self, broker: MqttBroker, name: str = "listener") -> None:
        self.came: list[tuple[str, str]] = []
        self.retained: dict[str, str] = {}
        self._client = paho.Client(
            paho.CallbackAPIVersion.VERSION2,  # pyright: ignore[reportPrivateImportUsage]
            name,
        )
        self._client.username_pw_set("noisetamer", "right")
        self._ready: queue.Queue[None] = queue.Queue()
        self._client.on_subscribe = lambda *_: self._ready.put(None)
        self._client.on_message = lambda _c, _u, message: self._came(message)
        self._client.connect(HERE, broker.port)
        self._client.on_connect = lambda *_: self._client.subscribe("#", 1) and None
        self._client.loop_start()
        try:
            # paho comes again by itself where the broker has thrown it out
            self._ready.get(timeout=DEADLINE)
        except queue.Empty:
            self._client.loop_stop()
            raise AssertionError("the broker lets nobody listen") from None

    def _came(self, message: Any) -> None:
        text = message.payload.decode()
        self.retained[message.topic] = text
        self.came.append((message.topic, text))

    def until(self, topic: str, payload: str | None = None, seconds: float = DEADLINE) -> str:
        """The next message there, or that payload, of all that were not asked for yet."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for place, (found, text) in enumerate(self.came):
                if found == topic and payload in (None, text):
                    del self.came[place]
                    return text
            time.sleep(0.01)
        raise AssertionError(f"nothing at {topic}: {sorted(self.retained)}")

    def say(self, topic: str, payload: str, retain: bool = False) -> None:
        self._client.publish(topic, payload, 1, retain).wait_for_publish(DEADLINE)

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def mqtt_broker(folder: Path) -> Iterator[MqttBroker]:
    port = ports.free(HERE, 0, "--mqtt-port")
    (folder / "nats.conf").write_text(
        f'server_name: others\nhost: "{HERE}"\nport: -1\n'
        f'jetstream {{ store_dir: "{folder / "store"}" }}\n'
        f'mqtt {{ host: "{HERE}"\n port: {port} }}\n'
        'authorization { users: [{ user: "noisetamer", password: "right" }] }\n'
    )
    broker = MqttBroker(folder, port)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
