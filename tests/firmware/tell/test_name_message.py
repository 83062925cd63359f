"""A name server is asked, and answers. Runs in both Pythons."""

import random
import struct

import pytest

from tamer.tell.name_message import address, query

pytestmark = pytest.mark.pure

ASKED = query(0x1234, "ntp.example.com")
A, CNAME, AAAA = 1, 5, 28


def entry(kind, data, holds=300, name=b"\xc0\x0c"):
    return name + struct.pack(">HHIH", kind, 1, holds, len(data)) + data


def answer(*entries, flags=0x8180, asked=ASKED):
    head = asked[:2] + struct.pack(">HHHHH", flags, 1, len(entries), 0, 0)
    return head + asked[12:] + b"".join(entries)


def refused(message):
    try:
        address(message, ASKED)
    except ValueError as why:
        return str(why)
    raise AssertionError("it was taken")


def test_the_question_is_as_rfc_1035_has_it():
    assert ASKED == (b"\x12\x34\x01\0\0\1\0\0\0\0\0\0" + b"\3ntp\7example\3com\0" + b"\0\1\0\1")


def test_what_can_be_no_name_is_not_asked_for():
    for name in ("", "a..b", "x" * 64):
        try:
            query(1, name)
        except ValueError:
            continue
        raise AssertionError(name)


def test_the_first_address_and_how_long_it_holds():
    message = answer(entry(A, b"\xc0\0\2\x07"), entry(A, b"\xc0\0\2\x08"))
    assert address(message, ASKED) == ("192.0.2.7", 300)


def test_an_alias_is_followed_by_its_address():
    alias = entry(CNAME, b"\3cdn\xc0\x10", 60)
    far = b"\3cdn\xc0\x10"
    message = answer(alias, entry(AAAA, bytes(16), name=far), entry(A, b"\xcb\0\x71\1", 9, far))
    assert address(message, ASKED) == ("203.0.113.1", 9)


def test_multicast_dns_marks_what_is_its_own():
    asked = query(7, "hub.local")
    message = b"\0\7\x84\0\0\0\0\1\0\0\0\0\3hub\5local\0\0\1\x80\1\0\0\0\x78\0\4\x0a\0\0\2"
    assert address(message, asked) == ("10.0.0.2", 120)


def test_the_answer_to_another_question_is_none():
    other = query(0x1234, "ntp.example.org")
    assert address(answer(entry(A, b"\1\2\3\4"), asked=other), ASKED) is None
    assert address(answer(entry(A, b"\1\2\3\4"), asked=query(1, "a.b")), ASKED) is None
    assert address(ASKED, ASKED) is None
    assert address(b"", ASKED) is None


def test_a_server_that_knows_no_such_name_says_so():
    assert refused(answer(flags=0x8183)) == "answer 3"
    assert refused(answer(flags=0x8182)) == "answer 2"
    assert refused(answer()) == "no address in it"


def test_no_bytes_whatever_do_worse_than_be_refused():
    random.seed(11)
    whole = answer(entry(CNAME, b"\3cdn\xc0\x10"), entry(A, b"\xc0\0\2\x07"))
    for _ in range(500):
        message = bytearray(whole[: random.randrange(len(whole) + 1)])
        for _ in range(random.randrange(4)):
            if len(message) > 2:
                message[random.randrange(2, len(message))] = random.randrange(256)
        try:
            found = address(bytes(message), ASKED)
        except ValueError:
            continue
        assert found is None or len(found[0].split(".")) == 4
