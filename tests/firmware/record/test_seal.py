"""The chain of a unit's records, and HMAC-SHA256 by which it is made."""

import hashlib
import hmac

from tamer.record import encoding
from tamer.record.seal import LINK, Seal, same

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


def test_only_the_same_is_the_same():
    assert same(b"ab", b"ab")
    for other in (b"", b"a", b"aa", b"abc"):
        assert not same(b"ab", other)
