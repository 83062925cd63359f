"""A past day of a unit in a few blobs: its minutes, and its records as they came. Lossless, pure.

Levels are differences from second to second, as far as the other levels do not let expect them,
low bytes and high bytes apart; then zlib, whose check value tells a spoilt blob. Records keep
every byte: what is put apart is only put where like meets like.
"""

import struct
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from noisetamer.hub.store.minutes import Columns
from tamer.record import encoding
from tamer.record.level_code import USUAL

DAY = 86_400
_FORM = 1
_RECORDS = "<BI"


class Kept(NamedTuple):
    """A record of a boot. t: of its last second, Unix s; received: by the hub's clock, Unix s."""

    seq: int
    t: int
    received: float
    body: bytes


def pack_columns(columns: Columns) -> bytes:
    """columns: shape (5, n), as stored."""
    A, F, C, P, flags = columns.astype("<i2")
    dA = _differences(A)
    rows = [
        dA,
        F - A - USUAL[1],
        _differences(C) - (dA >> 1),
        P - C - (USUAL[3] - USUAL[2]),
        _differences(flags),
    ]
    coded = _zigzag(np.stack(rows))
    return bytes([_FORM]) + _zipped(_planes(coded))


def unpack_columns(packed: bytes) -> Columns:
    """The reverse of `pack_columns`. Raises ValueError for what is spoilt."""
    planes = np.frombuffer(_unzipped(packed), "u1").reshape(2, 5, -1)
    coded = planes[0].astype("<u2") | (planes[1].astype("<u2") << 8)
    dA, F, dC, P, dflags = _unzigzag(coded)
    A, C = _sums(dA), _sums(dC + (dA >> 1))
    levels = [A, F + A + USUAL[1], C, P + C + (USUAL[3] - USUAL[2]), _sums(dflags)]
    columns = np.stack(levels).astype(np.int32)
    columns[-1] &= 0xFFFF
    return columns


def pack_records(records: Sequence[Kept]) -> bytes:
    """records: of one boot, by seq."""
    n = len(records)
    sizes = np.array([len(one.body) for one in records], "<u2")
    heads = np.zeros((n, encoding.HEAD_BYTES), "u1")
    for row, one in zip(heads, records, strict=True):
        head = one.body[: encoding.HEAD_BYTES]
        row[: len(head)] = bytearray(head)
    parts = [
        *(_planes(_differences(column)) for column in _numbers(records)),
        _planes(sizes),
        _differences(heads).T.tobytes(),
        *(one.body[encoding.HEAD_BYTES :] for one in records),
    ]
    return struct.pack(_RECORDS, _FORM, n) + _zipped(b"".join(parts))


def unpack_records(packed: bytes) -> list[Kept]:
    """The reverse of `pack_records`. Raises ValueError for what is spoilt."""
    try:
        _, n = struct.unpack_from(_RECORDS, packed)
    except struct.error:
        raise ValueError("a packed day is too short") from None
    reader = _Reader(_unzipped(packed, struct.calcsize(_RECORDS)))
    seqs, ts, received = (_sums(reader.numbers("<i8", n)) for _ in range(3))
    sizes = reader.numbers("<u2", n).tolist()
    raw = np.frombuffer(reader.take(n * encoding.HEAD_BYTES), "u1")
    heads = _sums(raw.reshape(encoding.HEAD_BYTES, n).T).tobytes()
    found = []
    for i, (seq, t, at, size) in enumerate(
        zip(seqs.tolist(), ts.tolist(), received.view("<f8").tolist(), sizes, strict=True)
    ):
        head = heads[i * encoding.HEAD_BYTES :][: min(size, encoding.HEAD_BYTES)]
        found.append(Kept(seq, t, at, head + reader.take(size - len(head))))
    if reader.left():
        raise ValueError("a packed day has something left over")
    return found


def _numbers(records: Sequence[Kept]) -> list[npt.NDArray[np.int64]]:
    seqs, ts, received, _ = zip(*records, strict=True)
    return [
        np.array(seqs, "<i8"),
        np.array(ts, "<i8"),
        # As the integers that their bytes are: every bit comes back.
        np.array(received, "<f8").view("<i8"),
    ]


def _differences(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Along the first axis; the first as it is. Integers wrap, and wrap back."""
    return np.concatenate([values[:1], values[1:] - values[:-1]])


def _sums(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.cumsum(values, axis=0, dtype=values.dtype)


def _zigzag(values: npt.NDArray[np.int16]) -> npt.NDArray[np.uint16]:
    return ((values << 1) ^ (values >> 15)).view("<u2")


def _unzigzag(coded: npt.NDArray[np.uint16]) -> npt.NDArray[np.int16]:
    return ((coded >> 1) ^ -(coded & 1)).view("<i2")


def _planes(values: npt.NDArray[Any]) -> bytes:
    """All lowest bytes, then all second ones, and so on."""
    return np.moveaxis(values[..., None].view("u1"), -1, 0).tobytes()


def _zipped(raw: bytes) -> bytes:
    """The smaller of two: levels have few repetitions, a quiet day has long ones."""
    found = []
    for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_RLE):
        coder = zlib.compressobj(6, strategy=strategy)
        found.append(coder.compress(raw) + coder.flush())
    return min(found, key=len)


def _unzipped(packed: bytes, head: int = 1) -> bytes:
    if packed[:1] != bytes([_FORM]):
        raise ValueError("a packed day has a form this hub does not know")
    try:
        return zlib.decompress(packed[head:])
    except zlib.error as error:
        raise ValueError(f"a packed day is spoilt: {error}") from None


class _Reader:
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

    def numbers(self, kind: str, n: int) -> npt.NDArray[Any]:
        width = np.dtype(kind).itemsize
        planes = np.frombuffer(self.take(width * n), "u1").reshape(width, n)
        return np.ascontiguousarray(planes.T).view(kind)[:, 0]
