"""Bands and acceptance limits of IEC 61260-1:2014: octaves (b = 1) and third-octaves (b = 3).

Relative attenuation is in dB, frequencies are relative to the exact mid-band frequency.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

G = 10.0**0.3
"""Octave ratio, base ten (5.2)."""

"""Largest deviation of the effective bandwidth by class (5.12)."""

_TABLE = Path(__file__).with_name("iec61260_octave.csv")


@dataclass(frozen=True)
class Limits:
    """Lowest and highest relative attenuation; infinite where nothing is asked."""

    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]


def exact(x: int) -> float:
    """Mid-band frequency in Hz, x third-octaves above 1 kHz."""
    return 1000.0 * G ** (x / 3.0)


def edge(b: int) -> float:
    """Upper band edge relative to the mid-band frequency; its inverse is the lower (5.7)."""
    return G ** (0.5 / b)


def breakpoint(exponent: ArrayLike, b: int) -> NDArray[np.float64]:
    """Where the limit that an octave filter has at G**exponent lies for 1/b-octaves (5.10.4)."""
    octave = G ** np.asarray(exponent, np.float64)
    return 1.0 + (edge(b) - 1.0) / (edge(1) - 1.0) * (octave - 1.0)


def limits(relative: ArrayLike, b: int, performance: int = 1) -> Limits:
    """Acceptance limits of class 1 or 2 at relative frequencies (Table 1, 5.10).

    Between breakpoints they are straight lines over the logarithm of frequency; below the
    mid-band frequency they mirror those above. At a band edge the limits are those inside.
    """
    logarithm = np.abs(np.log(np.asarray(relative, np.float64)))
    exponent, lowest, highest = _table(performance)
    places = np.log(breakpoint(exponent, b))
    beyond = logarithm > places[4] * (1.0 + 1e-9)
    inside = np.minimum(logarithm, places[4])
    return Limits(
        lowest=np.where(
            beyond,
            np.interp(logarithm, places[5:], lowest[5:]),
            np.interp(inside, places[:5], lowest[:5]),
        ),
        highest=np.where(beyond, np.inf, np.interp(inside, places[:5], highest[:5])),
    )


@cache
def _table(performance: int) -> tuple[NDArray[np.float64], ...]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ("exponent", f"class{performance}_minus", f"class{performance}_plus")
    return tuple(np.array([float(row[name]) for row in rows]) for name in columns)
