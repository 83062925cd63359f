"""The log's key is made once, for its owner only, and whatever else lies there is named."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from noisetamer.base.errors import UserError
from noisetamer.proof.signer import file_signer


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    file = tmp_path / "log.key"
    made = file_signer(file, "hub.example")
    assert file.stat().st_mode & 0o777 == 0o600
    again = file_signer(file, "hub.example")
    assert again.public == made.public
    origin, room, mark = made.name.split("/")
    assert (origin, room, len(mark)) == ("hub.example", "noisetamer", 8)
    Ed25519PublicKey.from_public_bytes(made.public).verify(again.sign(b"said"), b"said")


def test_what_is_no_such_key_is_said(tmp_path: Path):
    file = tmp_path / "log.key"
    file.write_text("nothing")
    with pytest.raises(UserError, match="is no private key in PEM"):
        file_signer(file, "hub")
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(other)
    with pytest.raises(UserError, match="is no Ed25519 key"):
        file_signer(file, "hub")
    with pytest.raises(UserError, match="cannot be used"):
        file_signer(tmp_path / "no" / "log.key", "hub")
