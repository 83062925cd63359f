"""The key list: only the root says it, only forwards, and only in one form."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from noisetamer.base.errors import UserError
from noisetamer.proof import key_list, rsa
from noisetamer.proof.key_list import KeyList

# Short, so that it is made at once; the product's is 3072 bits.
ROOT, OTHER = rsa.Key.new(1024), rsa.Key.new(1024)
LOG, WITNESS = (Ed25519PrivateKey.generate().public_key() for _ in range(2))


def signed(keys: KeyList, root: rsa.Key = ROOT) -> KeyList:
    return keys.signed(root, 1_800_000_000)


@pytest.fixture
def first() -> KeyList:
    draft = key_list.added(key_list.empty(), "东门 log", "log", LOG, 1_700_000_000)
    return signed(draft)


def test_what_was_written_is_read_and_verified_again(tmp_path: Path, first: KeyList):
    file = tmp_path / "keys.list"
    file.write_bytes(first.text())
    found = key_list.verified(file, ROOT.public)
    assert found == first
    head, line, mark, end = first.text().decode().split("\n")
    assert (head, mark[:7], end) == ("noisetamer keys/v1", "— root ", "")
    assert line.startswith('{"issued":1800000000,"keys":[{"algorithm":"ed25519","from":1700000000')
    one = found.find(LOG, "log")
    assert one is not None and one.name == "东门 log"
    assert found.find(WITNESS, "log") is None is found.find(LOG, "witness")


def test_every_changed_byte_is_refused(tmp_path: Path, first: KeyList):
    file, text = tmp_path / "keys.list", first.text()
    for at in range(len(text)):
        for wrong in (text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :], text[:at]):
            file.write_bytes(wrong)
            with pytest.raises(UserError):
                key_list.verified(file, ROOT.public)
    for more in (b" ", b"\n", text):
        file.write_bytes(text + more)
        with pytest.raises(UserError, match="is no key list"):
            key_list.verified(file, ROOT.public)


def test_a_draft_and_another_root_are_told_apart(tmp_path: Path, first: KeyList):
    file = tmp_path / "keys.list"
    file.write_bytes(first.signed_text())
    with pytest.raises(UserError, match="is a draft"):
        key_list.verified(file, ROOT.public)
    file.write_bytes(signed(first, OTHER).text())
    with pytest.raises(UserError, match="not signed by this root"):
        key_list.verified(file, ROOT.public)


def test_the_number_rises_once_for_all_changes_of_a_draft(first: KeyList):
    draft = key_list.added(first, "witness", "witness", WITNESS, 0)
    draft = key_list.revoked(draft, "东门 log", 1_750_000_000, "stolen")
    assert (first.number, draft.number, draft.signature) == (1, 2, b"")
    key_list.check_successor(first, signed(draft))


def test_a_key_counts_from_its_first_second_to_before_its_last(first: KeyList):
    (one,) = first.keys
    assert [one.counts_at(t) for t in (1_699_999_999, 1_700_000_000, 4e9)] == [False, True, True]
    ended = replace(one, until=1_800_000_000)
    assert [ended.counts_at(t) for t in (1_799_999_999, 1_800_000_000)] == [True, False]
    gone = replace(ended, revoked=1_750_000_000, why="stolen")
    assert [gone.counts_at(t) for t in (1_749_999_999, 1_750_000_000)] == [True, False]


def test_no_list_goes_back(first: KeyList):
    revoked = signed(key_list.revoked(first, "东门 log", 1_750_000_000, "stolen"))
    third = signed(revoked.draft(revoked.keys))
    wrong = {
        "older list": (third, first),
        "two different": (first, signed(replace(first, keys=()))),
        "is gone": (first, signed(first.draft([]))),
        "another key": (
            first,
            signed(key_list.added(first.draft([]), "东门 log", "log", WITNESS, 1_700_000_000)),
        ),
        "not revoked any more": (revoked, signed(revoked.draft(first.keys))),
    }
    for why, (old, new) in wrong.items():
        with pytest.raises(UserError, match=why):
            key_list.check_successor(old, new)
    for new in (first, revoked, third):
        key_list.check_successor(first, new)


@pytest.mark.parametrize(
    ("name", "role", "key", "why"),
    [
        ("东门 log", "log", WITNESS, "named 东门 log already"),
        ("again", "log", LOG, "already, as 东门 log"),
        ("two\nlines", "log", WITNESS, "can be printed"),
        ("stamp", "stamp", WITNESS, "is RSA, this is ed25519"),
        ("log 2", "log", OTHER.public, "is Ed25519, this is rsa"),
        ("who", "owner", WITNESS, "there is no role 'owner'"),
    ],
)
def test_what_cannot_be_added(first: KeyList, name: str, role: str, key, why: str):
    with pytest.raises(UserError, match=why):
        key_list.added(first, name, role, key, 0)


def test_a_key_is_revoked_once_but_may_have_been_stolen_earlier(first: KeyList):
    gone = key_list.revoked(first, "东门 log", 1_750_000_000, "stolen")
    with pytest.raises(UserError, match="revoked already"):
        key_list.revoked(gone, "东门 log", 1_750_000_001, "stolen")
    earlier = key_list.revoked(gone, "东门 log", 1_740_000_000, "stolen in spring")
    assert earlier.keys[0].revoked == 1_740_000_000
    with pytest.raises(UserError, match="no key named log, it has: 东门 log"):
        key_list.revoked(first, "log", 0, "stolen")
