"""`noisetamer keys`, as a person with two computers uses it."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from program import run
from time_authority import certificate

from noisetamer.hub.log.partners import Partner, write_card
from noisetamer.proof import key_list, root, rsa
from noisetamer.proof.notes import COSIGNATURE, VerifierKey

PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def safe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a root."""
    folder = tmp_path_factory.mktemp("safe")
    (folder / "phrase").write_text(PASSPHRASE + "\n")
    made = run("keys", "root", "--out", folder / "root", "--passphrase-file", folder / "phrase")
    assert (made.code, made.wrong) == (0, [])
    return folder


def log_pem(folder: Path, name: str = "log.pub") -> Path:
    file = folder / name
    public = Ed25519PrivateKey.generate().public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    file.write_bytes(public.public_bytes(serialization.Encoding.PEM, form))
    return file


@pytest.mark.tools
def test_the_root_is_sealed_for_its_owner_only_and_openssl_opens_it(safe: Path):
    private, public = safe / "root" / "root.key", safe / "root" / "root.pub"
    assert private.stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in private.read_bytes()
    assert rsa.read_public(public).key_size == 3072
    words = ["openssl", "pkey", "-in", private, "-pubout", "-passin", f"file:{safe / 'phrase'}"]
    opened = subprocess.run(words, capture_output=True, check=True)
    assert opened.stdout == public.read_bytes()


def test_a_root_is_never_overwritten(safe: Path, tmp_path: Path):
    before = (safe / "root" / "root.key").read_bytes()
    again = run("keys", "root", "--out", safe / "root", "--passphrase-file", safe / "phrase")
    assert again.code == 2 and "is there already" in again.wrong[0]
    assert (safe / "root" / "root.key").read_bytes() == before
    (tmp_path / "phrase").write_text("short\n")
    short = run("keys", "root", "--out", tmp_path / "r", "--passphrase-file", tmp_path / "phrase")
    assert short.code == 2 and "at least 10 characters" in short.wrong[0]
    assert not (tmp_path / "r").exists()


def test_from_the_first_key_to_its_theft(safe: Path, tmp_path: Path):
    file, public = tmp_path / "keys.list", safe / "root" / "root.pub"
    sign = ("keys", "sign", file, "--root", safe / "root", "--passphrase-file", safe / "phrase")
    added = run("keys", "add", file, "station", "--role", "log", "--public", log_pem(tmp_path))
    assert added.code == 0 and "draft of number 1" in added.out
    assert run("keys", "list", file).code == 0
    assert run("keys", "list", file, "--root", public).code == 1
    assert run(*sign).code == 0
    listed = run("keys", "list", file, "--root", public)
    assert listed.code == 0 and "by this root" in listed.out and "station" in listed.out
    twice = run(*sign)
    assert twice.code == 2 and "is signed already" in twice.wrong[0]

    words = ("--why", "its computer was stolen", "--at", "2026-11-28T21:00+08:00")
    assert run("keys", "revoke", file, "station", *words).code == 0
    assert run(*sign).code == 0
    listed = run("keys", "list", file, "--root", public)
    assert "REVOKED 2026-11-28 13:00 UTC: its computer was stolen" in listed.out
    assert key_list.verified(file, rsa.read_public(public)).number == 2

    file.write_bytes(file.read_bytes().replace(b"stolen", b"ok    "))
    listed = run("keys", "list", file, "--root", public)
    assert listed.code == 1 and "NOT SIGNED BY THIS ROOT" in listed.out


def test_whom_others_vouch_for_by_certificate_or_card_is_listed(tmp_path: Path):
    file, pem, card = (tmp_path / name for name in ("keys.list", "authority.pem", "office.card"))
    authority = certificate("Stamps of the town").certificate
    pem.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    keys = [Ed25519PrivateKey.generate().public_key() for _ in range(2)]
    witness, log = (key.public_bytes_raw() for key in keys)
    told = str(VerifierKey("office/witness", witness, COSIGNATURE)), str(VerifierKey("log", log))
    write_card(card, Partner("office", "http://127.0.0.1:8080", *told))
    for role, public in (("tsa", pem), ("witness", card), ("log", card)):
        assert run("keys", "add", file, role, "--role", role, "--public", public).code == 0
    listed = key_list.read(file)
    assert all(map(listed.find, keys, ("witness", "log")))
    # what it stamped before it was listed counts as well
    (stamps,) = (one for one in listed.keys if one.role == "tsa")
    assert stamps.since == int(authority.not_valid_before_utc.timestamp())


def test_what_is_wrong_is_one_sentence(safe: Path, tmp_path: Path):
    (tmp_path / "wrong").write_text("another passphrase\n")
    file, log = tmp_path / "keys.list", log_pem(tmp_path)
    add = ("keys", "add", file, "station", "--role", "log", "--public")
    assert run(*add, log).code == 0
    sign = ("keys", "sign", file, "--passphrase-file", tmp_path / "wrong", "--root")
    for words, said in {
        (*sign, safe / "root"): "the passphrase is another one",
        (*sign, tmp_path / "nowhere"): "cannot be read (No such file or directory): name the",
        (*sign, log): "holds no private key",
        (*add, file): "holds no public key or certificate",
        (*add, log, "--until", "soon"): "--until soon: give a day or a time",
        ("keys", "list", log): "is no key list",
        ("keys", "list", file, "--root", log): "is no public RSA key",
    }.items():
        done = run(*words)
        assert (done.code, len(done.wrong)) == (2, 1)
        assert said in done.wrong[0]


def test_fingerprints_are_shown_in_groups_to_be_read_out(safe: Path):
    shown = run("keys", "show", safe / "root" / "root.pub")
    kind, mark = shown.out.splitlines()
    assert kind == "rsa" and [len(group) for group in mark.split(" ")] == [4] * 16


def test_a_root_that_is_not_sealed_is_opened_without_asking(tmp_path: Path):
    (tmp_path / root.PRIVATE).write_bytes(rsa.Key.new(1024).pem())

    def nobody() -> str:
        raise AssertionError

    assert root.opened(tmp_path, nobody).public.key_size == 1024
