"""Facts to be forwarded, and destinations for them."""

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from waiting import DEADLINE

from noisetamer.hub.forward.facts import EVENT, MINUTE, PERIODS, Fact
from noisetamer.hub.forward.format import REQUIRED, Around, Asked, Place

NOON = 1_793_500_020 // 180 * 180
"""A minute of the clock, and a third one, 2026-11."""
SQUARE = '东门 "旧"(南)广场, 1=2\\'
"""With every sign that some format or other minds."""
PLACES = {SQUARE: Place(31.2304, 121.4737), "SIM-0002": Place(31.5, 121.5, 4.0)}


def period(
    since: int = NOON, unit: str = "SIM-0001", kind: str = MINUTE, valid: int = 57, **other: Any
) -> Fact:
    """Levels follow from `LAeq`, 0.1 dB."""
    level = other.pop("LAeq", 654)
    levels = {"LAeq": level, "LAFmax": level + 91, "LAmin": level - 104}
    levels |= {"L10": level + 30, "L50": level - 20, "L90": level - 80}
    return Fact(
        *(kind, f"{unit} {kind} {since}", unit, "北柱", SQUARE, since, since + PERIODS[kind]),
        levels=other.pop("levels", levels),
        valid=valid,
        reasons=other.pop("reasons", {"wind": PERIODS[kind] - valid}),
        **other,
    )


def event(what: str = "stage", since: int = NOON + 7, **fields: Any) -> Fact:
    fields = fields or {"from": "green", "to": "red", "limit": 600, "level": 667}
    key = f"SIM-0001 1 {since}"
    return Fact(EVENT, key, "SIM-0001", "北柱", SQUARE, since, since, what=what, fields=fields)


def asked(module: ModuleType, **keys: Any) -> Asked:
    """As forward.toml asks for it; what is not said is as usual."""
    usual = {name: key.default for name, key in module.KEYS.items() if key.default is not REQUIRED}
    given = {**usual, **keys}
    assert given.keys() == module.KEYS.keys()
    assert module.judge(given) == []
    kind = module.__name__.rpartition(".")[2]
    return Asked("tried", kind, tuple(module.WANTS), timeout=DEADLINE, keys=given)


def around(now: float = NOON + 70.0, places: Mapping[str, Place] = PLACES) -> Around:
    return Around(Path(), places=places, clock=lambda: now)
