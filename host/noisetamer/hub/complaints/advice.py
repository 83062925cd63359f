"""What else helps than a warning: cures, with what was measured where they were tried."""

import tomllib
from dataclasses import dataclass
from functools import cache
from math import log10
from pathlib import Path

FILE = Path(__file__).with_name("advice.toml")


@dataclass(frozen=True)
class Measured:
    """In one place: where, before and after as they were told (text: {language: sentence}), and
    who says so."""

    text: dict[str, str]
    source: dict[str, str]


@dataclass(frozen=True)
class Cure:
    """key: of its words, `advice_KEY` and `advice_KEY_how`."""

    key: str
    measured: tuple[Measured, ...]


@cache
def cures() -> tuple[Cure, ...]:
    """In the order in which to try them: the cheap ones first."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))["cure"]
    return tuple(
        Cure(one["key"], tuple(Measured(m["text"], m["source"]) for m in one.get("measured", ())))
        for one in found
    )


def keys() -> tuple[str, ...]:
    return tuple(cure.key for cure in cures())


def quieter(near: float, far: float) -> float:
    """By how many dB a loudspeaker that is one small source, in the open, is less loud at `far`
    than at `near`, m: 6 dB for each doubling of the distance (ISO 9613-2, 7.1: 20 lg). Walls
    give some of it back."""
    return 20 * log10(far / near)
