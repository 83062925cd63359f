"""A sound for a kernel: what every kernel's runner on this computer is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 48_000
BLOCK = 2400

Equaliser = tuple[float, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class Signal:
    """A sound for a kernel at rest.

    `samples`: int[n] of 24 bits at 48 kHz. `takes`: sample counts from the beginning, rising,
    at which the kernel is read out; None: after every second and at the end.
    """

    samples: "NDArray[np.integer]"
    takes: Sequence[int] | None = None
    block: int = BLOCK

    @property
    def all_takes(self) -> list[int]:
        """`takes`, or what None stands for."""
        if self.takes is not None:
            return list(self.takes)
        n = len(self.samples)
        return [*range(RATE, n, RATE), n]


def i2s_words(samples: "NDArray[np.integer]") -> bytes:
    """Whole numbers of 24 bits as a microphone sends them: left-aligned in 32 bits."""
    # A plain WAV is measured without it, see sound/recording/plain.py.
    import numpy as np

    return (np.asarray(samples, np.int64) << 8).astype("<i4").tobytes()
