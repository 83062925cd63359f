"""A hub holds to one root, and to the newest list it signed."""

from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from program import run

from noisetamer.hub import key_files
from noisetamer.hub.people.people import People
from noisetamer.proof import key_list, public_key, rsa
from noisetamer.proof.key_list import KeyList

ROOT, OTHER = rsa.Key.new(1024), rsa.Key.new(1024)
LOG = Ed25519PrivateKey.generate().public_key()


class Stick:
    """What comes from the computer with the root."""

    def __init__(self, folder: Path, root: rsa.Key) -> None:
        self.list, self.root = folder / "keys.list", folder / "root.pub"
        self._key = root
        folder.mkdir()
        self.root.write_bytes(public_key.pem(root.public))

    def put(self, keys: KeyList) -> KeyList:
        signed = keys.signed(self._key, 1_800_000_000)
        self.list.write_bytes(signed.text())
        return signed


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Of a hub that has run."""
    folder = tmp_path / "hub"
    folder.mkdir()
    People(folder / "people.sqlite").close()
    return folder


@pytest.fixture
def stick(tmp_path: Path) -> Stick:
    return Stick(tmp_path / "stick", ROOT)


def install(data: Path, stick: Stick, *words: object):
    return run("hub", "keys", stick.list, "--root", stick.root, "--data", data, *words)


def test_the_newest_list_counts_and_an_older_one_never_again(data: Path, stick: Stick):
    assert key_files.keys_of(data) is None
    assert "no key list yet" in run("hub", "keys", "--data", data).out
    first = stick.put(key_list.added(key_list.empty(), "log", "log", LOG, 0))
    assert install(data, stick).code == 0
    second = stick.put(key_list.revoked(first, "log", 1_750_000_000, "stolen"))
    # the root is known by now
    done = run("hub", "keys", stick.list, "--data", data)
    assert done.code == 0 and "REVOKED" in done.out
    assert key_files.keys_of(data) == second
    stick.put(first)
    refused = install(data, stick)
    assert (refused.code, len(refused.wrong)) == (2, 1)
    assert "number 1, the one that counts here 2" in refused.wrong[0]
    assert key_files.keys_of(data) == second
    with closing(People(data / "people.sqlite")) as people:
        rows = [(row.what, row.target) for row in people.log.entries()]
    assert rows == [("keys_installed", "#2"), ("keys_installed", "#1")]


def test_another_root_is_taken_only_by_its_fingerprint(data: Path, stick: Stick, tmp_path: Path):
    stick.put(key_list.added(key_list.empty(), "log", "log", LOG, 0))
    install(data, stick)
    other = Stick(tmp_path / "other", OTHER)
    other.put(key_list.empty())
    mark = public_key.fingerprint(OTHER.public)
    for words in ((), ("--replace-root", public_key.fingerprint(ROOT.public))):
        refused = install(data, other, *words)
        assert refused.code == 2 and "another root" in refused.wrong[0]
        assert key_files.root_of(data) == ROOT.public
    assert install(data, other, "--replace-root", mark).code == 0
    assert key_files.root_of(data) == OTHER.public
    kept = public_key.fingerprint(ROOT.public)[:9].replace(" ", "")
    old = key_list.verified(data / f"keys-{kept}.list", ROOT.public)
    assert old.find(LOG, "log")


def test_a_list_that_was_changed_is_not_taken(data: Path, stick: Stick):
    stick.put(key_list.added(key_list.empty(), "log", "log", LOG, 0))
    stick.list.write_bytes(stick.list.read_bytes().replace(b'"from":0', b'"from":1'))
    refused = install(data, stick)
    assert refused.code == 2 and "not signed by this root" in refused.wrong[0]
    assert key_files.root_of(data) is None
    unknown = run("hub", "keys", stick.list, "--data", data)
    assert unknown.code == 2 and "has no root yet: name the one that signed it" in unknown.wrong[0]
