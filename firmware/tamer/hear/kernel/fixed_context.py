"""The fixed-point kernel's memory: one array('i'), laid out here and nowhere else.

The kernel's builders on the host, its wrapper on the box and the tests all read this table.
Pure: runs in both Pythons. Coefficients are those of noisetamer.sound.design.weighting at 48 kHz
in 2**-32; one of 0.5 and more stands as a negative number, as the same bits.
"""

from array import array

from tamer.hear.kernel.block_sums import BlockSums
from tamer.hear.kernel.profile import must_be_equaliser

# name, value at start: where the next block's findings go, in bytes from the start; the dither's
# generator (G. Steele and S. Vigna, Computationally easy, spectrally good multipliers, 2021) and
# its width, one step over low_k; leaks (`_k`) and the pole pair; states. A detector: its leak for
# the mean of four samples and for one, value, what is below the value, shift. A shelf: its leak,
# multipliers of input and state, state.
WORDS = (
    ("found", 0),
    ("shelves", 0),
    ("dither_multiplier", -1814600227),
    ("dither_width", 371),
    ("low_k", 11565361),
    ("pole_pair_b2", -609267492),
    ("pole_pair_a1", -1319655084),
    ("pole_pair_a2", -521349168),
    ("a_low_k", 60098943),
    ("a_high_k", 395429623),
    ("dither", 1),
    ("direct_current_s", 0),
    ("direct_current_r", 0),
    ("low_1_s", 0),
    ("low_2_s", 0),
    ("pole_pair_1_s", 0),
    ("pole_pair_2_s", 0),
    ("a_low_s", 0),
    ("a_high_s", 0),
    ("fast_4_k", 2862357),
    ("fast_k", 715768),
    ("fast", 0),
    ("fast_r", 0),
    ("fast_shift", 0),
    ("slow_4_k", 357899),
    ("slow_k", 89478),
    ("slow", 0),
    ("slow_r", 0),
    ("slow_shift", 0),
    ("shelf_1_k", 0),
    ("shelf_1_x", 0),
    ("shelf_1_g", 0),
    ("shelf_1_s", 0),
    ("shelf_2_k", 0),
    ("shelf_2_x", 0),
    ("shelf_2_g", 0),
    ("shelf_2_s", 0),
    ("shelf_3_k", 0),
    ("shelf_3_x", 0),
    ("shelf_3_g", 0),
    ("shelf_3_s", 0),
)

# What a block leaves. Sums have a low word, unsigned, and a high one.
FOUND = (
    "raw_min",
    "raw_max",
    "raw_sum",  # of the words over 128
    "Z_low",
    "Z_high",
    "C_peak",
    "C_shift",
    "C_low",
    "C_high",
    "A_shift",
    "A_low",
    "A_high",
    "fast_scale",  # its shift
    "fast_max",
    "fast_min",
    "slow_scale",
    "slow_max",
    "slow_min",
)

AT = {name: index for index, (name, _) in enumerate(WORDS)}
FOUND_AT = {name: index for index, name in enumerate(FOUND)}

WORD = 4

# Of one block; the sums of more could overflow.
LONGEST = 8192

# Samples are worked on in 1/32 of a step of the 24-bit input; Z is summed in halves of it.
STEPS = 32
Z_STEPS = 2

# A leak rounds downwards, so a high-pass leaves half a step over its leak: the last one's.
A_OFFSET = 5

# Energy gains after which 1 kHz reads 0 dB.
C_GAIN = 0.251815069
A_GAIN = 0.352480806


def new_context(equaliser=(1.0, ()), blocks=1):
    """A context at rest, with room for what so many blocks leave.

    `equaliser`: as for the FPU kernel; ValueError where it is none of `must_be_equaliser`.
    """
    gain, shelves = equaliser
    must_be_equaliser(gain, shelves)
    context = array("i", bytes(WORD * (len(WORDS) + blocks * len(FOUND))))
    for i, (_, value) in enumerate(WORDS):
        context[i] = value
    context[AT["shelves"]] = len(shelves)
    for i, (k, g) in enumerate(shelves):
        at = AT["shelf_1_k"] + 4 * i
        scale = _shelf_scale(g)
        context[at] = _coefficient(k)
        context[at + 1] = _coefficient(scale)
        context[at + 2] = _coefficient(g * scale)
    return context


def level_gain(equaliser):
    """What energies are multiplied by for an equaliser: its gain, and what the shelves took."""
    gain, shelves = equaliser
    for _, g in shelves:
        gain /= _shelf_scale(g)
    if shelves:
        gain *= 2  # the words are halved first
    return gain * gain


def _shelf_scale(g):
    """A shelf gives out that much less, so that no sound grows and its multipliers fit."""
    return 0.4999 / max(1, abs(g))


def _coefficient(value):
    """In 2**-32; from 0.5 on as a negative number."""
    word = int(value * 4294967296.0 + (0.5 if value >= 0 else -0.5))
    return word - 4294967296 if word > 0x7FFFFFFF else word


def point_to(context, block):
    """Have the next call leave its findings in the room of that block."""
    context[0] = WORD * (len(WORDS) + block * len(FOUND))


def take(context, lengths, count, gain):
    """`BlockSums` of the first `count` blocks, of so many samples each. gain: `level_gain`."""
    n = 0
    z = c = a = 0.0
    peak = fast_max = slow_max = 0.0
    fast_min = slow_min = 1e38
    raw_min, raw_max, raw_sum = 0x7FFFFF, -0x800000, 0.0
    for block in range(count):
        n += lengths[block]
        at = len(WORDS) + block * len(FOUND)
        (
            low,
            high,
            total,
            z_low,
            z_high,
            c_peak,
            c_shift,
            c_low,
            c_high,
            a_shift,
            a_low,
            a_high,
            fast_scale,
            block_fast_max,
            block_fast_min,
            slow_scale,
            block_slow_max,
            block_slow_min,
        ) = context[at : at + len(FOUND)]
        raw_min = min(raw_min, low)
        raw_max = max(raw_max, high)
        raw_sum += total * 128.0
        z += _sum(z_low, z_high)
        c += _sum(c_low, c_high) * 4.0**c_shift
        a += _sum(a_low, a_high) * 4.0**a_shift
        peak = max(peak, c_peak)
        scale = 4.0**fast_scale
        fast_max = max(fast_max, block_fast_max * scale)
        fast_min = min(fast_min, block_fast_min * scale)
        scale = 4.0**slow_scale
        slow_max = max(slow_max, block_slow_max * scale)
        slow_min = min(slow_min, block_slow_min * scale)
    z_gain = gain / Z_STEPS**2
    c_gain = gain * C_GAIN / STEPS**2
    a_gain = gain * A_GAIN / STEPS**2
    return BlockSums(
        n,
        z * z_gain,
        c * c_gain,
        a * a_gain,
        float(peak) * peak * c_gain,
        fast_max * a_gain,
        fast_min * a_gain,
        slow_max * a_gain,
        slow_min * a_gain,
        raw_min,
        raw_max,
        raw_sum,
    )


def _sum(low, high):
    return high * 4294967296.0 + (low + 4294967296.0 if low < 0 else low)
