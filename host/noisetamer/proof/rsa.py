"""RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2): what `cryptography`, WebCrypto and, by `pow`, a
box can all verify. Keys as PEM: private ones PKCS#8 (RFC 5958), public ones
SubjectPublicKeyInfo (RFC 5280, 4.1.2.7)."""

from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    RSAPublicNumbers,
    generate_private_key,
)

from noisetamer.base.errors import UserError
from noisetamer.proof import sealed_key

_EXPONENT = 65537


class Signing(Protocol):
    """A private key that signs, wherever it is kept: in a file, in a token."""

    @property
    def public(self) -> RSAPublicKey:
        """By which anybody verifies what it signs."""
        ...

    def sign(self, message: bytes) -> bytes:
        """As long as the modulus. Raises UserError where a token is away."""
        ...


class Key:
    """A private key in memory."""

    def __init__(self, private: RSAPrivateKey) -> None:
        self._private = private

    @classmethod
    def new(cls, bits: int) -> "Key":
        """From the system's random source."""
        return cls(generate_private_key(_EXPONENT, bits))

    @property
    def public(self) -> RSAPublicKey:
        """Its other half."""
        return self._private.public_key()

    def sign(self, message: bytes) -> bytes:
        """As long as the modulus; the same for the same message."""
        return self._private.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def pem(self, passphrase: str = "") -> bytes:
        """PKCS#8; sealed where there is a passphrase (openssl opens it too)."""
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        if passphrase:
            der = self._private.private_bytes(serialization.Encoding.DER, *form)
            return sealed_key.pem(der, passphrase)
        return self._private.private_bytes(serialization.Encoding.PEM, *form)


def modulus(public: RSAPublicKey) -> bytes:
    """Big-endian, as a release and a box have the key."""
    return public.public_numbers().n.to_bytes(public.key_size // 8, "big")


def of_modulus(told: bytes) -> RSAPublicKey:
    """Undoes `modulus`. Raises ValueError for what cannot be one."""
    return RSAPublicNumbers(_EXPONENT, int.from_bytes(told, "big")).public_key()


def verify(public: RSAPublicKey, message: bytes, signature: bytes) -> bool:
    """Whether the key signed exactly that."""
    try:
        public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def opened(pem: bytes, passphrase: str | None, file: Path) -> Key:
    """A private key from PEM. file: named where it is none, or does not open (UserError)."""
    try:
        found = serialization.load_pem_private_key(
            pem, passphrase.encode() if passphrase else None
        )
    except (TypeError, UnsupportedAlgorithm):
        found = None  # sealed and no passphrase, or the other way round
    except ValueError:
        if b"ENCRYPTED" in pem:
            raise UserError(
                f"{file} does not open: the passphrase is another one, or the file is damaged."
            ) from None
        raise UserError(f"{file} holds no private key in PEM form: name the right file.") from None
    if not isinstance(found, RSAPrivateKey):
        raise UserError(f"{file} is no RSA key that this passphrase opens: name the right one.")
    return Key(found)


def is_sealed(pem: bytes) -> bool:
    """Whether it opens with a passphrase only."""
    return b"ENCRYPTED PRIVATE KEY" in pem


def read_public(file: Path) -> RSAPublicKey:
    """From a PEM file. Raises UserError for what is none, or no RSA key."""
    try:
        found = serialization.load_pem_public_key(file.read_bytes())
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror or error}).") from None
    except (ValueError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, RSAPublicKey):
        raise UserError(
            f"{file} is no public RSA key: give the root.pub that 'noisetamer keys root' made."
        )
    return found
