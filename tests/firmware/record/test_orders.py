"""An order is the hub's, for this box, and unchanged; or it is none."""

import pytest

from tamer.record import orders

pytestmark = pytest.mark.pure

KEY = "aPeR7-0kz1yX_mQ5r3Jv9tWc2LsB8dHfGhN4uEoIiCk"
ORDER = '{"n":7,"until":1795431600,"verb":"mute","for":3600,"reason":"婚礼 😀"}'
SIGNED = orders.signed(KEY, "SIM-0001", ORDER)

# Of Python's own hmac: hmac.new(KEY, b"order of SIM-0001\n" + ORDER[:-1], "sha256").
MAC = b"1796ff2f5f8f6712102399e127fa02914a44207cab2bdcfc207f983b5fbac43d"


def order(**fields):
    return dict({"n": 7, "until": 1795431600}, **fields)


def refuses(message, key=KEY, unit="SIM-0001"):
    return orders.opened(key, unit, message) is None


def test_it_is_the_standards_mac_over_what_stands_before_it():
    told = ORDER.encode()[:-1] + b',"mac":"' + MAC + b'"}'
    assert orders.signed(KEY, "SIM-0001", ORDER) == told


def test_what_was_signed_is_opened():
    assert orders.opened(KEY, "SIM-0001", SIGNED) == order(
        verb="mute", **{"for": 3600, "reason": "婚礼 😀"}
    )


def test_an_order_of_another_unit_or_key_is_none():
    assert refuses(SIGNED, unit="SIM-0002")
    assert refuses(SIGNED, key=KEY[:-1] + "l")
    assert refuses(SIGNED, key="")


def test_not_a_bit_may_change_nor_a_byte_be_missing_or_more():
    for at in range(len(SIGNED)):
        for bit in (1, 32, 128):
            changed = bytearray(SIGNED)
            changed[at] ^= bit
            assert refuses(changed), at
        assert refuses(SIGNED[:at]), at
        assert refuses(SIGNED[at + 1 :]), at
        assert refuses(SIGNED[:at] + b" " + SIGNED[at:]), at


def test_the_same_json_written_otherwise_is_none():
    assert refuses(SIGNED.replace(b'"n":7', b'"n": 7'))
    assert refuses(SIGNED.replace(MAC, bytes([c - 32 if c > 96 else c for c in MAC])))
    assert refuses(SIGNED[:-1] + b',"n":8}')


def test_what_is_signed_and_yet_no_table_raises():
    for text in ("[1,2]", "{nonsense}"):
        try:
            orders.opened(KEY, "A", orders.signed(KEY, "A", text))
        except ValueError:
            continue
        raise AssertionError(text)


def test_each_field_is_held_to_its_range():
    digest = "0123456789abcdef" * 4
    good = (
        {"verb": "say", "message": "polite_zh"},
        {"verb": "play", "size": 60000, "sha256": digest},
        {"verb": "spotlight", "state": "auto", "for": 0},
        {"verb": "mute", "for": 86400, "reason": "x"},
        {"verb": "volume", "offset": -40, "for": 60},
        {"verb": "policy", "size": 4000, "sha256": digest},
        {"verb": "voice", "message": "a-B_9", "size": 1, "sha256": digest},
        {"verb": "examine"},
        {"verb": "calibrate-check"},
        {"verb": "restart"},
        {
            "verb": "update",
            "size": 1048576,
            "sha256": digest,
            "release": 7,
            "manifest": digest,
            "fresh": 1795431600,
            "stamp": "x" * 344,
        },
    )
    assert sorted([each["verb"] for each in good]) == sorted(orders.VERBS)
    for each in good:
        assert orders.wrong_field(order(**each)) is None, each
        for name in orders.VERBS[each["verb"]]:
            lacks = {key: each[key] for key in each if key != name}
            assert orders.wrong_field(order(**lacks)) == name, name
        assert orders.wrong_field(order(also=1, **each)) == "also"
    bad = (
        {"verb": "say", "message": "../settings"},
        {"verb": "say", "message": ""},
        {"verb": "say", "message": "x" * 41},
        {"verb": "say", "message": 7},
        {"verb": "play", "size": 131073, "sha256": digest},
        {"verb": "play", "size": True, "sha256": digest},
        {"verb": "play", "size": 9, "sha256": digest.upper()},
        {"verb": "play", "size": 9, "sha256": digest[1:]},
        {"verb": "policy", "size": 4001, "sha256": digest},
        {"verb": "spotlight", "state": "blink", "for": 9},
        {"verb": "mute", "for": -1, "reason": "x"},
        {"verb": "mute", "for": 1.5, "reason": "x"},
        {"verb": "mute", "for": 9, "reason": ""},
        {"verb": "volume", "offset": 1, "for": 60},
    )
    for each in bad:
        assert orders.wrong_field(order(**each)) in orders.VERBS[each["verb"]], each


def test_parts_are_the_whole_again():
    whole = bytes(range(256)) * 9
    count = orders.parts_of(len(whole))
    assert count == 5
    assert [orders.parts_of(n) for n in (1, 512, 513)] == [1, 1, 2]
    parts = [orders.of_part(orders.part(7, i, whole)) for i in range(count)]
    assert [(n, i) for n, i, _ in parts] == [(7, i) for i in range(count)]
    assert b"".join([bytes(data) for _, _, data in parts]) == whole
    for message in (b"", bytes(6)):
        try:
            orders.of_part(message)
        except ValueError:
            continue
        raise AssertionError(message)


def test_numbers():
    for n in (1, 2**31 - 1):
        assert orders.is_number(n)
    for n in (0, -1, 2**31, True, 1.0, "7", None):
        assert not orders.is_number(n)
