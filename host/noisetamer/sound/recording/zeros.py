"""Runs of exact zeros: a place that was set aside and never written, or a dropout.

No microphone delivers them for long: the least step of 16 bits is far below its own noise.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from noisetamer.sound.recording.plain import Stretch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_S = 1.0  # edited recordings are padded with up to half a second


class Runs:
    """Those of LEAST_S or longer in what is added, block by block."""

    def __init__(self, rate: int):
        self._least = max(2, round(LEAST_S * rate))
        self._found: list[tuple[int, int]] = []
        self._added = 0
        self._last = 0  # end of the last sample that is not zero

    @property
    def open(self) -> int:
        """Zeros at the end of what was added."""
        return self._added - self._last

    def add(self, samples: "NDArray[np.number] | Stretch") -> None:
        """The next samples, of one channel."""
        # A part no longer than the shortest run can hold one at its edges only: the single zeros
        # of a quiet recording are millions.
        for at in range(0, len(samples), self._least):
            self._add(samples[at : at + self._least])

    def found(self) -> list[tuple[int, int]]:
        """(first sample, end) of each run, in order; one at the end of what was added too."""
        return [*self._found, *self._to(self._added)]

    def _add(self, part: "NDArray[np.number] | Stretch") -> None:
        begin, self._added = self._added, self._added + len(part)
        sounding = part.sounding() if isinstance(part, Stretch) else _sounding(part)
        if sounding:
            self._found += self._to(begin + sounding[0])
            self._last = begin + sounding[1]

    def _to(self, end: int) -> list[tuple[int, int]]:
        return [(self._last, end)] if end - self._last >= self._least else []


def _sounding(part: "NDArray[np.number]") -> tuple[int, int] | None:
    """As `Stretch.sounding`."""
    if part[0] and part[-1]:
        return 0, len(part)
    (sounding,) = part.nonzero()
    return (int(sounding[0]), int(sounding[-1]) + 1) if len(sounding) else None


def told(found: Iterable[tuple[int, int]], rate: int) -> str:
    """ "3.000 to 4.250 s, and twice more"."""
    (begin, end), *more = found
    also = f" and {len(more)} more" if more else ""
    return f"{begin / rate:.3f} to {end / rate:.3f} s{also}"
