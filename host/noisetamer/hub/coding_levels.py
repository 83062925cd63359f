"""Payloads of many coded records at once, as `tamer.record.level_code` makes one. Pure.

A packed day keeps levels and makes the bytes again from them: these choices of parameters stay as
they are, whatever a later firmware's will be. Who packs compares every byte.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from tamer.record.level_code import ESCAPE, FAR, FIRST, FIRST_K, K_BITS, USUAL
from tamer.record.reading import MISSING

# Of a record: how many seconds, whether it has flags; the third says whether some were not heard.
_COUNT = 5
_LARGEST_K = 7

_Ints = npt.NDArray[np.int64]


def encode(columns: npt.NDArray[np.int32], counts: _Ints) -> tuple[bytes, _Ints]:
    """(the payloads, one after the other; the size of each, bytes).

    columns: shape (5, n), of all seconds in their order; counts: how many are of each record, 1 to
    16, n together.
    """
    bits = _Bits(counts)
    flags = columns[4].astype(np.int64) & 0xFFFF
    before = np.roll(flags, 1)
    before[bits.starts] = 0
    small, changed = flags < 16, flags != before
    has_flags = np.logical_or.reduceat(flags != 0, bits.starts)
    bits.of_record(((counts - 1) << 1) | has_flags, _COUNT)
    bits.of_second(
        np.where(changed, np.where(small, 0x20, 0x30000) | flags, 0),
        np.where(changed, np.where(small, 6, 18), 1) * has_flags[bits.record],
    )
    heard = (columns[:4] != MISSING).any(axis=0)
    lost = ~np.logical_and.reduceat(heard, bits.starts)
    bits.of_record(lost.astype(np.int64), 1)
    said = lost[bits.record]
    bits.of_second((heard & said).astype(np.int64), said.astype(np.int64))
    if heard.any():
        _levels(bits, columns[:4, heard].T.astype(np.int64), bits.record[heard])
    return bits.packed()


def _levels(bits: "_Bits", levels: _Ints, record: _Ints) -> None:
    """levels: shape (n, 4), of what was heard; record: of which each is."""
    first = np.flatnonzero(np.diff(record, prepend=-1))
    codes = np.diff(levels, axis=0, prepend=levels[:1])
    codes[:, 3] -= codes[:, 2]
    codes[:, 2] -= codes[:, 0] >> 1
    codes[:, 1] -= codes[:, 0]
    codes[first] = 0
    sums = np.add.reduceat(abs(codes), first, axis=0)
    behind = np.diff(first, append=len(record)) - 1
    ks = sum(
        (7 * (behind << k) < 10 * sums.T).astype(np.int64).T for k in range(_LARGEST_K)
    ) * np.ones_like(sums)
    codes[first] = levels[first] - levels[first, :1] - USUAL
    k = np.repeat(ks, behind + 1, axis=0)
    k[first, 1:] = FIRST_K
    zigzag = (codes << 1) ^ (codes >> 20)
    zeros = zigzag >> k
    coded = zeros < ESCAPE
    values = np.where(coded, (zigzag & ((1 << k) - 1)) | (1 << k), levels & 0xFFFF)
    widths = np.where(coded, zeros + 1 + k, ESCAPE + 16)
    # LAeq of the first is not a difference
    values[first, 0] = widths[first, 0] = 0

    of = record[first]
    for column in ks.T:
        bits.of_record(column, K_BITS, of)
    A = levels[first, 0]
    far = (A < 0) | (A >= FAR)
    bits.of_record(np.where(far, FAR, A), FIRST, of)
    bits.of_record(A[far] & 0xFFFF, 16, of[far])
    bits.together(values.ravel(), widths.ravel(), np.repeat(record, 4))


class _Bits:
    """Of records, each filled up to whole bytes; fields are told in their order in a record."""

    def __init__(self, counts: _Ints) -> None:
        self.starts = np.cumsum(counts) - counts
        self.record = np.repeat(np.arange(len(counts)), counts)
        self._sizes = np.zeros(len(counts), np.int64)
        # Of each: its value, its record, and the bit of that behind its last.
        self._fields: list[tuple[_Ints, _Ints, _Ints]] = []

    def of_record(self, values: _Ints, width: int, record: Any = None) -> None:
        """A field of each of some records, or of all."""
        record = np.arange(len(self._sizes)) if record is None else record
        self._sizes[record] += width
        self._fields.append((values, record, self._sizes[record]))

    def of_second(self, values: _Ints, widths: _Ints) -> None:
        """A field of each second; 0, of width 0, where it has none."""
        self.together(values, widths, self.record)

    def together(self, values: _Ints, widths: _Ints, record: _Ints) -> None:
        """Fields in the order of their records."""
        ends = np.cumsum(widths)
        first = np.flatnonzero(np.diff(record, prepend=-1))
        of, count = record[first], np.diff(first, append=len(record))
        before = ends[first] - widths[first]
        self._fields.append((values, record, ends + np.repeat(self._sizes[of] - before, count)))
        self._sizes[of] += np.add.reduceat(widths, first)

    def packed(self) -> tuple[bytes, _Ints]:
        sizes = (self._sizes + 7) // 8
        begins, n = 8 * (np.cumsum(sizes) - sizes), int(sizes.sum())
        # Words of 32 bits, one before them: no two fields have a bit in common, so that to add is
        # to put together, and a float64 holds each sum.
        words = np.zeros(n // 4 + 2)
        for values, record, ends in self._fields:
            ends = begins[record] + ends
            shifted = values << (-ends & 31)
            last = (ends + 31) >> 5
            words += np.bincount(last, shifted & 0xFFFFFFFF, len(words))
            words += np.bincount(last - 1, shifted >> 32, len(words))
        return words[1:].astype(np.uint32).astype(">u4").tobytes()[:n], sizes
