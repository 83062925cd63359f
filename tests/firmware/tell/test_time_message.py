"""A time server is asked, and answers. Runs in both Pythons."""

import struct

import pytest

from tamer.tell.time_message import query, unix_ms

pytestmark = pytest.mark.pure

STAMP = b"\x01\x02\x03\x04\x05\x06\x07\x08"
NOVEMBER = 1795856400  # 2026-11-28
UNIX = 2208988800


def answer(sent=NOVEMBER, came=None, stratum=2, first=0x24, stamp=STAMP, fraction=0):
    message = bytearray(48)
    message[0], message[1] = first, stratum
    message[24:32] = stamp
    for at, seconds in ((32, sent if came is None else came), (40, sent)):
        if seconds is not None:
            struct.pack_into(">II", message, at, seconds + UNIX & 0xFFFFFFFF, fraction)
    return bytes(message)


def refused(message):
    try:
        unix_ms(message, STAMP, 20)
    except ValueError as why:
        return str(why)
    raise AssertionError("it was taken")


def test_the_question_carries_a_stamp_and_nothing_of_ours():
    assert query(STAMP) == b"\x23" + bytes(39) + STAMP


def test_the_time_is_that_of_the_answer_and_half_the_way():
    assert unix_ms(answer(fraction=1 << 31), STAMP, 40) == 1000 * NOVEMBER + 500 + 20


def test_what_the_server_has_dwelt_on_it_is_no_way():
    assert unix_ms(answer(came=NOVEMBER - 1), STAMP, 1040) == 1000 * NOVEMBER + 20
    assert unix_ms(answer(came=NOVEMBER - 5), STAMP, 40) == 1000 * NOVEMBER
    assert unix_ms(answer(came=NOVEMBER + 5), STAMP, 40) == 1000 * NOVEMBER + 20


def test_the_second_era_begins_in_2036():
    end = (1 << 32) - UNIX
    for seconds in (end - 1, end + 1, 2500000000):
        assert unix_ms(answer(seconds), STAMP, 0) == 1000 * seconds


def test_an_answer_to_somebody_else_is_none():
    assert unix_ms(answer(stamp=bytes(8)), STAMP, 20) is None
    assert unix_ms(answer(first=0x23), STAMP, 20) is None
    assert unix_ms(answer()[:47], STAMP, 20) is None


def test_a_server_that_tells_no_time_is_refused_with_its_reason():
    kiss = bytearray(answer(stratum=0))
    kiss[12:16] = b"RATE"
    assert refused(bytes(kiss)) == "kiss of death RATE"
    assert refused(answer(stratum=16)) == "a server without the time"
    assert refused(answer(first=0xE4)) == "a server without the time"
    zero = bytearray(answer())
    zero[32:48] = bytes(16)
    assert refused(bytes(zero)) == "a stamp of zero"
