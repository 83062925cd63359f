"""Seconds in a fifth to a third of their plain bytes: differences in a Rice code. Pure.

Of each second LAeq, and what the three other levels have beyond what it lets expect, as the
difference from the second before; the smaller, the shorter. After: R. F. Rice, Some Practical
Universal Noiseless Coding Techniques, JPL 79-22 (1979); a parameter for each level and record.
"""

from tamer.record.reading import MISSING, Second

# Of the first second of a record: LAeq as it is, the others from what is usual in a street.
_FIRST = 11
_FAR = (1 << _FIRST) - 1  # the level itself follows, as 16 bits
_USUAL = (0, 15, 80, 200)
_FIRST_K = (4, 6, 6)

_K_BITS = 3
_LARGEST_K = 7
# So long a run of zeros says that the level itself follows, as 16 bits.
_ESCAPE = 20

_NOTHING = (MISSING, MISSING, MISSING, MISSING)


def encode(batch):
    """The bytes of 1 to 16 Seconds, their times left out; `decode` gives back just these."""
    n = len(batch)
    flags = [second.flags for second in batch]
    heard = [second for second in batch if second[1:5] != _NOTHING]
    # Flags of 0 throughout are one bit; else each is one bit, and 5 or 17 more where it changes.
    bits, length = (n - 1) << 1, 6
    if any(flags):
        bits, before = bits | 1, 0
        for flag in flags:
            if flag == before:
                bits, length = bits << 1, length + 1
            elif flag < 16:
                bits, length = (bits << 6) | 0x20 | flag, length + 6
            else:
                bits, length = (bits << 18) | 0x30000 | flag, length + 18
            before = flag
    bits <<= 1
    if len(heard) != n:
        bits, length = bits | 1, length + n
        for second in batch:
            bits = (bits << 1) | (second[1:5] != _NOTHING)
    if heard:
        bits, length = _levels(bits, length, heard)
    spare = -length % 8
    return (bits << spare).to_bytes((length + spare) // 8, "big")


def _levels(bits, length, heard):
    _, A, F, C, P, _ = heard[0]
    far, first = not 0 <= A < _FAR, A
    # The codes in their order, and of each level the sum of them.
    codes = [F - A - _USUAL[1], C - A - _USUAL[2], P - A - _USUAL[3]]
    a = f = c = p = 0
    for _, A1, F1, C1, P1, _ in heard[1:]:
        dA, dC = A1 - A, C1 - C
        dF, dP = F1 - F - dA, P1 - P - dC
        dC -= dA >> 1
        A, F, C, P = A1, F1, C1, P1
        a += dA if dA >= 0 else -dA
        f += dF if dF >= 0 else -dF
        c += dC if dC >= 0 else -dC
        p += dP if dP >= 0 else -dP
        codes += (dA, dF, dC, dP)
    ks = [_parameter(total, len(heard) - 1) for total in (a, f, c, p)]
    for k in ks:
        bits = (bits << _K_BITS) | k
    bits, length = (bits << _FIRST) | (_FAR if far else first), length + 4 * _K_BITS + _FIRST
    if far:
        bits, length = (bits << 16) | (first & 0xFFFF), length + 16
    # The first second has three; from then on each level has its own parameter in turn.
    of_all = _FIRST_K + tuple(ks) * (len(heard) - 1)
    for i, k in enumerate(of_all):
        code = codes[i]
        zigzag = (code << 1) ^ (code >> 20)
        zeros = zigzag >> k
        if zeros < _ESCAPE:
            width = zeros + 1 + k
            one = 1 << k
            bits = (bits << width) | one | (zigzag & (one - 1))
        else:
            width = _ESCAPE + 16
            level = heard[(i + 1) // 4][1 + (i + 1) % 4]
            bits = (bits << width) | (level & 0xFFFF)
        length += width
    return bits, length


def _parameter(total, n):
    """That makes n codes whose sum is `total` shortest, nearly: 2**k is their mean by ln 2."""
    k = 0
    while k < _LARGEST_K and 7 * (n << k) < 10 * total:
        k += 1
    return k


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
    found, before = [], None
    for i in range(n):
        levels = _NOTHING
        if heard[i]:
            if before is None:
                ks = [reader.take(_K_BITS) for _ in range(4)]
                levels = _first(reader)
            else:
                levels = _following(reader, ks, before)
            before = levels
        found.append(Second(t + i, *levels, flags[i]))
    if reader.left() >= 8:
        raise ValueError("%d bits are left over behind the seconds" % reader.left())
    return found


def _first(reader):
    A = reader.take(_FIRST)
    if A == _FAR:
        A = _signed(reader.take(16))
    levels = [A]
    for k, usual in zip(_FIRST_K, _USUAL[1:]):
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
            if zeros == _ESCAPE:
                return 0, _signed(self.take(16))
        zigzag = (zeros << k) | self.take(k)
        return (zigzag >> 1) ^ -(zigzag & 1), None
