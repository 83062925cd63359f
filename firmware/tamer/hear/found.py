"""What a kernel hands over, once a second."""

from collections import namedtuple

# n: samples. Z, C, A: sums of squares. C_peak, fast_*, slow_*: squares and mean squares.
# raw_*: of the 24-bit input before any filter. All in units of one step of that input.
Found = namedtuple(
    "Found",
    (
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
    ),
)
