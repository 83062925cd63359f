"""The wire. Runs in both Pythons."""

import pytest

from tamer.record import messages
from tamer.record.reading import GAP, Second, missing

pytestmark = pytest.mark.pure

T = 1795431600
BATCH = [Second(T, 683, 701, 752, 880, 0), missing(T + 1, GAP), Second(T + 2, 650, 1, 2, 3, 6)]


def refused(read, message):
    """The sentence with which a message is refused."""
    try:
        read(message)
    except ValueError as wrong:
        return str(wrong) or "without a word"
    raise AssertionError(f"was taken: {message}")


def without(key):
    message = messages.seconds(3, 41, 17, BATCH)
    del message[key]
    return message


def test_seconds_come_back_from_the_wire():
    sent = messages.encode(messages.seconds(3, 41, 17, BATCH))
    message = messages.decode(sent)
    assert (message["b"], message["s"], message["o"]) == (3, 41, 17)
    assert messages.batch(message) == BATCH


def test_bytes_are_read_like_text():
    sent = messages.encode(messages.seconds(3, 41, 17, BATCH))
    assert messages.decode(sent.encode()) == messages.decode(sent)


def test_an_event_comes_back_with_its_fields():
    fields = {"from": "green", "to": "amber", "limit": 650, "level": 671}
    message = messages.decode(messages.encode(messages.event(3, 42, 17, T, "stage", fields)))
    assert message == dict(fields, v=1, b=3, s=42, o=17, t=T, kind="stage")


def test_the_live_number_carries_all_that_a_page_shows():
    message = messages.decode(messages.encode(messages.now(BATCH[0], "red", 650, False)))
    assert message == {
        "v": 1,
        "t": T,
        "LAeq": 683,
        "flags": 0,
        "stage": "red",
        "limit": 650,
        "speaking": False,
    }


def test_ten_seconds_fit_a_packet():
    longest = [Second(T, -32768, -32768, -32768, -32768, 65535)] * 10
    assert len(messages.encode(messages.seconds(2**31, 2**31, 2**31, longest))) < 512


def test_what_is_no_message_is_refused():
    for text in ("", "{", "[1]", "7", "null", '{"t":1}', '{"v":2}', '{"v":"1"}', b"\xff\x00"):
        refused(messages.decode, text)


def test_seconds_without_a_field_are_refused_with_its_name():
    for key in ("t", "LAeq", "LAFmax", "LCeq", "LCpeak", "flags"):
        assert key in refused(messages.batch, without(key))


def test_levels_of_different_number_are_refused():
    message = messages.seconds(3, 41, 17, BATCH)
    message["LCeq"] = [700]
    assert "differ in number" in refused(messages.batch, message)


def test_no_seconds_or_more_than_a_minute_of_them_are_refused():
    for n in (0, 61):
        message = messages.seconds(3, 41, 17, BATCH)
        for key in ("LAeq", "LAFmax", "LCeq", "LCpeak", "flags"):
            message[key] = [0] * n
        assert "1 to 60" in refused(messages.batch, message)


def test_levels_that_are_no_lists_are_refused():
    for levels in (683, None, "683", {"683": 1}, True):
        message = messages.seconds(3, 41, 17, BATCH)
        message["LAeq"] = levels
        refused(messages.batch, message)
