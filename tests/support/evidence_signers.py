"""Who signs in evidence made by the form alone: a root, a log, witnesses, a time stamp authority.

Shares no code with the hub and none with the verifier.
"""

import base64
import hashlib
import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN_NAME = "东门派出所/noisetamer"
BEGIN = 1_795_000_000


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spki(key: Any) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def pem(key: Any) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def tree_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1; leaves: entries."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + tree_root(leaves[:k]) + tree_root(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]), 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    if m < k:
        return [*path(m, leaves[:k]), tree_root(leaves[k:])]
    return [*path(m - k, leaves[k:]), tree_root(leaves[:k])]


def consistency(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b), 2.1.2."""
    if m == len(leaves):
        return [] if whole else [tree_root(leaves)]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    if m <= k:
        return [*consistency(m, leaves[:k], whole), tree_root(leaves[k:])]
    return [*consistency(m - k, leaves[k:], False), tree_root(leaves[:k])]


class Keys:
    """A root, a log and two witnesses; the list that the root signs."""

    def __init__(self) -> None:
        self.root = rsa.generate_private_key(65537, 2048)
        self.log = Ed25519PrivateKey.generate()
        self.witnesses = {
            name: Ed25519PrivateKey.generate()
            for name in ("property.example/witness", "station.example/witness")
        }
        digest = hashlib.sha256(self.log.public_key().public_bytes_raw()).hexdigest()
        self.origin = f"{ORIGIN_NAME}/{digest[:8]}"

    def listed(
        self, stamping: bytes | None, changes: Mapping[str, Mapping[str, Any]], number: int = 3
    ) -> bytes:
        """keys.list. stamping: SubjectPublicKeyInfo; changes: {role: fields}."""
        keys = [self._key("log of the hub", "log", "ed25519", spki(self.log))]
        for name, key in self.witnesses.items():
            keys.append(self._key(f"{name} for people", "witness", "ed25519", spki(key)))
        if stamping:
            keys.append(self._key("authority", "tsa", "ec", stamping))
        for key in keys:
            key.update(changes.get(key["role"], {}))
        table = {"number": number, "issued": BEGIN - 86400, "keys": keys}
        text = b"noisetamer keys/v1\n" + canonical(table) + b"\n"
        signature = self.root.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return text + f"— root {b64(signature)}\n".encode()

    def _key(self, name: str, role: str, algorithm: str, der: bytes) -> dict[str, Any]:
        about = {"from": 0, "until": None, "revoked": None, "why": ""}
        return {"name": name, "role": role, "algorithm": algorithm, "public": b64(der), **about}

    def checkpoint(self, leaves: list[bytes], at: int, cosigned: bool = True) -> bytes:
        text = f"{self.origin}\n{len(leaves)}\n{b64(tree_root(leaves))}\n".encode()
        lines = [self._line(self.origin, 1, self.log, self.log.sign(text))]
        for name, key in sorted(self.witnesses.items()) if cosigned else ():
            said = f"cosignature/v1\ntime {at}\n".encode() + text
            lines.append(self._line(name, 4, key, at.to_bytes(8) + key.sign(said)))
        return text + b"\n" + "".join(lines).encode()

    def _line(self, name: str, kind: int, key: Ed25519PrivateKey, signature: bytes) -> str:
        public = key.public_key().public_bytes_raw()
        id_ = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]
        return f"— {name} {b64(id_ + signature)}\n"


_EXTENSIONS = """
[ca]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign
[tsa]
extendedKeyUsage=critical,timeStamping
[web]
extendedKeyUsage=critical,serverAuth
[ts]
default_tsa=one
[one]
serial=serial
default_policy=1.2.3.4
digests=sha256
signer_digest=sha256
ess_cert_id_alg=sha256
accuracy=secs:1
"""


class Authority:
    """openssl's time stamp authority: an ECDSA authority, and an RSA key that it lets stamp."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "extensions").write_text(_EXTENSIONS)
        (folder / "serial").write_text("01\n")
        self._self_signed("ca", "/O=Time/CN=The authority")
        self.issued("stamper", "/O=Time/CN=The stamper", "tsa")
        self.pem = (folder / "ca.crt").read_bytes()
        self.public = self.run(
            *("x509", "-in", "ca.crt", "-noout", "-pubkey"),
            then=("pkey", "-pubin", "-outform", "DER"),
        )

    def _self_signed(self, name: str, subject: str) -> None:
        self.run(
            *("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-out", f"{name}.key"),
        )
        self.run(
            *("req", "-new", "-x509", "-key", f"{name}.key", "-subj", subject, "-days", "3650"),
            *("-out", f"{name}.crt", "-config", "extensions", "-extensions", "ca"),
        )

    def issued(self, name: str, subject: str, use: str) -> None:
        """A certificate of the authority. use: tsa or web."""
        self.run(
            *("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
            *("-out", f"{name}.key"),
        )
        asked = self.run(
            *("req", "-new", "-key", f"{name}.key", "-subj", subject, "-config", "extensions")
        )
        (self._folder / "asked").write_bytes(asked)
        self.run(
            *("x509", "-req", "-in", "asked", "-CA", "ca.crt", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-days", "3650", "-extfile", "extensions"),
            *("-extensions", use, "-out", f"{name}.crt"),
        )

    def ended(self) -> str:
        """A certificate like the stamper's, which held until 2020; its name."""
        key = serialization.load_pem_private_key((self._folder / "ca.key").read_bytes(), None)
        there = x509.load_pem_x509_certificate((self._folder / "stamper.crt").read_bytes())
        builder = x509.CertificateBuilder(
            issuer_name=there.issuer,
            subject_name=there.subject,
            public_key=there.public_key(),
            serial_number=there.serial_number + 1,
            not_valid_before=datetime(2019, 1, 1, tzinfo=UTC),
            not_valid_after=datetime(2020, 1, 1, tzinfo=UTC),
            extensions=list(there.extensions),
        )
        made = builder.sign(key, hashes.SHA256())  # type: ignore[arg-type]
        (self._folder / "ended.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (self._folder / "ended.key").write_bytes((self._folder / "stamper.key").read_bytes())
        return "ended"

    def stamp(self, message: bytes, enclosed: bool = True, by: str = "stamper") -> bytes:
        """A TimeStampResp on the SHA-256 of a message. enclosed: with the certificate."""
        digest = hashlib.sha256(message).hexdigest()
        cert = ["-cert"] if enclosed else []
        query = self.run("ts", "-query", "-digest", digest, "-sha256", *cert)
        (self._folder / "query").write_bytes(query)
        return self.run(
            *("ts", "-reply", "-config", "extensions", "-section", "one", "-queryfile", "query"),
            *("-signer", f"{by}.crt", "-inkey", f"{by}.key"),
        )

    def run(self, *arguments: str, then: tuple[str, ...] = ()) -> bytes:
        done = subprocess.run(
            ["openssl", *arguments], cwd=self._folder, capture_output=True, check=True
        ).stdout
        if then:
            done = subprocess.run(
                ["openssl", *then], cwd=self._folder, input=done, capture_output=True, check=True
            ).stdout
        return done
