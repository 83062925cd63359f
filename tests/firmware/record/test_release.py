"""The form of a release: what a box takes for one, in both Pythons."""

import base64
import hashlib
import random

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from noisetamer.unit.files import release_file
from tamer.record import release
from tamer.record.release import Header

FILES = {
    "/tamer/__init__.mpy": b"M\6" + bytes(range(256)) * 9,
    "/tamer/hear/kernel/meter.mpy": b"M\6" + bytes(5000),
    "/board.py": b"BOARD = 1\n",
    "/fonts/small.glyphs": b"",
    "/policy.json": b"{}",
    "/voices/polite_zh.wav": b"RIFF" + bytes(300),
}


def modulus(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_numbers().n.to_bytes(key.key_size // 8, "big")


def sign(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def header(key: rsa.RSAPrivateKey) -> Header:
    return Header(7, "0.2.0", "esp32_c3", 12038, modulus(key), None)


@pytest.fixture(scope="module")
def whole(key: rsa.RSAPrivateKey, header: Header) -> bytes:
    text = release_file.manifest(header, FILES)
    return release_file.packed(text, FILES, sign(key, text))


def test_what_was_packed_comes_out_again_and_is_signed(
    whole: bytes, header: Header, key: rsa.RSAPrivateKey
):
    found = release_file.unpacked(whole)
    assert found.header == header
    assert found.files == FILES
    assert list(found.files)[-2:] == ["/policy.json", "/voices/polite_zh.wav"]
    assert found.is_signed(modulus(key))
    assert not found.is_signed(modulus(rsa.generate_private_key(65537, 2048)))


def test_no_byte_of_it_can_be_another_unseen(whole: bytes, key: rsa.RSAPrivateKey):
    chance = random.Random(1)
    for at in {*range(0, 900, 7), *chance.sample(range(len(whole)), 200), len(whole) - 1}:
        other = bytearray(whole)
        other[at] ^= 1 << chance.randrange(8)
        try:
            found = release_file.unpacked(bytes(other))
        except ValueError:
            continue
        assert not found.is_signed(modulus(key)), at
    for cut in chance.sample(range(len(whole)), 40):
        with pytest.raises(ValueError):
            release_file.unpacked(whole[:cut])


@pytest.mark.parametrize(
    "path",
    [
        "/main.py",
        "/first.py",
        "/factory.py",
        "/settings.json",
        "/hub.der",
        "/root.key",
        "/boot.py",
        "/lib/os.mpy",
        "/tamer/../main.py",
        "/tamer//x",
        "/tamer/x.new",
        "/tamer/a b",
        "/factory.tree",
        "tamer/x",
        "/tamer/" + 80 * "x",
        "/voices/",
    ],
)
def test_what_carries_a_box_back_or_is_peoples_own_is_in_no_release(path: str, header: Header):
    with pytest.raises(ValueError):
        release_file.manifest(header, {path: b""})


@pytest.mark.parametrize("firmware", ["0.2.0\r", "0.2.0\x1b[2J", "0.2.0é", ""])
def test_no_header_writes_on_the_terminal_of_whoever_signs(firmware: str, header: Header):
    with pytest.raises(ValueError):
        release_file.manifest(header._replace(firmware=firmware), FILES)
    with pytest.raises(ValueError):
        release_file.manifest(header._replace(board=firmware), FILES)


@pytest.mark.parametrize(
    "line",
    [
        b"%s 01 /tamer/x\n",
        b"%s 1 /tamer/x",
        b"%s  1 /tamer/x\n",
        b"%s -1 /tamer/x\n",
        b"%s= 1 /tamer/x\n",
    ],
)
def test_a_line_of_a_file_has_one_form(line: bytes):
    digest = base64.b64encode(hashlib.sha256(b"x").digest())[:43]
    assert release.read_file(b"%s 1 /tamer/x\n" % digest)[1:] == (1, "/tamer/x")
    with pytest.raises(ValueError):
        release.read_file(line % digest)
    # 256 bits end within a character: its other bits are zero.
    with pytest.raises(ValueError):
        release.read_file(b"%s 1 /tamer/x\n" % (digest[:42] + bytes([digest[42] + 1])))


@pytest.mark.parametrize("bits", [2048, 3072])
def test_signatures_are_those_of_a_well_kept_library(bits: int):
    key = rsa.generate_private_key(65537, bits)
    text = release.stamp_text(7, "ab" * 32, 1795431600)
    signature, digest = sign(key, text), hashlib.sha256(text).digest()
    assert release.is_signed(digest, signature, modulus(key))
    assert not release.is_signed(hashlib.sha256(b"").digest(), signature, modulus(key))
    for other in (signature[1:], signature + b"\0", bytes(len(signature)), signature[::-1]):
        assert not release.is_signed(digest, other, modulus(key))
    n = int.from_bytes(modulus(key), "big")
    beyond = (int.from_bytes(signature, "big") + n).to_bytes(bits // 8 + 1, "big")
    assert not release.is_signed(digest, beyond, modulus(key))


def test_any_other_padding_is_no_signature():
    key = rsa.generate_private_key(65537, 2048)
    signature = key.sign(
        b"x", padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.MAX_LENGTH), hashes.SHA256()
    )
    assert not release.is_signed(hashlib.sha256(b"x").digest(), signature, modulus(key))
