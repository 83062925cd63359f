"""Seconds in a fifth to a third of their plain bytes: differences in a Rice code. Pure.

Of each second LAeq, and what the three other levels have beyond what it lets expect, as the
difference from the second before; the smaller, the shorter. After: R. F. Rice, Some Practical
Universal Noiseless Coding Techniques, JPL 79-22 (1979); a parameter for each level and record.
"""

from tamer.record.reading import MISSING

# Of the first second of a record: LAeq as it is, the others from what is usual in a street.
FIRST = 11
FAR = (1 << FIRST) - 1  # the level itself follows, as 16 bits
USUAL = (0, 15, 80, 200)
FIRST_K = (4, 6, 6)

K_BITS = 3
_LARGEST_K = 7
# So long a run of zeros says that the level itself follows, as 16 bits.
ESCAPE = 20

NOTHING = (MISSING, MISSING, MISSING, MISSING)


def encode(batch):
    """The bytes of 1 to 16 Seconds, without their times; `level_decoding` gives them back."""
    n = len(batch)
    flags = [second.flags for second in batch]
    heard = [second for second in batch if second[1:5] != NOTHING]
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
            bits = (bits << 1) | (second[1:5] != NOTHING)
    if heard:
        bits, length = _levels(bits, length, heard)
    spare = -length % 8
    return (bits << spare).to_bytes((length + spare) // 8, "big")


def _levels(bits, length, heard):
    _, A, F, C, P, _ = heard[0]
    far, first = not 0 <= A < FAR, A
    # The codes in their order, and of each level the sum of them.
    codes = [F - A - USUAL[1], C - A - USUAL[2], P - A - USUAL[3]]
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
        bits = (bits << K_BITS) | k
    bits, length = (bits << FIRST) | (FAR if far else first), length + 4 * K_BITS + FIRST
    if far:
        bits, length = (bits << 16) | (first & 0xFFFF), length + 16
    # The first second has three; from then on each level has its own parameter in turn.
    of_all = FIRST_K + tuple(ks) * (len(heard) - 1)
    # Several in one small number, for each change of a large one makes garbage of its size.
    few, width = 0, 0
    for i, code, k in zip(range(len(codes)), codes, of_all):
        zigzag = (code << 1) ^ (code >> 20)
        zeros = zigzag >> k
        if zeros < ESCAPE:
            # The run of zeros, a one, and the lowest k bits of the number.
            size = zeros + 1 + k
            few = (few << size) | (zigzag - ((zeros - 1) << k))
            width += size
        else:
            level = heard[(i + 1) // 4][1 + (i + 1) % 4]
            few = (few << (ESCAPE + 16)) | (level & 0xFFFF)
            width += ESCAPE + 16
        if width > 15:
            bits, length = (bits << width) | few, length + width
            few = width = 0
    return (bits << width) | few, length + width


def _parameter(total, n):
    """That makes n codes whose sum is `total` shortest, nearly: 2**k is their mean by ln 2."""
    k = 0
    while k < _LARGEST_K and 7 * (n << k) < 10 * total:
        k += 1
    return k
