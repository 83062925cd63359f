"""What a kernel hands over, once a second."""

from collections import namedtuple

# n: samples. Z, C, A: sums of squares. C_peak, fast_*, slow_*: squares and mean squares.
# raw_*: of the 24-bit input before any filter. All in units of one step of that input.
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
Found = namedtuple("Found", _FIELDS)

_FAST_MAX = _FIELDS.index("fast_max")


def together(parts):
    """One `Found` of several that follow one another."""
    if len(parts) == 1:
        return parts[0]
    return Found(
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


def with_fast_max(found, fast_max):
    """The same with another Fast maximum."""
    return Found(*(found[:_FAST_MAX] + (fast_max,) + found[_FAST_MAX + 1 :]))
