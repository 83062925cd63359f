"""The formats of formats.toml, and which of them a sheet is of."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

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
    zone_column: str = ""
    zone_in_head: str = ""
    date_in_head: str = ""
    begin_in_head: str = ""
    end_in_head: str = ""
    period_in_head: str = ""
    stops: str = ""
    counts: str = ""
    series: str = ""
    holds: bool = False
    every_sheet: bool = False
    late_from: int = 0
    note: str = ""


PLAIN = Format("plain table", "time and level, as anyone writes them", stamp="end")


@cache
def shipped() -> tuple[Format, ...]:
    return tuple(Format(**entry) for entry in _content()["format"])


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def recognised(names: Sequence[str], head: Sequence[str]) -> Format:
    """By the headings and the lines up to and with them; PLAIN where it is none."""
    return next((entry for entry in shipped() if _is_of(entry, names, head)), PLAIN)


def of_one_column(heading: str, head: Sequence[str]) -> Format | None:
    """The one whose rows are levels and nothing else."""
    return next(
        (one for one in shipped() if one.end_in_head and _is_of(one, [heading], head)), None
    )


def what_instead(head: Sequence[str]) -> str | None:
    """Of a file that is known and holds nothing of use: which one does."""
    for entry in _content()["without_levels"]:
        if any(re.search(entry["head"], line, re.IGNORECASE) for line in head):
            return entry["instead"]
    return None


def _is_of(entry: Format, names: Sequence[str], head: Sequence[str]) -> bool:
    return all(places(names, pattern) for pattern in entry.columns) and all(
        any(re.search(pattern, line, re.IGNORECASE) for line in head) for pattern in entry.head
    )


def places(names: Sequence[str], pattern: str) -> list[int]:
    """Which of the headings a pattern is of."""
    expression = re.compile(pattern, re.IGNORECASE)
    return [at for at, name in enumerate(names) if expression.fullmatch(name.strip())]
