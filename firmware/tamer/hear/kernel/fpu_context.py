"""The FPU kernel's memory: one array('f'), laid out here and nowhere else.

The kernel's builder on the host, its wrapper on the box and the tests all read this table.
Pure: runs in both Pythons. The numbers are those of noisetamer.sound.design.weighting at 48 kHz.
"""

from array import array

from tamer.hear.kernel.block_sums import BlockSums
from tamer.hear.kernel.profile import MOST_SHELVES

# name, value at start. Leaks (`_k`), shelf gains (`_g`) and the pole pair come first, then
# the states of the filters and detectors, then what `take` hands over and clears.
WORDS = (
    ("direct_current_k", 0.000130891127),
    ("shelf_1_k", 0.0),
    ("shelf_1_g", 0.0),
    ("shelf_2_k", 0.0),
    ("shelf_2_g", 0.0),
    ("shelf_3_k", 0.0),
    ("shelf_3_g", 0.0),
    ("low_k", 0.00269277038),
    ("pole_pair_b2", -0.141856143),
    ("pole_pair_a1", 0.692743857),
    ("pole_pair_a2", -0.121386061),
    ("a_low_k", 0.0139928755),
    ("a_high_k", 0.0920681335),
    ("fast_k", 0.000166652779),
    ("slow_k", 0.0000208331163),
    ("equaliser_gain", 1.0),
    ("direct_current_s", 0.0),
    ("shelf_1_s", 0.0),
    ("shelf_2_s", 0.0),
    ("shelf_3_s", 0.0),
    ("low_1_s", 0.0),
    ("low_2_s", 0.0),
    ("pole_pair_1_s", 0.0),
    ("pole_pair_2_s", 0.0),
    ("a_low_s", 0.0),
    ("a_high_s", 0.0),
    ("fast", 0.0),
    ("slow", 0.0),
    ("Z", 0.0),
    ("C", 0.0),
    ("A", 0.0),
    ("C_peak", 0.0),
    ("fast_max", 0.0),
    ("fast_min", 1e38),
    ("slow_max", 0.0),
    ("slow_min", 1e38),
    ("raw_min", 8388607.0),
    ("raw_max", -8388608.0),
    ("raw_sum", 0.0),
)

AT = {name: index for index, (name, _) in enumerate(WORDS)}
FIRST_TAKEN = AT["Z"]

# Energy gains after which 1 kHz reads 0 dB.
C_GAIN = 0.251815069
A_GAIN = 0.352480806


def new_context(equaliser=(1.0, ())):
    """A context at rest. `equaliser`: (gain, up to three shelves (k, g)), as in a profile of
    boards/: `y = x + g*s; s += k*(x - s)`, k per sample of 48 kHz. ValueError if more."""
    gain, shelves = equaliser
    if len(shelves) > MOST_SHELVES:
        raise ValueError("an equaliser has at most three shelves, not %d" % len(shelves))
    context = array("f", [value for _, value in WORDS])
    context[AT["equaliser_gain"]] = gain
    for i, (k, g) in enumerate(shelves):
        context[AT["shelf_1_k"] + 2 * i] = k
        context[AT["shelf_1_g"] + 2 * i] = g
    return context


def take(context, n):
    """`BlockSums` of the last `n` samples; the sums are cleared for the next."""
    z, c, a, peak, fast_max, fast_min, slow_max, slow_min, low, high, total = (
        context[i] for i in range(FIRST_TAKEN, len(WORDS))
    )
    for i in range(FIRST_TAKEN, len(WORDS)):
        context[i] = WORDS[i][1]
    gain = context[AT["equaliser_gain"]]
    gain *= gain
    c_gain = gain * C_GAIN
    a_gain = gain * A_GAIN
    return BlockSums(
        n,
        z * gain,
        c * c_gain,
        a * a_gain,
        peak * peak * c_gain,
        fast_max * a_gain,
        fast_min * a_gain,
        slow_max * a_gain,
        slow_min * a_gain,
        int(low),
        int(high),
        total,
    )
