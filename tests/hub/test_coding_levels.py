"""Payloads that a hub makes again are those that the box made, to the byte."""

import hashlib

import numpy as np
import street
from hypothesis import given
from hypothesis import strategies as st

from noisetamer.hub.coding_levels import encode
from tamer.record import level_code
from tamer.record.reading import MISSING, Second

near, any_level = st.integers(300, 420), st.integers(-32768, 32767)
flags = st.sampled_from([0, 0, 0, 6, 7, 0x16, 0xFFFF])
seconds = st.one_of(
    st.tuples(near, near, near, near, flags),
    st.tuples(any_level, any_level, any_level, any_level, flags),
    st.tuples(*4 * [st.just(MISSING)], flags),
    st.tuples(st.just(MISSING), near, near, near, flags),
)
records = st.lists(st.lists(seconds, min_size=1, max_size=16), min_size=1, max_size=12)


@given(records)
def test_every_record_is_coded_as_a_box_does(told: list[list[tuple[int, ...]]]):
    columns = np.array([second for record in told for second in record], np.int32).T
    made, sizes = encode(columns, np.array([len(record) for record in told]))
    expected = [level_code.encode([Second(0, *one) for one in record]) for record in told]
    assert made == b"".join(expected)
    assert sizes.tolist() == [len(one) for one in expected]


def test_what_is_packed_comes_back_in_years():
    heard: list[tuple[int, ...]] = [second[1:] for second in street.seconds(0, 3200)]
    heard[70:90] = [(MISSING,) * 4 + (2,)] * 20
    heard[500:540] = [(*one[:4], 7) for one in heard[500:540]]
    counts = np.array([10] * 160 + [16] * 50 + [1] * 800)
    made, _ = encode(np.array(heard, np.int32).T, counts)
    # packed days are made of this, whatever a box's encoder has become
    assert hashlib.sha256(made).hexdigest() == (
        "556986a20d9e3f9f86f2a5082a008fa790fa604bcf11a385674735486790ce3a"
    )
