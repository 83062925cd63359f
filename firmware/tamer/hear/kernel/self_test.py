"""Whether a kernel gives the right answer on this chip; run at every start."""

from array import array

_SAMPLES = 960
_TOLERANCE = 0.02  # of an energy: 0.09 dB

# None, and as many shelves as there may be, each of which changes much of the vector.
EQUALISERS = ((1.0, ()), (1.3, ((0.3, 1.5), (0.5, -0.5), (0.9, -0.3))))

QUANTITIES = ("Z", "C", "A", "C_peak", "fast_max", "fast_min", "slow_max", "slow_min")

# Of each equaliser: the QUANTITIES of the vector when it comes the second time, so that the
# detectors have a value to begin with; by the designed chain in double precision.
# tests/firmware/hear/kernel/test_self_test.py computes them again.
_EXPECTED = (
    (
        5.303412e15,
        2.119775e15,
        2.950970e15,
        1.282983e13,
        8.430817e11,
        4.558323e11,
        1.206624e11,
        6.102715e10,
    ),
    (
        8.962669e15,
        3.318905e15,
        4.689765e15,
        2.015299e13,
        1.339424e12,
        7.242592e11,
        1.917281e11,
        9.697728e10,
    ),
)


def vector():
    """20 ms of noise from a linear congruential generator, half of full scale, 24 bits of 32."""
    words = array("i", bytes(4 * _SAMPLES))
    _fill(words)
    return words


def _fill(words):
    x = 1
    for i in range(_SAMPLES):
        x = (x * 16807) % 2147483647
        words[i] = ((x >> 8) - 0x400000) << 8


def passes(kernel):
    """Whether such kernels give the known answers with each equaliser, every one within 2 %."""
    # One piece of memory for all: a box without PSRAM has few as long.
    words = array("i", bytes(4 * _SAMPLES))
    for equaliser, expected in zip(EQUALISERS, _EXPECTED):
        fresh = kernel(1, equaliser)
        _answer(fresh, words)
        sums = _answer(fresh, words)
        for name, right in zip(QUANTITIES, expected):
            if abs(getattr(sums, name) - right) > _TOLERANCE * right:
                return False
    return True


def _answer(kernel, words):
    _fill(words)
    kernel.run(words, _SAMPLES)
    return kernel.take()
