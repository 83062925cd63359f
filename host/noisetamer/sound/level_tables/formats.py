"""The formats of formats.toml, and which of them a sheet is of."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from noisetamer.sound.level_tables.stamps import DateOrder

SHIPPED = Path(__file__).with_name("formats.toml")


@dataclass(frozen=True)
class Format:
    """One entry: see formats.toml."""

    name: str
    source: str
    columns: Sequence[str] = ()
    head: Sequence[str] = ()
    sheet: Sequence[str] = ()
    time: Sequence[str] = ()
    overload: Sequence[str] = ()
    level: dict[str, str] = field(default_factory=dict)
    only: dict[str, str] = field(default_factory=dict)
    stamp: Literal["begin", "end"] = "end"
    zone: str = "local"
    order: DateOrder | None = None
    zone_in_head: str = ""
    date_in_head: str = ""
    begin_in_head: str = ""
    period_in_head: str = ""
    stops: str = ""
    counts: str = ""
    series: str = ""
    holds: bool = False
    late_from: int = 0
    note: str = ""


PLAIN = Format("plain table", "time and level, as anyone writes them", stamp="end")


@cache
def shipped() -> tuple[Format, ...]:
    content = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    return tuple(Format(**entry) for entry in content["format"])


def recognised(names: Sequence[str], head: Sequence[str]) -> Format:
    """By the headings and the lines up to and with them; PLAIN where it is none."""
    for entry in shipped():
        if all(places(names, pattern) for pattern in entry.columns) and all(
            any(re.search(pattern, line, re.IGNORECASE) for line in head) for pattern in entry.head
        ):
            return entry
    return PLAIN


def places(names: Sequence[str], pattern: str) -> list[int]:
    """Which of the headings a pattern is of."""
    expression = re.compile(pattern, re.IGNORECASE)
    return [at for at, name in enumerate(names) if expression.fullmatch(name.strip())]
