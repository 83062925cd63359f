"""Seconds out of the bytes that `level_code` made of them. Pure.

By itself, for a box decodes only what it thins.
"""

from tamer.record.level_code import ESCAPE, FAR, FIRST, FIRST_K, K_BITS, NOTHING, USUAL
from tamer.record.reading import Second


def decode(t, coded):
    """The Seconds that `encode` was given, the first at time t. Raises ValueError."""
    reader = _Bits(coded)
    n = reader.take(4) + 1
    flags = [0] * n
    if reader.take(1):
        before = 0
        for i in range(n):
            if reader.take(1):
                before = reader.take(16 if reader.take(1) else 4)
            flags[i] = before
    heard = [True] * n
    if reader.take(1):
        heard = [reader.take(1) for _ in range(n)]
    found, before, ks = [], None, ()
    for i in range(n):
        levels = NOTHING
        if heard[i]:
            if before is None:
                ks = [reader.take(K_BITS) for _ in range(4)]
                levels = _first(reader)
            else:
                levels = _following(reader, ks, before)
            before = levels
        A, F, C, P = levels
        found.append(Second(t + i, A, F, C, P, flags[i]))
    if reader.left() >= 8:
        raise ValueError("%d bits are left over behind the seconds" % reader.left())
    return found


def _first(reader):
    A = reader.take(FIRST)
    if A == FAR:
        A = _signed(reader.take(16))
    levels = [A]
    for k, usual in zip(FIRST_K, USUAL[1:]):
        difference, level = reader.rice(k)
        levels.append(A + usual + difference if level is None else level)
    return tuple(levels)


def _following(reader, ks, before):
    A0, F0, C0, P0 = before
    difference, A = reader.rice(ks[0])
    A = A0 + difference if A is None else A
    dA = A - A0
    difference, F = reader.rice(ks[1])
    F = F0 + dA + difference if F is None else F
    difference, C = reader.rice(ks[2])
    C = C0 + (dA >> 1) + difference if C is None else C
    difference, P = reader.rice(ks[3])
    P = P0 + C - C0 + difference if P is None else P
    return A, F, C, P


def _signed(word):
    return word - 0x10000 if word & 0x8000 else word


class _Bits:
    def __init__(self, coded):
        self._bits = int.from_bytes(coded, "big")
        self._left = 8 * len(coded)

    def left(self):
        return self._left

    def take(self, n):
        self._left -= n
        if self._left < 0:
            raise ValueError("the bits of the seconds end too soon")
        return (self._bits >> self._left) & ((1 << n) - 1)

    def rice(self, k):
        """(difference, None), or (0, the level itself)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros == ESCAPE:
                return 0, _signed(self.take(16))
        zigzag = (zeros << k) | self.take(k)
        return (zigzag >> 1) ^ -(zigzag & 1), None
