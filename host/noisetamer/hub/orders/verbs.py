"""What people may order, as data: by which permission, and for how long an order waits. Pure."""

from typing import NamedTuple


class Verb(NamedTuple):
    """permission: of `people.roles`; waits: s after which an order that has not begun is void."""

    permission: str
    waits: int


_MINUTE = 60
_DAY = 86_400

VERBS = {
    # what is said into a square that has long been quiet does harm
    "say": Verb("say", 20),
    "play": Verb("speak", 30),
    "spotlight": Verb("spotlight", 30),
    "mute": Verb("mute", 5 * _MINUTE),
    "volume": Verb("volume", 5 * _MINUTE),
    "examine": Verb("examine", _MINUTE),
    "calibrate-check": Verb("calibrate", _MINUTE),
    "restart": Verb("restart", _MINUTE),
    # a unit that is away is to have them when it comes
    "policy": Verb("policy.change", 7 * _DAY),
    "voice": Verb("voices", 7 * _DAY),
    # of a roll-out, which orders it again
    "update": Verb("update", 60 * _MINUTE),
}

SPEECH = ("say", "play")
"""Verbs by which a unit speaks; one at a time."""
