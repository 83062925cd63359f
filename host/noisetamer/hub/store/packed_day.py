"""A past day of a unit in a few blobs: its records as they came, and its minutes. Lossless, pure.

Levels stand once, beside the records that brought them: of a record its payload is made again from
them, to the byte, and where it cannot be it is kept as it came. Minutes are what the records say;
only what they do not say so is kept of them. Numbers become bytes in `packed_numbers`; zlib's
check value tells a spoilt blob.

Form 1, of older hubs and of minutes that are nobody's: minutes and payloads each by themselves.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from noisetamer.hub import coded_levels, coding_levels
from noisetamer.hub.store import packed_numbers as numbers
from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from tamer.record import encoding
from tamer.record.reading import MISSING, PACKED

DAY = 86_400
LONGEST = 16
"""Seconds in a record at most (record/encoding.py): it is named by its last one."""
NAME = 8
"""Bytes of a digest by which minutes name the records that say them."""

_ALONE = 1
_SHARED = 2
OF_RECORDS = bytes([_SHARED])
"""Packed minutes that begin so are read with their records."""

_CODED = bytes([encoding.CODED_SECONDS])
_RECORDS = "<BI"
# Form, how many, bytes of the levels.
_SHARED_RECORDS = "<BII"
# Form, of how many blobs of records, CRC-32 of all columns.
_SHARED_MINUTES = "<BHI"


class Kept(NamedTuple):
    """A record of a boot. t: of its last second, Unix s; received: by the hub's clock, Unix s."""

    seq: int
    t: int
    received: float
    body: bytes


class Heard(NamedTuple):
    """What packed records say. ts: last second of each, from the begin of the first one's day on;
    counts: how many seconds of each are here; columns: shape (5, n), of all in their order.
    """

    ts: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    columns: Columns


def pack_columns(columns: Columns, records: Mapping[bytes, bytes] | None = None) -> bytes:
    """columns: shape (5, n), as stored; records: {digest: packed}, those of this day."""
    if not records:
        return bytes([_ALONE]) + numbers.zipped(numbers.planes(numbers.codes_of(columns)))
    said = _said(records.values())
    edges = np.diff((said != columns).any(axis=0), prepend=False, append=False)
    runs = np.flatnonzero(edges).astype("<u4").reshape(-1, 2)
    others = columns[:, _places(runs[:, 0], runs[:, 1])]
    names = b"".join(name[:NAME] for name in records)
    head = struct.pack(_SHARED_MINUTES, _SHARED, len(records), _check(columns))
    runs_told = struct.pack("<I", len(runs)) + runs.T.tobytes()
    return head + names + numbers.zipped(runs_told + numbers.of_levels(others))


def names_in(packed: bytes) -> list[bytes]:
    """NAME bytes of the digest of each blob of records that packed minutes are read with."""
    if packed[:1] != OF_RECORDS:
        return []
    begin = struct.calcsize(_SHARED_MINUTES)
    return [packed[at : at + NAME] for at in range(begin, _behind_names(packed), NAME)]


def unpack_columns(packed: bytes, records: Mapping[bytes, bytes] | None = None) -> Columns:
    """The reverse of `pack_columns`. records: at least those it names; others may be there.

    Raises ValueError for what is spoilt.
    """
    if packed[:1] != OF_RECORDS:
        planes = np.frombuffer(numbers.unzipped(packed, _ALONE, 1), "u1").reshape(2, 5, -1)
        return numbers.levels_of(planes[0].astype("<u2") | (planes[1].astype("<u2") << 8))
    there = {digest[:NAME]: blob for digest, blob in (records or {}).items()}
    if any(name not in there for name in names_in(packed)):
        raise ValueError("a packed day lacks records that say its levels")
    columns = _said([there[name] for name in names_in(packed)])
    places, others = of_no_record(packed)
    columns[:, places] = others
    if _check(columns) != struct.unpack_from(_SHARED_MINUTES, packed)[2]:
        raise ValueError("a packed day is spoilt: its records say other levels than they did")
    return columns


def of_no_record(packed: bytes) -> tuple[npt.NDArray[np.int64], Columns]:
    """(seconds of the day, their columns) that packed minutes have besides their records', or in
    the place of what those say. Raises ValueError for what is spoilt, or read without records.
    """
    reader = numbers.Reader(numbers.unzipped(packed, _SHARED, _behind_names(packed)))
    (n,) = struct.unpack("<I", reader.take(4))
    begins, ends = np.frombuffer(reader.take(8 * n), "<u4").reshape(2, n)
    if n and ends.max() > DAY:
        raise ValueError("a packed day is spoilt: its levels have no place")
    places = _places(begins, ends)
    return places, reader.levels(len(places))


