#!/usr/bin/env bash
# One guesses: serialization.BestAvailableEncryption seals a private key with today's best, so that
# each guess of the passphrase costs something.
# What happens: PBKDF2-HMAC-SHA256 with 2048 rounds. A guess takes a millisecond of one core and no
# memory; scrypt as RFC 7914 has it for PKCS#8, which the same library opens, is not offered.
# Why it matters: of a stolen file a passphrase of ten letters is found by trying.
# Mend: put EncryptedPrivateKeyInfo together with scrypt (cryptography.hazmat.asn1 writes the DER).
# openssl opens it as long as one piece is below 32 MiB: N=2**14, r=8, and p for the cost.
#
# Output seen:
#   cryptography 50.0.2
#   rounds of PBKDF2: 2048
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check cryptography==50.0.2

venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
der = ed25519.Ed25519PrivateKey.generate().private_bytes(
    serialization.Encoding.DER,
    serialization.PrivateFormat.PKCS8,
    serialization.BestAvailableEncryption(b"correct horse battery"),
)
print("cryptography", version("cryptography"))
_, found, after = der.partition(PBKDF2)
# SEQUENCE, salt as OCTET STRING, rounds as INTEGER
salt = after[3]
length = after[4 + salt + 1]
rounds = int.from_bytes(after[4 + salt + 2 :][:length], "big") if found else 0
print("rounds of PBKDF2:", rounds)
sys.exit(0 if rounds == 2048 else "No longer so: another derivation, or more rounds.")
PYTHON
