"""A unit made of messages only: what a box reports, without its sound."""

import json
import struct
from collections.abc import Mapping
from typing import Any

from mqtt_client import MqttClient

from tamer.record import encoding
from tamer.record.reading import Second

START = 1795431600  # 2026-11-23 19:00 UTC+8
MOST_TIMES_AGAIN = 5


def seconds(
    seq: int, t: int, LAeq: list[int], *, boot: int = 1, oldest: int = 1, flags: int = 0
) -> bytes:
    """The message that carries a record of Seconds."""
    batch = [Second(t, level, level + 20, level + 80, level + 180, flags) for level in LAeq]
    payload = encoding.of_seconds(batch)
    record = encoding.record(encoding.SECONDS, boot, seq, t, payload)
    return _enveloped(oldest, record)


def event(seq: int, t: int, kind: str, *, boot: int = 1, oldest: int = 1, **fields: Any) -> bytes:
    """The message that carries a record of an event."""
    payload = encoding.of_event(kind, fields)
    return _enveloped(oldest, encoding.record(encoding.EVENT, boot, seq, t, payload))


def _enveloped(oldest: int, record: bytes) -> bytes:
    """In an envelope of version 2, which says of the whole boot what the unit still holds."""
    return struct.pack(encoding.ENVELOPE, 2, oldest) + record


def stage(seq: int, t: int, before: str, after: str, level: int = 671) -> bytes:
    change = {"from": before, "to": after, "limit": 650, "level": level}
    return event(seq, t, "stage", **change)


class Box:
    """A connected unit: speaks on its topics, hears its commands.

    As a box does, it comes again where the broker ends its connection, and says again what it
    waits to have acknowledged: nats-server throws out whoever comes while it stands still for 5 s.
    """

    def __init__(self, to: Mapping[str, Any], **how: Any) -> None:
        self.id = to["unit"]
        self._to, self._how = to, how
        self._records: list[bytes] = []
        self.times_again = 0
        self.mqtt = self._connected()

    def seconds(self, *arguments: Any, **fields: Any) -> None:
        self.record(seconds(*arguments, **fields))

    def event(self, *arguments: Any, **fields: Any) -> None:
        self.record(event(*arguments, **fields))

    def stage(self, *arguments: Any, **fields: Any) -> None:
        self.record(stage(*arguments, **fields))

    def now(self, t: int, LAeq: int, stage: str, *, flags: int = 0, speaking: bool = False):
        fields = {"t": t, "LAeq": LAeq, "flags": flags, "stage": stage, "limit": 650}
        report = json.dumps({"v": 1, **fields, "speaking": speaking}).encode()
        self.mqtt.publish(f"dev/{self.id}/now", report, qos=0)

    def record(self, message: bytes) -> None:
        self._records.append(message)
        self.mqtt.publish(f"dev/{self.id}/record", message)

    def ack(self, boot: int = 1) -> int:
        """The next acknowledgement for this boot."""
        while True:
            try:
                topic, body = self.mqtt.receive()
            except ConnectionError:
                self._come_again()
                continue
            message = json.loads(body)
            if topic == f"cmd/{self.id}/ack" and message["b"] == boot:
                return message["s"]

    def wait_ack(self, seq: int, boot: int = 1) -> None:
        """Until everything up to seq is acknowledged."""
        while self.ack(boot) < seq:
            pass

    def _come_again(self) -> None:
        self._count_again()
        self.mqtt = self._connected()
        for message in self._records:
            self.mqtt.publish(f"dev/{self.id}/record", message)

    def _connected(self) -> MqttClient:
        will = f"dev/{self.id}/status", b'{"v":1,"online":false}'
        while True:
            try:
                mqtt = MqttClient(self._to, will=will, **self._how)
                assert mqtt.subscribe(f"cmd/{self.id}/#") == 0
                online = b'{"v":1,"online":true,"b":1,"t":0}'
                mqtt.publish(f"dev/{self.id}/status", online, retain=True)
                return mqtt
            except ConnectionError:
                self._count_again()

    def _count_again(self) -> None:
        """Within an `except`, whose error goes on where it was too often."""
        self.times_again += 1
        if self.times_again > MOST_TIMES_AGAIN:
            raise
