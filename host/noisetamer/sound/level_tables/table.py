"""What a level table gave."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LevelTable:
    """Levels of consecutive intervals, holes left out; float64[n] of t and level, t rising.

    t: Unix time in s at which each interval begins; of a table that counts seconds from its own
    start, those seconds. level: dB. interval: s. quantity: the one asked for, such as LAeq.
    format: name of its entry in formats.toml. taken: one sentence, what was taken and left out.
    left_out: lines that are no reading, and seconds not whole, counted by reason. offset: s east
    of UTC with which the first stamp was read; None where stamps name their own.
    """

    t: NDArray[np.float64]
    level: NDArray[np.float64]
    interval: float
    quantity: str
    format: str
    taken: str
    left_out: Mapping[str, int]
    offset: float | None = None
