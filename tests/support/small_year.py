"""A simulated year, made small: three squares, thirty days, the same for all who look at it."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from made_once import common_folder, made_once

from noisetamer.demo.year import make, town, truth

UNTIL = date(2026, 11, 28)
DAYS = 30
YEAR = town.year(seed=1, until=UNTIL, days=DAYS, squares=3)


@dataclass(frozen=True)
class SmallYear:
    """data: a hub's folder, to be looked at only; true: what was put in."""

    data: Path
    true: dict[str, Any]


def small_year(tmp_path_factory: pytest.TempPathFactory) -> SmallYear:
    data = made_once(
        common_folder(tmp_path_factory) / "small-year", lambda folder: make.made(folder, YEAR)
    )
    return SmallYear(data, json.loads((data / truth.FILE).read_text(encoding="utf-8")))
