"""Limits for areas and boundaries (GB 3096, GB 22337, GB 12523) and background corrections.

The firmware has tables of its own; tests hold them to these.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class AreaRow:
    """Limits of one class in dB: LAeq by day and by night, LAFmax of sudden noise at night.

    name: the class, "" where the standard knows none. night_sudden: None where it says nothing.
    """

    standard: str
    name: str
    day: float
    night: float
    night_sudden: float | None


@dataclass(frozen=True)
class CorrectionRow:
    """Level less background, whole dB, both ends included (None: any), and what to add then."""

    least: int
    most: int | None
    correction: int


def area_limits() -> list[AreaRow]:
    """Table 1 of GB 3096-2008 and of GB 22337-2008, and GB 12523-2025."""
    return [
        AreaRow(
            row["standard"],
            row["class"],
            float(row["day_dB"]),
            float(row["night_dB"]),
            float(row["night_sudden_dB"]) if row["night_sudden_dB"] else None,
        )
        for row in _rows("gb_area_limits.csv")
    ]


def background_corrections() -> list[CorrectionRow]:
    """Table 4 of GB 22337-2008, which is also GB 12348-2008's; below 3 dB nothing is judged."""
    return [
        CorrectionRow(
            int(row["difference_from_dB"]),
            int(row["difference_to_dB"]) if row["difference_to_dB"] else None,
            int(row["correction_dB"]),
        )
        for row in _rows("gb22337_background.csv")
    ]


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
