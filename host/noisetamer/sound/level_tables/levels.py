"""Levels as text, a column at once."""

import re

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = 10.0, 150.0
"""dB: what lies beyond is no sound pressure level but a code, such as 0, -99 or 999."""

_NUMBER = re.compile(r"([+-]?\d{1,4}(?:[.,]\d{1,12})?)(?:\s?dB\S{0,6})?", re.IGNORECASE)


def read(cells: list[str]) -> NDArray[np.float64]:
    """dB, NaN where the cell holds no number: --.-, OL, <30, nothing."""
    try:
        return np.array(list(map(float, cells)), np.float64)
    except ValueError:
        pass
    joined = "\n".join(cells)
    if "," in joined and "." not in joined:
        try:
            return np.array(list(map(float, joined.replace(",", ".").split("\n"))), np.float64)
        except ValueError:
            pass
    return np.array([_level(cell) for cell in cells], np.float64)


def _level(cell: str) -> float:
    match = _NUMBER.fullmatch(cell.strip())
    return float(match.group(1).replace(",", ".")) if match else np.nan


def is_level(cell: str) -> bool:
    """A number such as a meter shows."""
    level = _level(cell)
    return bool(np.isfinite(level)) and LOWEST <= level <= HIGHEST
