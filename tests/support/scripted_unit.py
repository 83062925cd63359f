"""A unit made of messages only: what a box reports, without its sound."""

import json
from typing import Any

from mqtt_client import MqttClient

START = 1795431600  # 2026-11-23 19:00 UTC+8


def seconds(
    seq: int, t: int, LAeq: list[int], *, boot: int = 1, oldest: int = 1, flags: int = 0
) -> dict[str, Any]:
    return {
        "v": 1,
        "b": boot,
        "s": seq,
        "o": oldest,
        "t": t,
        "LAeq": LAeq,
        "LAFmax": [level + 20 for level in LAeq],
        "LCeq": [level + 80 for level in LAeq],
        "LCpeak": [level + 180 for level in LAeq],
        "flags": [flags] * len(LAeq),
    }


def event(seq: int, t: int, kind: str, *, boot: int = 1, oldest: int = 1, **fields: Any):
    return {"v": 1, "b": boot, "s": seq, "o": oldest, "t": t, "kind": kind, **fields}


def stage(seq: int, t: int, before: str, after: str, level: int = 671):
    change = {"from": before, "to": after, "limit": 650, "level": level}
    return {**event(seq, t, "stage"), **change}


class Box:
    """A connected unit: speaks on its topics, hears its commands."""

    def __init__(self, to: dict[str, Any], **how: Any) -> None:
        self.id = to["unit"]
        will = f"dev/{self.id}/status", b'{"v":1,"online":false}'
        self.mqtt = MqttClient(to, will=will, **how)
        assert self.mqtt.subscribe(f"cmd/{self.id}/#") == 0
        self.mqtt.publish(
            f"dev/{self.id}/status", b'{"v":1,"online":true,"b":1,"t":0}', retain=True
        )

    def seconds(self, *arguments: Any, **fields: Any) -> None:
        self.tell("seconds", seconds(*arguments, **fields))

    def event(self, *arguments: Any, **fields: Any) -> None:
        self.tell("event", event(*arguments, **fields))

    def stage(self, *arguments: Any, **fields: Any) -> None:
        self.tell("event", stage(*arguments, **fields))

    def now(self, t: int, LAeq: int, stage: str, *, flags: int = 0, speaking: bool = False):
        fields = {"t": t, "LAeq": LAeq, "flags": flags, "stage": stage, "limit": 650}
        self.tell("now", {"v": 1, **fields, "speaking": speaking}, qos=0)

    def tell(self, kind: str, report: Any, qos: int = 1) -> None:
        self.mqtt.publish(f"dev/{self.id}/{kind}", json.dumps(report).encode(), qos)

    def ack(self, boot: int = 1) -> int:
        """The next acknowledgement for this boot."""
        while True:
            topic, body = self.mqtt.receive()
            message = json.loads(body)
            if topic == f"cmd/{self.id}/ack" and message["b"] == boot:
                return message["s"]

    def wait_ack(self, seq: int, boot: int = 1) -> None:
        """Until everything up to seq is acknowledged."""
        while self.ack(boot) < seq:
            pass
