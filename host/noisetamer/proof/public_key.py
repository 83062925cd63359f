"""Public keys of any kind, as a list names them and people compare them."""

import hashlib
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from noisetamer.base.errors import UserError
from noisetamer.proof.canonical import base64_text

PublicKey = Ed25519PublicKey | RSAPublicKey | EllipticCurvePublicKey

ED25519, RSA, EC = "ed25519", "rsa", "ec"
_KINDS = {Ed25519PublicKey: ED25519, RSAPublicKey: RSA, EllipticCurvePublicKey: EC}


def algorithm(key: object) -> str:
    """Of the three; '' for any other key."""
    return next((name for kind, name in _KINDS.items() if isinstance(key, kind)), "")


def der(key: PublicKey) -> bytes:
    """SubjectPublicKeyInfo (RFC 5280, 4.1.2.7)."""
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def pem(key: PublicKey) -> bytes:
    """SubjectPublicKeyInfo."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def from_der(data: bytes) -> PublicKey:
    """Raises ValueError for what is no key of the three kinds, or not its one DER form."""
    try:
        key = serialization.load_der_public_key(data)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from None
    if der(known := _known(key)) != data:
        raise ValueError("not the one form of this key")
    return known


def of(certificate: x509.Certificate) -> PublicKey:
    """Raises ValueError for a key of another kind."""
    return _known(certificate.public_key())


def to_text(key: PublicKey) -> str:
    """Base64 of the DER, on one line."""
    return base64_text(der(key))


def fingerprint(key: PublicKey) -> str:
    """SHA-256 of the DER, in groups of four: two people can read it to each other."""
    digest = hashlib.sha256(der(key)).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def begins(file: Path) -> int | None:
    """Unix s at which a certificate in PEM form begins to hold; None of what is none."""
    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError):
        return None
    return max(0, int(found.not_valid_before_utc.timestamp()))


def read(file: Path) -> PublicKey:
    """Of a PEM file: a public key, a certificate's, or an unsealed private key's other half.

    Raises UserError.
    """
    try:
        pem = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror or error}).") from None
    try:
        if b"BEGIN CERTIFICATE" in pem:
            key = x509.load_pem_x509_certificate(pem).public_key()
        elif b"PRIVATE KEY" in pem:
            key = serialization.load_pem_private_key(pem, None).public_key()
        else:
            key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, PublicKey):
        raise UserError(
            f"{file} holds no public key or certificate in PEM form (Ed25519, RSA, ECDSA): "
            "name the right file."
        )
    return key


def _known(key: object) -> PublicKey:
    """Raises ValueError."""
    if isinstance(key, PublicKey):
        return key
    raise ValueError("a key of a kind that is not used here")
