"""Block size must not change a reading."""

import numpy as np

from noisetamer.sound.kernels.signal import BLOCK, Signal
from noisetamer.sound.standards.signals import RATE, level, quantised
from noisetamer.sound.verify.check import Check, Section, about
from noisetamer.sound.verify.kernels import Kernel
from tamer.hear.kernel.block_sums import BlockSums

SIZES = (48, 441, 1024, 6000, 8192)
_SUMS = ("Z", "C", "A")
_SQUARES = ("C_peak", "fast_max", "fast_min", "slow_max", "slow_min")


def blocks(kernel: Kernel) -> Section:
    """Noise whose level rises by 60 dB, in blocks from 1 ms to 171 ms."""
    rng = np.random.default_rng(61672)
    rise = np.geomspace(1e-4, 0.1, 2 * RATE)
    sound = quantised(rise * rng.standard_normal(2 * RATE))
    (usual,), *others = kernel.hear(
        [Signal(sound, [len(sound)], size) for size in (BLOCK, *SIZES)]
    )
    return Section(
        "blocks",
        "Independence of the block size",
        "",
        f"Every level the kernel finds, against blocks of {BLOCK} samples.",
        [
            Check(
                f"largest change in blocks of {size} samples",
                _distance(usual, other),
                about(0.0, kernel.limits.blocks),
            )
            for size, (other,) in zip(SIZES, others, strict=True)
        ],
    )


def _distance(one: BlockSums, other: BlockSums) -> float:
    """The largest difference of any level, dB."""
    pairs = [
        *((level(getattr(f, name) / f.n) for f in (one, other)) for name in _SUMS),
        *((level(getattr(f, name)) for f in (one, other)) for name in _SQUARES),
    ]
    return max(abs(b - a) for a, b in pairs)
