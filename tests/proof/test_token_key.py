"""Keys in a token: they sign as those in files do, and no file has a copy."""

import datetime
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from program import run
from soft_token import SoftToken, soft_token

from noisetamer.base.errors import UserError
from noisetamer.hub.bus.authority import certificates
from noisetamer.proof import key_list, notes, rsa, token_key
from noisetamer.proof.notes import VerifierKey
from noisetamer.proof.token_key import Ed25519Token, RsaToken, TokenError

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    return soft_token(tmp_path_factory.getbasetemp() / "token")


def test_a_log_signs_by_a_token(token: SoftToken):
    uri = token.uri("log")
    token_key.make(uri)
    signer = Ed25519Token(uri, lambda public: f"hub/{public.hex()[:8]}")
    text = "origin\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    key = VerifierKey(signer.name, signer.public)
    signed = notes.note(text, [notes.sign(text, signer)])
    assert notes.verify(notes.parse(str(signed)), [key])[0].key == key
    # the same key, in the same process, once more
    assert Ed25519Token(uri, lambda _: "again").public == signer.public
    with pytest.raises(UserError, match="has a key log already"):
        token_key.make(uri)


def test_a_token_leaves_no_error_that_python_takes_for_one_of_a_certificate(
    token: SoftToken, tmp_path: Path
):
    uri = token.uri("beside")
    token_key.make(uri)
    certificates(tmp_path, ["127.0.0.1"], datetime.datetime.now(datetime.UTC))
    Ed25519Token(uri, lambda _: "name")
    ssl.create_default_context(cadata=(tmp_path / "ca.der").read_bytes())


def test_the_root_signs_a_key_list_by_a_token(token: SoftToken, tmp_path: Path):
    uri = token.uri("root")
    made = run("keys", "token", uri, "--for", "root", "--out", tmp_path / "root.pub")
    assert (made.code, made.wrong) == (0, [])
    public = rsa.read_public(tmp_path / "root.pub")
    assert public.key_size == 3072 and public == RsaToken(uri).public
    file = tmp_path / "keys.list"
    made = run(
        "keys", "token", token.uri("station"), "--for", "log", "--out", tmp_path / "log.pub"
    )
    assert made.code == 0
    add = ("keys", "add", file, "station", "--role", "log", "--public", tmp_path / "log.pub")
    assert run(*add).code == 0
    assert run("keys", "sign", file, "--root", uri).code == 0
    assert len(key_list.verified(file, public).keys) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_token_that_was_away_is_opened_again(token: SoftToken):
    uri = token.uri("away")
    token_key.make(uri)
    signer = Ed25519Token(uri, lambda _: "name")
    assert signer._token._session is not None
    signer._token._session.close()
    assert len(signer.sign(b"again")) == 64


def test_what_is_wrong_is_one_sentence(token: SoftToken, tmp_path: Path):
    readable, wrong, empty = (tmp_path / name for name in ("readable", "wrong", "empty"))
    readable.write_text("1234")
    for file, text in ((wrong, "4321"), (empty, "")):
        file.write_text(text)
        file.chmod(0o600)
    readable.chmod(0o644)
    for uri, said in {
        token.uri("log", pin=readable): "others may read it: chmod 600",
        token.uri("log", pin=empty): "holds no PIN",
        token.uri("log", pin=tmp_path / "none"): "PIN cannot be read",
        token.uri("nothing"): "the token has no such key",
        token.uri("log", token="elsewhere"): "there is no such token: is it plugged in",
        token.uri("log").replace("libsofthsm2", "none"): "cannot be used: ",
        "pkcs11:token=a;object=b?pin-value=1234": "does not belong into a command line",
        "pkcs11:token=a;object=b;objekt=c?module-path=x": "'objekt' is nothing that names",
        "pkcs11:token=a;object=b": "names no library",
        "pkcs11:object=b?module-path=x": "names no token",
        "pkcs11:token=a?module-path=x": "names no key",
    }.items():
        with pytest.raises(UserError) as caught:
            Ed25519Token(uri, lambda _: "name")
        assert said in str(caught.value)


def test_a_wrong_pin_is_tried_once_however_often_it_is_asked_for(token: SoftToken, tmp_path: Path):
    """Whoever runs a hub mends its file in an hour; the third wrong one locks a token."""
    program = """
import sys
from pathlib import Path
from noisetamer.proof import token_key
uri, pin = sys.argv[1], Path(sys.argv[2])
for wrong in ("4321", "4321", "4321", "4321", "1234"):
    pin.write_text(wrong)
    try:
        print(len(token_key.Ed25519Token(uri, str).sign(b"x")))
    except token_key.TokenError as error:
        print(error)
"""
    pin = tmp_path / "pin"
    pin.touch(0o600)
    # a process of its own: whoever is logged in here is so for all sessions
    words = [sys.executable, "-c", program, token.uri("once", pin=pin), str(pin)]
    token_key.make(token.uri("once"))
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert ["the PIN is wrong, and not tried again" in line for line in said[:4]] == [True] * 4
    assert said[4] == "64"


def test_a_name_with_other_letters_is_written_with_percent_signs():
    place = token_key.parsed("pkcs11:token=%E6%B2%BB;id=%01%ff?module-path=/usr/a%20b.so")
    assert (place.token, place.id, str(place.module)) == ("治", b"\x01\xff", "/usr/a b.so")
    assert isinstance(TokenError("x"), UserError)
