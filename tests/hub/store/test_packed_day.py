"""A packed day gives back every level and every byte; a spoilt one says that it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisetamer.hub.store.packed_day import (
    Kept,
    pack_columns,
    pack_records,
    unpack_columns,
    unpack_records,
)

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
