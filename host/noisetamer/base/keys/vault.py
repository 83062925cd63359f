"""A unit's secrets: made once, sealed in the ledger with a key that is not in it.

AES-256-GCM with a random nonce; the serial is authenticated, so that sealed secrets cannot be
moved to another unit.
"""

import base64
import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from noisetamer.base.errors import UserError
from noisetamer.base.private_file import write_private

_KEY_BYTES, _NONCE_BYTES = 32, 12

# Crockford's alphabet: nothing in it is mistaken for something else.
_CLAIM_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CLAIM_LENGTH = 8


@dataclass(frozen=True)
class UnitSecrets:
    """256 random bits each, as text. mqtt: the broker's password; chain: signs the record;
    command: proves that a command comes from the hub."""

    mqtt: str = field(repr=False)
    chain: str = field(repr=False)
    command: str = field(repr=False)


def new_secrets() -> UnitSecrets:
    """Of a new unit, from the system's random source: 43 characters of base64url each."""
    return UnitSecrets(*(secrets.token_urlsafe(32) for _ in range(3)))


def new_claim() -> str:
    """The code on the label by which its owner claims the unit at the hub: 40 random bits."""
    return "".join(secrets.choice(_CLAIM_ALPHABET) for _ in range(_CLAIM_LENGTH))


class Vault:
    """Seals and opens with the key of one file."""

    def __init__(self, file: Path) -> None:
        """Reads the key, or makes one that only its owner can read. Raises UserError."""
        self.file = file
        key = _key(file)
        self._cipher = AESGCM(key)
        self.fingerprint = hashlib.sha256(b"noisetamer ledger key " + key).hexdigest()[:16]

    def seal_secrets(self, serial: str, unit_secrets: UnitSecrets) -> bytes:
        """As `seal`; `open_secrets` reverses it."""
        return self.seal(serial, asdict(unit_secrets))

    def open_secrets(self, serial: str, sealed: bytes) -> UnitSecrets:
        """Raises UserError when the key is another or the bytes have been changed."""
        return UnitSecrets(**self.open(serial, sealed))

    def seal(self, serial: str, table: dict[str, Any]) -> bytes:
        """Encrypt a table that JSON can hold: 12 bytes of nonce, ciphertext, tag.

        `serial` is authenticated with it: sealed for one unit, it does not open for another.
        """
        nonce = os.urandom(_NONCE_BYTES)
        plain = json.dumps(table, ensure_ascii=False).encode()
        return nonce + self._cipher.encrypt(nonce, plain, serial.encode())

    def open(self, serial: str, sealed: bytes) -> dict[str, Any]:
        """The table that `seal` was given. Raises UserError for another key, another serial, or
        bytes that have changed.
        """
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return json.loads(self._cipher.decrypt(nonce, body, serial.encode()))
        except InvalidTag:
            raise UserError(
                f"What the ledger keeps of {serial} does not open with the key {self.file}: "
                "name the right one with --key."
            ) from None


def _key(file: Path) -> bytes:
    try:
        if not file.exists():
            _make_key(file)
        key = base64.b64decode(file.read_bytes().strip(), validate=True)
    except ValueError:
        key = b""
    except OSError as error:
        raise UserError(
            f"The ledger's key {file} cannot be used ({error.strerror or error}): "
            "name another place with --key."
        ) from None
    if len(key) != _KEY_BYTES:
        raise UserError(f"{file} is no ledger key: name the right one with --key.")
    return key


def _make_key(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(file, base64.b64encode(os.urandom(_KEY_BYTES)) + b"\n")
