"""The chain of a unit's records, and HMAC-SHA256 by which it is made."""

import hashlib
import hmac

from tamer.record import encoding, orders
from tamer.record.seal import LINK, Seal, fingerprint

KEY = "k" * 43


def test_it_is_the_hmac_of_rfc_2104_for_keys_of_any_length():
    for key in ("", "k", KEY, "k" * 64, "k" * 65, "键" * 40):
        told = Seal(key).mac(b"first, ", b"then second")
        assert told == hmac.digest(key.encode(), b"first, then second", hashlib.sha256)


def test_a_link_hangs_on_the_key_the_unit_each_record_and_their_order():
    def end(key: str = KEY, unit: str = "SIM-0001", records: tuple[bytes, ...] = (b"1", b"2")):
        seal = Seal(key)
        link = seal.first_link(unit)
        for record in records:
            link = seal.next_link(link, record)
        return link

    changed = [end("other"), end(unit="SIM-0002"), end(records=(b"2", b"1"))]
    changed += [end(records=records) for records in ((b"1",), (b"2",), (b"1", b"1", b"2"))]
    assert len({end(), *changed}) == 7
    assert end() == end()


def test_links_travel_after_the_record_which_stays_as_it_is():
    record = encoding.record(encoding.EVENT, 3, 41, 1764000000, b'["boot",{}]')
    link, follows = bytes(range(LINK)), bytes(range(100, 100 + LINK))
    plain, linked, anew = (
        encoding.opened(encoding.enveloped(40, record, *links))
        for links in ((), (link,), (link, follows))
    )
    assert plain == (40, 41, record, None, None)
    assert linked == (40, 41, record, None, link)
    assert anew == (40, 41, record, follows, link)


def test_a_message_is_taken_as_what_it_is_for_whom_it_is_and_as_it_was_sent_only():
    seal = Seal(KEY)
    message = orders.signed(KEY, "SIM-0001", '{"b":7,"s":12}', "ack")
    before = b'ack of SIM-0001\n{"b":7,"s":12'
    mac = hmac.digest(KEY.encode(), before, hashlib.sha256).hex()
    assert message == b'{"b":7,"s":12,"mac":"%s"}' % mac.encode()
    assert seal.proved("ack", "SIM-0001", message) == b'{"b":7,"s":12}'
    assert seal.proved("order", "SIM-0001", message) is None
    assert seal.proved("ack", "SIM-0002", message) is None
    assert Seal("other").proved("ack", "SIM-0001", message) is None
    for n in range(len(message)):
        other = bytes([message[n] ^ 1])
        assert seal.proved("ack", "SIM-0001", message[:n] + other + message[n + 1 :]) is None
        assert seal.proved("ack", "SIM-0001", message[:n]) is None


def test_a_fingerprint_tells_a_key_from_others_and_not_what_it_is():
    assert fingerprint(KEY) == hashlib.sha256(b"chain key " + KEY.encode()).hexdigest()[:16]
