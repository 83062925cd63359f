"""The bytes of a record, and what is JSON beside them. Runs in both Pythons."""

import pytest

from tamer.record import encoding, events, messages
from tamer.record.reading import GAP, Second, missing

pytestmark = pytest.mark.pure

T = 1795431600
BATCH = [Second(T, 683, 701, 752, 880, 0), missing(T + 1, GAP), Second(T + 2, 650, 1, 2, 3, 6)]


def of_seconds(batch=BATCH):
    payload = encoding.of_seconds(batch)
    return encoding.record(encoding.SECONDS, 3, 41, batch[0].t, payload)


def of_event(kind, fields):
    return encoding.record(encoding.EVENT, 3, 42, T, encoding.of_event(kind, fields))


def refused(read, given):
    """The sentence with which it is refused."""
    try:
        read(given)
    except ValueError as wrong:
        return str(wrong) or "without a word"
    raise AssertionError(f"was taken: {given}")


def test_seconds_come_back_with_their_key():
    record = of_seconds()
    assert encoding.head(record) == (encoding.SECONDS, 3, 41, T)
    assert encoding.seconds(record) == BATCH


def test_an_event_comes_back_with_its_fields():
    fields = {"from": "green", "to": "amber", "limit": 650, "level": 671}
    record = of_event("stage", fields)
    assert encoding.head(record) == (encoding.EVENT, 3, 42, T)
    assert encoding.event(record) == ("stage", fields)


def test_the_envelope_says_what_is_gone_before_the_record_and_leaves_it_as_it_is():
    record = of_seconds()
    for previous in (0, 40, 2**32 - 1):
        assert encoding.opened(encoding.enveloped(previous, record))[:3] == (previous, 41, record)


def test_an_envelope_of_older_firmware_says_it_of_the_beginning_of_the_boot():
    record = of_seconds()
    assert encoding.opened(b"\x02\x07\0\0\0" + record)[:3] == (0, 7, record)


def test_no_record_begins_as_json_does():
    assert {of_seconds()[0], of_event("relapse", {"after": 3})[0]}.isdisjoint(b"{[")


def test_the_largest_numbers_and_the_levels_of_a_second_that_was_not_heard_fit():
    longest = [Second(2**32 - 11 + i, -32768, -32768, -32768, -32768, 65535) for i in range(10)]
    payload = encoding.of_seconds(longest)
    record = encoding.record(encoding.SECONDS, 2**32 - 1, 2**32 - 1, longest[0].t, payload)
    assert encoding.seconds(record) == longest
    assert len(encoding.enveloped(1, record)) == 118


def test_seconds_that_find_no_memory_to_be_coded_are_told_plainly():
    def none(batch):
        raise MemoryError

    assert encoding.shortest(BATCH)[0] == encoding.CODED_SECONDS
    level_code = encoding.level_code
    encode, level_code.encode = level_code.encode, none
    try:
        assert encoding.shortest(BATCH) == (encoding.SECONDS, encoding.of_seconds(BATCH))
    finally:
        level_code.encode = encode


def test_an_event_of_chinese_text_comes_back():
    fields = {"message": "\u6cbb\u566a\u8005", "number": 1}
    assert encoding.event(of_event("spoken", fields)) == ("spoken", fields)


def test_what_is_cut_short_is_refused():
    for record, read in ((of_seconds(), encoding.seconds), (of_event("boot", {}), encoding.event)):
        for n in range(encoding.HEAD_BYTES):
            refused(encoding.head, record[:n])
        refused(read, record[: encoding.HEAD_BYTES])
        refused(read, record[:-1])
    for n in range(encoding.ENVELOPE_BYTES):
        refused(encoding.opened, encoding.enveloped(1, of_seconds())[:n])


def test_what_is_no_event_is_refused():
    head = of_event("boot", {})[: encoding.HEAD_BYTES]
    for text in (b"", b"{", b"[]", b"7", b"null", b'["boot"]', b'["boot",[]]', b"\xff\x00"):
        refused(encoding.event, head + text)


def test_an_envelope_of_another_version_is_refused_with_its_number():
    assert "version 7" in refused(encoding.opened, b"\x07" + bytes(20))


def test_the_live_number_carries_all_that_a_page_shows():
    assert messages.now(BATCH[0], "red", 650, False) == {
        "v": 1,
        "t": T,
        "LAeq": 683,
        "flags": 0,
        "stage": "red",
        "limit": 650,
        "speaking": False,
    }
    assert messages.now(BATCH[0], "red", 650, False, [501, 502])["LZ"] == [501, 502]


def test_a_status_is_as_long_as_what_is_known():
    assert messages.status(False) == {"v": 1, "online": False}
    whole = messages.status(True, 3, "0.1.0", T, 0, 0, 4096, 1 << 20, -60, 1)
    assert tuple(sorted(whole)) == tuple(sorted(messages.STATUS_FIELDS))


def test_an_events_values_get_their_names_and_what_is_none_is_left_out():
    assert events.named("spoken", "polite_zh", 2, None) == {"message": "polite_zh", "number": 2}
    assert events.named("spotlight", False) == {"on": False}
