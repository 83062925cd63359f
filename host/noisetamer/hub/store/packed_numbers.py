"""Numbers and levels as bytes that zlib makes small: differences from one to the next, low bytes
and high bytes apart. Lossless, pure; of `packed_day.py`.
"""

import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from noisetamer.hub.store.minutes import Columns
from tamer.record import encoding
from tamer.record.level_code import USUAL


def of_levels(columns: Columns) -> bytes:
    """Low bytes, and the few high ones that are any: a million zeros take long to inflate.
    `Reader.levels` is the reverse.
    """
    coded = codes_of(columns)
    return (coded & 0xFF).astype("u1").tobytes() + few((coded >> 8).astype("u1").ravel())


def zipped(raw: bytes) -> bytes:
    """The smaller of two: levels have few repetitions, a quiet day has long ones."""
    found = []
    for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_RLE):
        coder = zlib.compressobj(6, strategy=strategy)
        found.append(coder.compress(raw) + coder.flush())
    return min(found, key=len)


def planes(values: npt.NDArray[Any]) -> bytes:
    """All lowest bytes, then all second ones, and so on."""
    return np.moveaxis(values[..., None].view("u1"), -1, 0).tobytes()


def few(values: npt.NDArray[Any]) -> bytes:
    """Of numbers that are mostly 0 those that are not, and where."""
    places = np.flatnonzero(values).astype("<u4")
    told = planes(differences(places)) + planes(values[places])
    return struct.pack("<I", len(places)) + told


def differences(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Along the first axis; the first as it is. Integers wrap, and wrap back."""
    return np.concatenate([values[:1], values[1:] - values[:-1]])


def sums(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The reverse of `differences`."""
    return np.cumsum(values, axis=0, dtype=values.dtype)


def unzipped(packed: bytes, form: int, begin: int, end: int | None = None) -> bytes:
    """form: the first byte, as it must be. Raises ValueError for what is spoilt."""
    if packed[:1] != bytes([form]):
        raise ValueError("a packed day has a form this hub does not know")
    try:
        return zlib.decompress(packed[begin:end])
    except zlib.error as error:
        raise ValueError(f"a packed day is spoilt: {error}") from None


class Reader:
    """Of what was unzipped, from its begin on. Raises ValueError where it ends too soon."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def left(self) -> int:
        return len(self._raw) - self._at

    def take(self, size: int) -> bytes:
        self._at += size
        if self._at > len(self._raw):
            raise ValueError("a packed day ends too soon")
        return self._raw[self._at - size : self._at]

    def heads(self, n: int) -> bytes:
        """Of n records, one after the other."""
        raw = np.frombuffer(self.take(n * encoding.HEAD_BYTES), "u1")
        return sums(raw.reshape(encoding.HEAD_BYTES, n).T).tobytes()

    def few(self, kind: str, n: int) -> npt.NDArray[Any]:
        """n numbers, of which few are not 0: the reverse of the function `few`."""
        (count,) = struct.unpack("<I", self.take(4))
        places = sums(self.numbers("<u4", count))
        found = np.zeros(n, kind)
        if count and places.max() >= n:
            raise ValueError("a packed day is spoilt: a number has no place")
        found[places] = self.numbers(kind, count)
        return found

    def levels(self, n: int) -> Columns:
        """The reverse of `of_levels`, of n seconds."""
        coded = np.frombuffer(self.take(5 * n), "u1").astype(np.uint16)
        coded |= self.few("u1", 5 * n).astype(np.uint16) << 8
        return levels_of(coded.reshape(5, n))

    def numbers(self, kind: str, n: int) -> npt.NDArray[Any]:
        """n numbers in `planes`; kind: of numpy's, as "<i8"."""
        width = np.dtype(kind).itemsize
        planes = np.frombuffer(self.take(width * n), "u1").reshape(width, n)
        return np.ascontiguousarray(planes.T).view(kind)[:, 0]


def codes_of(columns: Columns) -> npt.NDArray[np.uint16]:
    """columns: shape (5, n). From second to second, as far as the other levels do not let expect
    them; small whatever the sign.
    """
    A, F, C, P, flags = columns.astype("<i2")
    dA = differences(A)
    rows = [
        dA,
        F - A - USUAL[1],
        differences(C) - (dA >> 1),
        P - C - (USUAL[3] - USUAL[2]),
        differences(flags),
    ]
    return _zigzag(np.stack(rows))


def levels_of(coded: npt.NDArray[np.uint16]) -> Columns:
    """The reverse of `codes_of`."""
    dA, F, dC, P, dflags = _unzigzag(coded)
    A, C = sums(dA), sums(dC + (dA >> 1))
    levels = [A, F + A + USUAL[1], C, P + C + (USUAL[3] - USUAL[2]), sums(dflags)]
    columns = np.stack(levels).astype(np.int32)
    columns[-1] &= 0xFFFF
    return columns


def _zigzag(values: npt.NDArray[np.int16]) -> npt.NDArray[np.uint16]:
    return ((values << 1) ^ (values >> 15)).view("<u2")


def _unzigzag(coded: npt.NDArray[np.uint16]) -> npt.NDArray[np.int16]:
    return ((coded >> 1) ^ -(coded & 1)).view("<i2")