def pack_records(records: Sequence[Kept], known: Columns | None = None) -> bytes:
    """records: of one boot, by seq. known: shape (5, DAY), levels of the day of the first, as far
    as they are known: what they tell rightly need not be decoded.
    """
    n, begin = len(records), records[0].t // DAY * DAY
    seqs, ts, received = _numbers(records)
    counts, columns = _heard(records, begin, known)
    heads = np.zeros((n, encoding.HEAD_BYTES), "u1")
    for row, one in zip(heads, records, strict=True):
        head = one.body[: encoding.HEAD_BYTES]
        row[: len(head)] = bytearray(head)
    plain = [one.body for one, count in zip(records, counts, strict=True) if not count]
    levels = numbers.zipped(
        # as a rule each is as long as the one before, and begins where that ends
        numbers.few(numbers.differences(counts))
        + numbers.few(numbers.differences(ts - begin) - counts)
        + numbers.of_levels(columns)
    )
    parts = [
        struct.pack("<q", begin),
        numbers.planes(numbers.differences(seqs)),
        numbers.planes(numbers.differences(received)),
        numbers.differences(heads).T.tobytes(),
        numbers.planes(np.array([len(one) for one in plain], "<u2")),
        *(one[encoding.HEAD_BYTES :] for one in plain),
    ]
    return (
        struct.pack(_SHARED_RECORDS, _SHARED, n, len(levels))
        + levels
        + numbers.zipped(b"".join(parts))
    )


def unpack_records(packed: bytes) -> list[Kept]:
    """The reverse of `pack_records`. Raises ValueError for what is spoilt."""
    if packed[:1] == bytes([_ALONE]):
        return _unpack_alone(packed)
    heard = heard_in(packed)
    _, n, size = struct.unpack_from(_SHARED_RECORDS, packed)
    reader = numbers.Reader(
        numbers.unzipped(packed, _SHARED, struct.calcsize(_SHARED_RECORDS) + size)
    )
    (begin,) = struct.unpack("<q", reader.take(8))
    seqs, received = (numbers.sums(reader.numbers("<i8", n)) for _ in range(2))
    heads = reader.heads(n)
    codes = np.frombuffer(heads, "u1")[:: encoding.HEAD_BYTES]
    made = _payloads(codes[heard.counts > 0], heard)
    sizes = reader.numbers("<u2", int((heard.counts == 0).sum()))
    payloads, plain = iter(made), iter(sizes.tolist())
    found = []
    for i, (seq, t, at, count) in enumerate(
        zip(
            seqs.tolist(),
            (begin + heard.ts).tolist(),
            received.view("<f8").tolist(),
            heard.counts.tolist(),
            strict=True,
        )
    ):
        head = heads[i * encoding.HEAD_BYTES : (i + 1) * encoding.HEAD_BYTES]
        if count:
            body = head + next(payloads)
        else:
            size = next(plain)
            body = head[:size] + reader.take(max(0, size - encoding.HEAD_BYTES))
        found.append(Kept(seq, t, at, body))
    if reader.left():
        raise ValueError("a packed day has something left over")
    return found


def heard_in(packed: bytes) -> Heard:
    """What packed records say; nothing in form 1. Raises ValueError for what is spoilt."""
    if packed[:1] == bytes([_ALONE]):
        nothing = np.zeros(0, np.int64)
        return Heard(nothing, nothing, np.zeros((5, 0), np.int32))
    try:
        _, n, size = struct.unpack_from(_SHARED_RECORDS, packed)
    except struct.error:
        raise ValueError("a packed day is too short") from None
    begin = struct.calcsize(_SHARED_RECORDS)
    reader = numbers.Reader(numbers.unzipped(packed, _SHARED, begin, begin + size))
    counts = numbers.sums(reader.few("<i8", n))
    ts = numbers.sums(reader.few("<i8", n) + counts)
    return Heard(ts, counts, reader.levels(int(counts.sum())))


def say(columns: Columns, packed: Iterable[bytes], at: int = 0) -> None:
    """Put into columns, shape (5, n), what records say, later ones over those before. at: place of
    their day's first second, which may be outside. Raises ValueError for what is spoilt.
    """
    for blob in packed:
        _say(columns, heard_in(blob), at)


def _say(columns: Columns, heard: Heard, at: int) -> None:
    begins = heard.ts - heard.counts + 1 + at
    ends = begins + heard.counts
    # stretches in which each record begins where the one before it ends
    first = np.flatnonzero(np.concatenate(([True], begins[1:] != ends[:-1]))[: len(begins)])
    behind = np.cumsum(heard.counts)
    for a, b in zip(first.tolist(), [*first[1:].tolist(), len(begins)], strict=True):
        begin, end = int(begins[a]), int(ends[b - 1])
        from_begin = int(behind[a] - heard.counts[a]) - begin
        begin, end = max(begin, 0), min(end, columns.shape[1])
        if begin < end:
            columns[:, begin:end] = heard.columns[:, begin + from_begin : end + from_begin]


