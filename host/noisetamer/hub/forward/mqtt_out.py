"""Facts to an MQTT broker of others, as JSON; the tree of topics is in README.md.

The newest of each kind is retained, so whoever subscribes has it at once; a correction of what is
older than that is told and not retained.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from noisetamer.hub.forward import facts
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Around, Asked, Format, Key, Sent
from noisetamer.hub.forward.mqtt import KEYS as BROKER
from noisetamer.hub.forward.mqtt import OFFLINE, ONLINE, Link, Message, topic_level
from noisetamer.hub.forward.plain import plain

WANTS = (facts.MINUTE, facts.HOUR, facts.DAY, facts.EVENT, facts.STATUS, facts.INCIDENT)

KEYS: Mapping[str, Key] = {
    **BROKER,
    "retain": Key("yes", True, what="false: the broker keeps nothing"),
}


def make(asked: Asked, around: Around) -> "MqttOut":
    return MqttOut(asked, around.data)


class MqttOut(Format):
    """One broker."""

    def __init__(self, asked: Asked, data: Path) -> None:
        self._keys = asked.keys
        self._link = Link(asked.name, asked.keys, data)
        self._newest: dict[str, int] = {}

    async def send(self, facts: Sequence[Fact]) -> Sent:
        await self._link.publish([one for fact in facts for one in self._messages(fact)])
        return Sent(len(facts))

    async def check(self) -> str:
        return await self._link.check()

    async def close(self) -> None:
        await self._link.close()

    def _messages(self, fact: Fact) -> list[Message]:
        prefix = self._keys["prefix"]
        unit = f"{prefix}/units/{topic_level(fact.unit)}"
        text = json.dumps(plain(fact), ensure_ascii=False)
        if fact.kind == facts.INCIDENT:
            return [
                self._retained(f"{prefix}/squares/{topic_level(fact.square)}/incident", fact, text)
            ]
        if fact.kind == facts.STATUS:
            return [
                self._retained(f"{unit}/status", fact, text),
                self._retained(
                    f"{unit}/{ONLINE}", fact, ONLINE if fact.what == ONLINE else OFFLINE
                ),
            ]
        if fact.kind == facts.EVENT:
            found = [Message(f"{unit}/events/{topic_level(fact.what)}", text)]
            if fact.what == "stage":
                found.append(self._retained(f"{unit}/stage", fact, text))
            return found
        if fact.kind == facts.SECOND:
            return [Message(f"{unit}/second", text)]
        return [self._retained(f"{unit}/{fact.kind}", fact, text)]

    def _retained(self, topic: str, fact: Fact, text: str) -> Message:
        """Unless it is older than what is retained there."""
        newest = self._newest.get(topic)
        is_newest = (newest is None and not fact.late) or (
            newest is not None and fact.since >= newest
        )
        if is_newest:
            self._newest[topic] = fact.since
        return Message(topic, text, retain=bool(self._keys["retain"]) and is_newest)
