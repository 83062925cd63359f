"""A packed day gives back every level and every byte; a spoilt one says that it is."""

import numpy as np
import pytest
import street
from hypothesis import given
from hypothesis import strategies as st

from noisetamer.hub.store.minutes import NOT_RECEIVED
from noisetamer.hub.store.packed_day import (
    DAY,
    Kept,
    of_no_record,
    pack_columns,
    pack_records,
    unpack_columns,
    unpack_records,
)
from tamer.record import encoding

levels = st.integers(-32768, 32767)
columns = st.lists(
    st.tuples(levels, levels, levels, levels, st.integers(0, 0xFFFF)), min_size=1, max_size=40
)
large = st.integers(0, 2**53)
records = st.dictionaries(
    large,
    st.tuples(large, st.floats(allow_nan=False), st.binary(min_size=1, max_size=60)),
    min_size=1,
    max_size=20,
)


@given(columns)
def test_every_level_and_flag_comes_back(rows: list[tuple[int, ...]]):
    told = np.array(rows, np.int32).T
    assert (unpack_columns(pack_columns(told)) == told).all()


@given(records)
def test_every_byte_of_every_record_comes_back(of: dict[int, tuple[int, float, bytes]]):
    kept = [Kept(seq, *rest) for seq, rest in sorted(of.items())]
    assert unpack_records(pack_records(kept)) == kept


def a_day(begin: int = 20780 * DAY) -> tuple[list[Kept], np.ndarray]:
    """Two hours of it: records, the first of them begun the day before, and the minutes of all."""
    kept, columns = [], np.full((5, DAY), -32768, np.int32)
    columns[-1] = NOT_RECEIVED
    for seq, message in enumerate(street.messages(begin - 4, 7200), 1):
        body = encoding.opened(message).record
        at = begin - 4 + 10 * (seq - 1)
        for second in encoding.seconds(body):
            if second.t >= begin:
                columns[:, second.t - begin] = second[1:]
        kept.append(Kept(seq, at + 9, at + 10.25, body))
    return kept, columns


def test_levels_stand_once_and_both_come_back():
    kept, columns = a_day()
    # plainly: as a box sends them whose memory is in small pieces
    head, plain = kept[7].body[1:13], encoding.of_seconds(encoding.seconds(kept[7].body))
    kept[7] = kept[7]._replace(body=bytes([encoding.SECONDS]) + head + bytes(plain))
    # of an encoder that is not ours: a bit behind the last
    kept[9] = kept[9]._replace(body=kept[9].body[:-1] + bytes([kept[9].body[-1] ^ 1]))
    packed = pack_records(kept, columns)
    assert packed == pack_records(kept)
    assert unpack_records(packed) == kept
    # heard before a restart, by another record, and louder there
    columns[0, 5000:5003] += 90
    columns[:, 9000:9004] = columns[:, 100:104]
    day = pack_columns(columns, {b"d" * 32: packed})
    assert (unpack_columns(day, {b"d" * 32: packed, b"e" * 32: b""}) == columns).all()
    places, _ = of_no_record(day)
    assert places.tolist() == [
        *range(86, 96),
        *range(5000, 5003),
        *range(9000, 9004),
    ]
    assert len(day) < 400


def test_minutes_without_the_records_that_say_them_are_refused():
    kept, columns = a_day()
    packed, name = pack_records(kept), b"d" * 32
    day = pack_columns(columns, {name: packed})
    with pytest.raises(ValueError, match="lacks records"):
        unpack_columns(day)
    with pytest.raises(ValueError, match="lacks records"):
        unpack_columns(day, {b"e" * 32: packed})
    # of the same name, and others
    with pytest.raises(ValueError, match="other levels than they did"):
        unpack_columns(day, {name: pack_records([kept[0], *kept[2:]])})
    for place in range(len(day)):
        spoilt = bytearray(day)
        spoilt[place] ^= 0x55
        with pytest.raises(ValueError, match="packed day"):
            unpack_columns(bytes(spoilt), {name: packed})


def test_a_spoilt_one_is_refused():
    kept = [Kept(seq, 1795431600 + seq, 1795431600.5 + seq, b"body" * 9) for seq in range(300)]
    day = np.full((5, 86400), 500, np.int32)
    for packed, unpack in (
        (pack_records(kept), unpack_records),
        (pack_columns(day), unpack_columns),
    ):
        for place in (0, 7, len(packed) // 2, len(packed) - 1):
            spoilt = bytearray(packed)
            spoilt[place] ^= 0x55
            with pytest.raises(ValueError, match="packed day"):
                unpack(bytes(spoilt))
        with pytest.raises(ValueError, match="packed day"):
            unpack(packed[:5])