def _unpack_alone(packed: bytes) -> list[Kept]:
    try:
        _, n = struct.unpack_from(_RECORDS, packed)
    except struct.error:
        raise ValueError("a packed day is too short") from None
    reader = numbers.Reader(numbers.unzipped(packed, _ALONE, struct.calcsize(_RECORDS)))
    seqs, ts, received = (numbers.sums(reader.numbers("<i8", n)) for _ in range(3))
    sizes = reader.numbers("<u2", n).tolist()
    heads = reader.heads(n)
    found = []
    for i, (seq, t, at, size) in enumerate(
        zip(seqs.tolist(), ts.tolist(), received.view("<f8").tolist(), sizes, strict=True)
    ):
        head = heads[i * encoding.HEAD_BYTES :][: min(size, encoding.HEAD_BYTES)]
        found.append(Kept(seq, t, at, head + reader.take(size - len(head))))
    if reader.left():
        raise ValueError("a packed day has something left over")
    return found


def _said(packed: Iterable[bytes]) -> Columns:
    """The seconds of a day as its records say them."""
    # First: beside other large arrays, inflating takes twice as long (page faults).
    found = [heard_in(blob) for blob in packed]
    columns = np.full((5, DAY), MISSING, np.int32)
    columns[-1] = NOT_RECEIVED
    for heard in found:
        _say(columns, heard, 0)
    return columns


def _heard(
    records: Sequence[Kept], begin: int, known: Columns | None
) -> tuple[npt.NDArray[np.int64], Columns]:
    """(how many seconds of each are kept as levels, these): of those whose payload comes back."""
    told: list[Columns | None] = []
    for one in records:
        part = None
        if known is not None and one.body[:1] == _CODED and len(one.body) > encoding.HEAD_BYTES:
            count = encoding.how_many(one.body)
            at = one.t - begin - count + 1
            part = known[:, at : at + count] if 0 <= at <= DAY - count else None
        told.append(part)
    for attempt in (_decoded, lambda body: None):
        if not (wrong := _not_made_again(records, told)):
            break
        for i in wrong:
            told[i] = attempt(records[i].body)
    parts = [part for part in told if part is not None]
    counts = np.array([0 if part is None else part.shape[1] for part in told], np.int64)
    return counts, _together(parts)


def _not_made_again(records: Sequence[Kept], told: Sequence[Columns | None]) -> list[int]:
    """Those whose levels are not known, or make another payload."""
    there = [i for i, part in enumerate(told) if part is not None]
    parts = [part for part in told if part is not None]
    codes = np.array([records[i].body[0] for i in there], "u1")
    counts = np.array([part.shape[1] for part in parts], np.int64)
    made = dict(zip(there, _payloads(codes, Heard(counts, counts, _together(parts))), strict=True))
    return [
        i
        for i, one in enumerate(records)
        if i not in made or made[i] != one.body[encoding.HEAD_BYTES :]
    ]


def _payloads(codes: npt.NDArray[np.uint8], heard: Heard) -> list[bytes]:
    """Of each record that says anything. codes: of each of these."""
    counts = heard.counts[heard.counts > 0]
    coded = codes == encoding.CODED_SECONDS
    of_coded = np.repeat(coded, counts)
    sizes = PACKED * counts
    made = b""
    if coded.any():
        made, sizes[coded] = coding_levels.encode(heard.columns[:, of_coded], counts[coded])
    ends = np.where(coded, np.cumsum(sizes * coded), len(made) + np.cumsum(sizes * ~coded))
    made += heard.columns[:, ~of_coded].T.astype("<i2").tobytes()
    return [
        made[end - size : end] for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)
    ]


def _decoded(body: bytes) -> Columns | None:
    """The seconds of a record, where it is one of Seconds."""
    payload = body[encoding.HEAD_BYTES :]
    if not payload:
        return None
    if body[:1] == bytes([encoding.SECONDS]) and len(payload) % PACKED == 0:
        columns = np.frombuffer(payload, "<i2").reshape(-1, 5).T.astype(np.int32)
        columns[-1] &= 0xFFFF
        return columns
    if body[:1] != _CODED:
        return None
    try:
        seconds = coded_levels.decode(0, payload)
    except ValueError:
        return None
    return np.array([second[1:] for second in seconds], np.int32).T


def _together(parts: Sequence[Columns]) -> Columns:
    return np.concatenate([np.zeros((5, 0), np.int32), *parts], axis=1)


def _check(columns: Columns) -> int:
    return zlib.crc32(columns.astype("<i2", order="C").data)


def _places(begins: npt.NDArray[Any], ends: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """All from each begin to before its end."""
    parts = [np.arange(a, b) for a, b in zip(begins.tolist(), ends.tolist(), strict=True)]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _behind_names(packed: bytes) -> int:
    begin = struct.calcsize(_SHARED_MINUTES)
    if len(packed) < begin:
        raise ValueError("a packed day is too short")
    return begin + NAME * struct.unpack_from(_SHARED_MINUTES, packed)[1]


def _numbers(records: Sequence[Kept]) -> list[npt.NDArray[np.int64]]:
    seqs, ts, received, _ = zip(*records, strict=True)
    return [
        np.array(seqs, "<i8"),
        np.array(ts, "<i8"),
        # As the integers that their bytes are: every bit comes back.
        np.array(received, "<f8").view("<i8"),
    ]
