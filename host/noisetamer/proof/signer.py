"""Who signs: a key that says its public half and signs, wherever its private half is."""

import hashlib
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from noisetamer.base.errors import UserError
from noisetamer.base.private_file import write_private


class Signer(Protocol):
    """name: of the key in signed notes; public: 32 bytes of Ed25519 (RFC 8032)."""

    @property
    def name(self) -> str: ...
    @property
    def public(self) -> bytes: ...
    def sign(self, message: bytes) -> bytes:
        """64 bytes. Raises UserError when the key cannot be used."""
        ...


class KeySigner:
    """With a private key in this process."""

    def __init__(self, key: Ed25519PrivateKey, name: str):
        self._key = key
        self.name = name
        self.public = key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def log_name(hub: str, public: bytes) -> str:
    """How the log of a hub is called: its origin."""
    return f"{hub}/noisetamer/{hashlib.sha256(public).hexdigest()[:8]}"


def file_signer(file: Path, hub: str) -> KeySigner:
    """The log's key from its file (PKCS#8 PEM); made, for its owner only, where it is missing.

    Raises UserError.
    """
    try:
        if not file.exists():
            made = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            write_private(file, made)
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except OSError as error:
        raise UserError(
            f"The key of the log {file} cannot be used ({error.strerror or error}): "
            "mend its rights or its disk."
        ) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UserError(f"{file} is no private key in PEM without a password.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UserError(f"{file} is no Ed25519 key: the log signs with one.")
    return KeySigner(key, log_name(hub, key.public_key().public_bytes_raw()))
