"""A coded record's seconds by tables, in half the time of `tamer.record.level_decoding`. Pure.

A box decodes a record now and then, a hub thousands each second. Each code of Rice's is looked up
by its first bits; a record with flags, with seconds of which nothing was heard or with a code too
long for the table is left to the firmware's own decoding, as is one that is not whole.
"""

from functools import lru_cache

from tamer.record.level_code import FAR, FIRST, FIRST_K, K_BITS, USUAL
from tamer.record.level_decoding import decode as decode_any
from tamer.record.reading import Second

# Bits that a table knows: 8 tables of 4096 entries are 3 MB.
_WIDTH = 12
_MASK = (1 << _WIDTH) - 1
# Of a record: how many seconds, whether it has flags, whether any were not heard; four parameters;
# the first LAeq.
_HEAD = 4 + 2 + 4 * K_BITS + FIRST

_Table = list[tuple[int, int] | None]


def decode(t: int, coded: bytes) -> list[Second]:
    """As `level_decoding.decode`. Raises ValueError."""
    size = 8 * len(coded)
    if size < _HEAD:
        return decode_any(t, coded)
    # zeros behind the end: the last codes need not be as long as a table is wide
    bits = int.from_bytes(coded, "big") << _WIDTH
    left = size - _HEAD
    head = bits >> (left + _WIDTH)
    A = head & FAR
    if A == FAR or head >> (_HEAD - 6) & 3:
        return decode_any(t, coded)
    n = (head >> (_HEAD - 4)) + 1
    of_all = _tables()
    ks = head >> FIRST
    mask = (1 << K_BITS) - 1
    tables = [of_all[ks >> shift & mask] for shift in (3 * K_BITS, 2 * K_BITS, K_BITS, 0)]
    codes: list[int] = []
    for table in [of_all[k] for k in FIRST_K] + tables * (n - 1):
        found = table[bits >> left & _MASK]
        if found is None:
            return decode_any(t, coded)
        codes.append(found[0])
        left -= found[1]
        if left < 0:
            return decode_any(t, coded)
    if left >= 8:
        return decode_any(t, coded)
    F, C, P = (A + usual + code for usual, code in zip(USUAL[1:], codes, strict=False))
    seconds = [Second(t, A, F, C, P, 0)]
    for at in range(3, len(codes), 4):
        dA, dF, dC, dP = codes[at : at + 4]
        A += dA
        F += dF + dA
        dC += dA >> 1
        C += dC
        P += dC + dP
        t += 1
        seconds.append(Second(t, A, F, C, P, 0))
    return seconds


@lru_cache(1)
def _tables() -> list[_Table]:
    return [[_entry(k, word) for word in range(1 << _WIDTH)] for k in range(1 << K_BITS)]


def _entry(k: int, word: int) -> tuple[int, int] | None:
    """(difference, bits of its code) where these bits begin with a whole one."""
    zeros = _WIDTH - word.bit_length()
    size = zeros + 1 + k
    if size > _WIDTH:
        return None
    zigzag = (zeros << k) | (word >> (_WIDTH - size) & ((1 << k) - 1))
    return (zigzag >> 1) ^ -(zigzag & 1), size
