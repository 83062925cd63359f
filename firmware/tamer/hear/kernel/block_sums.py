"""What a kernel hands over for the samples since it was last asked. Pure.

`BlockSums`, in units of one step of the 24-bit input, through the microphone's equaliser:

| field | what |
|---|---|
| n | samples |
| Z, C, A | sum of squares, weighted (IEC 61672-1) |
| C_peak | square of the greatest C-weighted sample |
| fast_max, fast_min, slow_max, slow_min | extremes of the A-weighted Fast and Slow mean squares |
| raw_min, raw_max, raw_sum | of the raw words, before any filter |
"""

from collections import namedtuple

_FIELDS = (
    "n",
    "Z",
    "C",
    "A",
    "C_peak",
    "fast_max",
    "fast_min",
    "slow_max",
    "slow_min",
    "raw_min",
    "raw_max",
    "raw_sum",
)
BlockSums = namedtuple("BlockSums", _FIELDS)

_FAST_MAX = _FIELDS.index("fast_max")


def merged(parts):
    """One BlockSums of several that follow one another."""
    if len(parts) == 1:
        return parts[0]
    return BlockSums(
        sum(part.n for part in parts),
        sum(part.Z for part in parts),
        sum(part.C for part in parts),
        sum(part.A for part in parts),
        max(part.C_peak for part in parts),
        max(part.fast_max for part in parts),
        min(part.fast_min for part in parts),
        max(part.slow_max for part in parts),
        min(part.slow_min for part in parts),
        min(part.raw_min for part in parts),
        max(part.raw_max for part in parts),
        sum(part.raw_sum for part in parts),
    )


def with_fast_max(sums, fast_max):
    """The same with another Fast maximum."""
    return BlockSums(*(sums[:_FAST_MAX] + (fast_max,) + sums[_FAST_MAX + 1 :]))
