"""One shelf of a microphone's equaliser in viper integers: y = x + g*s; s += k*(x - s).

Its output is c*y, with c such that no sound grows: what follows needs no more bits than without
a shelf. The kernel divides by c in its levels.
"""

from array import array

import micropython
from micropython import const

from tamer.hear.kernel.profile import must_be_equaliser

# As in kernel_int: a 32-bit load is not sign-extended on a 64-bit machine.
_BIAS = const(0x4000000)

_ONE = const(128)

# Words of a shelf: multipliers of x and of s over 128, k as multiplier and shift, s, its
# remainder, the remainder of y.
_FROM_X = const(0)
_FROM_S = const(1)
_LEAK = const(2)
_LEAK_SHIFT = const(3)
_S = const(4)
_R = const(5)
_REST = const(6)

# Its word among kernel_int's results of a block.
_Z_SHIFT = const(0)


def new_shelf(k, g):
    """A shelf at rest. ValueError if k and g are not a shelf of minimum phase that fits."""
    must_be_equaliser(1.0, ((k, g),))
    shift = 0
    while k * 2 ** (shift + 1) < _ONE - 1:
        shift += 1
    from_x, from_s = _ratio(g)
    return array("i", (from_x, from_s + _BIAS, int(k * 2**shift + 0.5), shift, _BIAS, 0, 0))


def shelf_scale(shelf):
    """c: the shelf gives out c times what its k and g say."""
    return shelf[_FROM_X] / _ONE


def _ratio(g):
    """The pair (from_x, from_s) of ratio nearest to g whose sum of sizes stays below 128."""
    most = int((_ONE - 1) / (1 + abs(g)))
    best = (most, _nearest(g * most))
    for from_x in range(most, most // 2, -1):
        from_s = _nearest(g * from_x)
        if from_x + abs(from_s) < _ONE and abs(from_s / from_x - g) < abs(best[1] / best[0] - g):
            best = (from_x, from_s)
    return best


def _nearest(x):
    return int(x + 0.5) if x >= 0 else -int(0.5 - x)


@micropython.viper
def apply_shelf(samples, n: int, shelf, results):
    """Shelve kernel_int's n samples in place; Z's shift is now that of the result."""
    p = ptr32(samples)
    w = ptr32(shelf)
    from_x = int(w[_FROM_X])
    from_s = int(w[_FROM_S]) - _BIAS
    leak = int(w[_LEAK])
    leak_shift = int(w[_LEAK_SHIFT])
    remainder = (1 << leak_shift) - 1
    s = int(w[_S]) - _BIAS
    r = int(w[_R])
    rest = int(w[_REST])
    bits = 0
    i = 0
    while i < n:
        x = int(p[i]) - _BIAS
        rest += from_x * x + from_s * s
        y = rest >> 7
        rest &= 0x7F
        r += leak * (x - s)
        s += r >> leak_shift
        r &= remainder
        bits |= y ^ (y >> 31)
        p[i] = y + _BIAS
        i += 1
    w[_S] = s + _BIAS
    w[_R] = r
    w[_REST] = rest
    shift = 0
    while bits >> shift > 0x7FFF:
        shift += 1
    out = ptr32(results)
    out[_Z_SHIFT] = shift
