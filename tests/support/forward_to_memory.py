"""A format of tests: takes facts into memory, away where its key says so."""

from collections.abc import Sequence

from noisetamer.base.errors import UserError
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Around, Asked, Format, Key, Sent, Unreachable

WANTS = ("minute",)
KEYS = {
    "away": Key("yes", False),
    "broken": Key("yes", False),
    "token_file": Key("secret", ""),
}

taken: dict[str, list[Fact]] = {}
"""{destination: what it has}"""


def make(asked: Asked, around: Around) -> "ToMemory":
    if asked.keys["broken"]:
        raise UserError("this one cannot be made")
    return ToMemory(asked)


class ToMemory(Format):
    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    async def send(self, facts: Sequence[Fact]) -> Sent:
        if self._asked.keys["away"]:
            raise Unreachable("nobody is there")
        taken.setdefault(self._asked.name, []).extend(facts)
        return Sent(len(facts))

    async def check(self) -> str:
        if self._asked.keys["away"]:
            raise Unreachable("nobody is there")
        return f"it is there, token {self._asked.keys['token_file']!r}"
