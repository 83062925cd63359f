"""A private key behind a passphrase: PKCS#8 with scrypt and AES-256-CBC (RFC 5958; 8018, 6.2;
7914, 7), which openssl and `cryptography` open.

What the latter seals by itself has 2048 rounds of PBKDF2: a guess costs next to nothing.
"""

import base64
import os
import textwrap

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.x509 import ObjectIdentifier

# Five times 16 MiB for a guess; of a larger piece openssl refuses to open the key.
_COST, _BLOCK, _PARALLEL = 1 << 14, 8, 5
_PBES2 = ObjectIdentifier("1.2.840.113549.1.5.13")
_SCRYPT = ObjectIdentifier("1.3.6.1.4.1.11591.4.11")
_AES_256_CBC = ObjectIdentifier("2.16.840.1.101.3.4.1.42")


@asn1.sequence
class _ScryptParameters:
    salt: bytes
    cost: int
    block: int
    parallel: int


@asn1.sequence
class _Derivation:
    algorithm: ObjectIdentifier
    parameters: _ScryptParameters


@asn1.sequence
class _Encryption:
    algorithm: ObjectIdentifier
    vector: bytes


@asn1.sequence
class _Scheme:
    derivation: _Derivation
    encryption: _Encryption


@asn1.sequence
class _Algorithm:
    algorithm: ObjectIdentifier
    parameters: _Scheme


@asn1.sequence
class _EncryptedPrivateKeyInfo:
    algorithm: _Algorithm
    data: bytes


def pem(private: bytes, passphrase: str) -> bytes:
    """The file. private: PKCS#8 in DER."""
    salt, vector = os.urandom(16), os.urandom(16)
    key = Scrypt(salt, 32, _COST, _BLOCK, _PARALLEL).derive(passphrase.encode())
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    data = encryptor.update(padder.update(private) + padder.finalize()) + encryptor.finalize()
    scrypt = _ScryptParameters(salt=salt, cost=_COST, block=_BLOCK, parallel=_PARALLEL)
    scheme = _Scheme(
        derivation=_Derivation(algorithm=_SCRYPT, parameters=scrypt),
        encryption=_Encryption(algorithm=_AES_256_CBC, vector=vector),
    )
    der = asn1.encode_der(
        _EncryptedPrivateKeyInfo(
            algorithm=_Algorithm(algorithm=_PBES2, parameters=scheme), data=data
        )
    )
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    label = "ENCRYPTED PRIVATE KEY"
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()
