"""Whether a kernel gives the right answer on this chip; run at every start."""

from array import array

_SAMPLES = 960
_TOLERANCE = 0.02  # of an energy: 0.09 dB

# Z, C, A and C_peak of the vector, from rest, by the designed chain in double precision.
# tests/firmware/hear/kernel/test_self_test.py computes them again.
_EXPECTED = (5.303878e15, 2.124940e15, 2.957087e15, 1.294177e13)


def vector():
    """20 ms of noise from a linear congruential generator, half of full scale, 24 bits of 32."""
    words = array("i", bytes(4 * _SAMPLES))
    x = 1
    for i in range(_SAMPLES):
        x = (x * 16807) % 2147483647
        words[i] = ((x >> 8) - 0x400000) << 8
    return words


def passes(kernel):
    """Whether a fresh kernel gives the known sums of the vector, each within 2 %."""
    kernel.run(vector(), _SAMPLES)
    sums = kernel.take()
    for expected, value in zip(_EXPECTED, (sums.Z, sums.C, sums.A, sums.C_peak)):
        if abs(value - expected) > _TOLERANCE * expected:
            return False
    return True
