"""A time stamping authority: OpenSSL's own, with certificates made here, behind HTTP."""

import datetime
import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from http.server import ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from http_beside import Handler, served
from waiting import DEADLINE

_CONFIGURATION = """
[tsa]
default_tsa = here
[here]
dir = {folder}
serial = $dir/serial
crypto_device = builtin
signer_cert = $dir/tsa.pem
certs = {further}
signer_key = $dir/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
tsa_name = yes
"""


@dataclass(frozen=True)
class Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def certificate(
    name: str, by: Pair | None = None, stamps: bool = False, days: tuple[int, int] = (-30, 3650)
) -> Pair:
    """by: who signs it, itself where there is none; days: from when to when, from today."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + datetime.timedelta(days[0]))
        .not_valid_after(today + datetime.timedelta(days[1]))
        .add_extension(x509.BasicConstraints(ca=not stamps, path_length=None), critical=True)
    )
    if stamps:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return Pair(builder.sign(by.key if by else key, hashes.SHA256()), key)


@cache
def authorities() -> tuple[Pair, Pair, Pair]:
    """A root, one below it, and one that stamps."""
    root = certificate("Stamps of the town")
    middle = certificate("Stamps, issuing", root)
    return root, middle, certificate("Stamps 2026", middle, stamps=True)


class Authority:
    """Answers as `openssl ts -reply` does."""

    def __init__(self, folder: Path, stamps: Pair, further: Sequence[Pair] = ()) -> None:
        """further: certificates that each answer carries besides its own."""
        folder.mkdir(parents=True)
        self._folder = folder
        (folder / "serial").write_text("01\n")
        (folder / "tsa.pem").write_bytes(stamps.pem)
        (folder / "further.pem").write_bytes(b"".join(one.pem for one in further))
        key = stamps.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (folder / "tsa.key").write_bytes(key)
        text = _CONFIGURATION.format(folder=folder, further="$dir/further.pem")
        if not further:
            text = text.replace("certs = $dir/further.pem\n", "")
        (folder / "tsa.conf").write_text(text)

    def answer(self, query: bytes) -> bytes:
        (self._folder / "query").write_bytes(query)
        words = ["-config", "tsa.conf", "-queryfile", "query", "-out", "reply"]
        subprocess.run(
            ["openssl", "ts", "-reply", *words],
            cwd=self._folder,
            check=True,
            capture_output=True,
            timeout=DEADLINE,
        )
        return (self._folder / "reply").read_bytes()


class AuthorityServer(ThreadingHTTPServer):
    """asked: how often; answering: may be replaced; status: of its answers."""

    def __init__(self, authority: Authority) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answering = authority.answer
        self.status = 200
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/tsr"


class _Handler(Handler):
    server: AuthorityServer  # type: ignore[assignment]

    def do_POST(self) -> None:
        self.server.asked += 1
        query = self.body()
        assert self.headers["Content-Type"] == "application/timestamp-query"
        body = self.server.answering(query) if self.server.status == 200 else b"away"
        self.answer(self.server.status, "application/timestamp-reply", body)


def serving(authority: Authority) -> AbstractContextManager[AuthorityServer]:
    return served(AuthorityServer(authority))
