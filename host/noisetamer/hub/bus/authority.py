"""The hub's private certificate authority and the broker's certificate.

Units pin the authority, so the server certificate can be renewed without touching a unit.
"""

import datetime
import ipaddress
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from noisetamer.base.errors import UserError

AUTHORITY_DAYS = 3653
SERVER_DAYS = 730
RENEW_DAYS = 30
_HOST_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")

_log = logging.getLogger("noisetamer.hub")


@dataclass(frozen=True)
class Certificates:
    """Files of the authority (PEM for hosts, DER for MicroPython, which reads only that)
    and of the server.
    """

    ca_pem: Path
    ca_der: Path
    server_pem: Path
    server_key: Path


def certificates(folder: Path, names: Sequence[str], now: datetime.datetime) -> Certificates:
    """Make what is missing in `folder`; renew the server's when it ends soon or `names` grew.

    names: host names or IP addresses the units may connect to; the certificate's alternatives.
    now: aware date and time.
    Raises UserError when the authority itself has expired.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca_key_file = folder / "ca.key"
    found = Certificates(
        folder / "ca.pem", folder / "ca.der", folder / "server.pem", folder / "server.key"
    )
    if not found.ca_pem.exists():
        ca_key, ca = _new_authority(now)
        write_private(ca_key_file, _pem(ca_key))
        found.ca_der.write_bytes(ca.public_bytes(serialization.Encoding.DER))
        found.ca_pem.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    ca = x509.load_pem_x509_certificate(found.ca_pem.read_bytes())
    if ca.not_valid_after_utc <= now:
        raise UserError(
            f"The hub's certificate authority {found.ca_pem} expired on "
            f"{ca.not_valid_after_utc:%Y-%m-%d}: move the folder away, start the hub again "
            "and give every unit the new authority."
        )
    if _server_must_be_made(found.server_pem, names, now):
        ca_key = serialization.load_pem_private_key(ca_key_file.read_bytes(), None)
        assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
        key, certificate = _new_server(ca_key, ca, names, now)
        write_private(found.server_key, _pem(key))
        found.server_pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return found


def write_private(file: Path, content: bytes) -> None:
    """Replace `file` whole, readable by its owner only from the first byte on."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    draft.replace(file)


def _server_must_be_made(file: Path, names: Sequence[str], now: datetime.datetime) -> bool:
    if not file.exists():
        return True
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    if certificate.not_valid_after_utc <= now + datetime.timedelta(days=RENEW_DAYS):
        _log.warning(
            "The broker's certificate ends on %s: renewed, the units keep their authority.",
            f"{certificate.not_valid_after_utc:%Y-%m-%d}",
        )
        return True
    known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return not {_general_name(name) for name in names} <= set(known)


def _new_authority(
    now: datetime.datetime,
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Noise Tamer hub authority")
    certificate = (
        _builder(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def _new_server(
    ca_key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    names: Sequence[str],
    now: datetime.datetime,
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        _builder(_name(names[0]), ca.subject, key, now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in dict.fromkeys(names)]),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )
    return key, certificate


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # a unit whose clock is a little slow must still accept a fresh hub
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        if not _HOST_NAME.fullmatch(name):
            raise UserError(
                f"{name!r} is no host name or address: give what the units connect to with --name."
            ) from None
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
