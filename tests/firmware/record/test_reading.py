"""The Second. Runs in both Pythons."""

import pytest

from tamer.record.reading import (
    CLOCK,
    DATED_FROM,
    GAP,
    MISSING,
    OWN_VOICE,
    PACKED,
    REASONS,
    VALID,
    Second,
    is_dated,
    is_judged,
    is_valid,
    missing,
    pack,
    reason,
    unpack,
)

pytestmark = pytest.mark.pure

T = 1795431600


def test_what_is_packed_comes_back():
    seconds = [
        Second(T, 683, 701, 752, 880, VALID),
        missing(T + 1, GAP),
        Second(T + 2, -12, 0, 32767, -32767, OWN_VOICE),
    ]
    assert unpack(T, pack(seconds)) == seconds


def test_a_second_takes_ten_bytes_on_flash():
    assert PACKED == 10
    assert len(pack([missing(T, GAP)] * 6)) == 60
    assert len(pack([])) == 0


def test_the_bytes_are_little_endian_in_the_order_of_the_fields():
    assert pack([Second(T, 1, 2, 3, -2, 0x0106)]) == b"\x01\0\x02\0\x03\0\xfe\xff\x06\x01"


def test_a_second_without_levels_holds_none():
    second = missing(T, GAP)
    assert second.t == T
    assert second[1:5] == (MISSING,) * 4
    assert reason(second) == GAP


def test_a_second_is_valid_or_has_exactly_one_of_the_nine_reasons():
    assert REASONS[VALID] == "valid"
    assert len(REASONS) == len(set(REASONS)) == 10
    for flags in range(10):
        second = Second(T, 683, 701, 752, 880, flags)
        assert reason(second) == flags
        assert is_valid(second) == (flags == VALID)


def test_reserved_bits_say_nothing_about_validity():
    assert is_valid(Second(T, 683, 701, 752, 880, 0xFFF0))
    assert reason(Second(T, 683, 701, 752, 880, 0xFFF0 | GAP)) == GAP


def test_a_second_whose_time_alone_is_unknown_is_judged_one_unheard_is_not():
    assert [why for why in range(10) if is_judged(Second(1, 500, 520, 560, 640, why))] == [0, 8]
    assert not is_judged(missing(1, CLOCK))


def test_a_count_of_seconds_is_no_date():
    assert [is_dated(t) for t in (0, 86400 * 365 * 30, DATED_FROM - 1)] == [False] * 3
    assert is_dated(DATED_FROM)
