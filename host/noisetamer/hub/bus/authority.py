"""The hub's private certificate authority and the broker's certificate.

Units pin the authority, so the server certificate can be renewed without touching a unit. All of
them begin at one early date: a unit that knows no more of the time than when its firmware was
made never finds one that is not valid yet.
"""

import datetime
import ipaddress
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from noisetamer.base.errors import UserError
from noisetamer.base.private_file import write_private

BEGIN = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
AUTHORITY_DAYS = 3653
# Before its end it is made anew with the same key. A unit that is set up from then on has the new
# one; one that was set up before trusts the same servers as long as its own copy lasts.
AUTHORITY_RENEW_DAYS = 730
SERVER_DAYS = 730
RENEW_DAYS = 30
AUTHORITY_NAME, SERVER_NAME = "Noise Tamer hub authority", "Noise Tamer hub"
# RFC 1035, 2.3.4
_HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")

_log = logging.getLogger("noisetamer.hub")


@dataclass(frozen=True)
class Certificates:
    """Files of the authority (PEM for hosts, DER for MicroPython, which reads only that)
    and of the server.

    server_ends: of the server's; authority_ends: of the first authority to end that a unit may
    have; set_up_before: units set up since then have a later one, None where there is none.
    """

    ca_pem: Path
    ca_der: Path
    server_pem: Path
    server_key: Path
    server_ends: datetime.datetime
    authority_ends: datetime.datetime
    set_up_before: datetime.datetime | None


def certificates(folder: Path, names: Sequence[str], now: datetime.datetime) -> Certificates:
    """Make what is missing in `folder`, and what ends soon or is of another form, anew.

    names: host names or IP addresses the units may connect to; the certificate's alternatives.
    now: aware date and time; a clock that is not set yet does no harm.
    Raises UserError when the authority itself has expired.
    """
    now = max(now, BEGIN)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = _Authority(folder)
    authority.renew(now)
    server_pem, server_key = folder / "server.pem", folder / "server.key"
    if why := _server_must_be_made(server_pem, server_key, authority.certificate, names, now):
        if server_pem.exists():
            _log.warning("The broker's certificate is made anew (%s); units notice nothing.", why)
        key, certificate = _new_server(authority.key(), authority.certificate, names, now)
        # A pair that does not match, after a power cut in between, is made anew at the next look.
        write_private(server_key, key_pem(key))
        _write(server_pem, certificate.public_bytes(serialization.Encoding.PEM))
    return Certificates(
        authority.pem,
        authority.der,
        server_pem,
        server_key,
        read_certificate(server_pem).not_valid_after_utc,
        *authority.first_end(now),
    )


def issue(authority: Path, folder: Path, names: Sequence[str], now: datetime.datetime) -> None:
    """Put into `folder` what one server of a cluster needs: ca.pem, ca.der, server.pem and
    server.key, by which it is known to units and to the other servers; by the authority in the
    folder `authority`, which need not be on that machine. Raises UserError as `certificates`.
    """
    now = max(now, BEGIN)
    for one in (authority, folder):
        one.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = _Authority(authority)
    made.renew(now)
    key, certificate = _new_server(made.key(), made.certificate, names, now)
    write_private(folder / "server.key", key_pem(key))
    _write(folder / "server.pem", certificate.public_bytes(serialization.Encoding.PEM))
    for file in (made.pem, made.der):
        _write(folder / file.name, file.read_bytes())


def names_in(file: Path) -> list[str]:
    """By which a server is known, of its certificate. Raises OSError, ValueError."""
    extensions = read_certificate(file).extensions
    found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(one.value) for one in found]


def issued(folder: Path) -> Certificates:
    """What `issue` put there. Raises OSError, ValueError where it is not."""
    pem = folder / "server.pem"
    return Certificates(
        folder / "ca.pem",
        folder / "ca.der",
        pem,
        folder / "server.key",
        read_certificate(pem).not_valid_after_utc,
        read_certificate(folder / "ca.pem").not_valid_after_utc,
        None,
    )


def look_at(folder: Path) -> dict[str, datetime.datetime]:
    """{what: when it ends} of the certificates in a hub's folder; nothing is made anew.

    Raises ValueError where they do not belong together, OSError where one is missing.
    """
    ca, server = read_certificate(folder / "ca.pem"), read_certificate(folder / "server.pem")
    for what, certificate, key in (("ca", ca, "ca.key"), ("server", server, "server.key")):
        if certificate.public_key() != read_key(folder / key).public_key():
            raise ValueError(f"{key} is not the key of {what}.pem")
    try:
        server.verify_directly_issued_by(ca)
    except (InvalidSignature, TypeError):
        raise ValueError("server.pem is not of the authority in ca.pem") from None
    if (folder / "ca.der").read_bytes() != ca.public_bytes(serialization.Encoding.DER):
        raise ValueError("ca.der, which units get, is another than ca.pem")
    return {
        "the authority": ca.not_valid_after_utc,
        "the broker's certificate": server.not_valid_after_utc,
    }


class _Authority:
    """The authority's files in a folder, as the units have it or will get it."""

    def __init__(self, folder: Path) -> None:
        self.pem, self.der = folder / "ca.pem", folder / "ca.der"
        self._key_file = folder / "ca.key"
        self._before_pem = folder / "ca-before.pem"

    @property
    def certificate(self) -> x509.Certificate:
        return read_certificate(self.pem)

    def key(self) -> ec.EllipticCurvePrivateKey:
        return read_key(self._key_file)

    def renew(self, now: datetime.datetime) -> None:
        """Make it where there is none; make it anew, with its key, long before it ends."""
        if not self.pem.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            write_private(self._key_file, key_pem(key))
            self._write(_new_authority(key, now))
            return
        found = self.certificate
        if found.not_valid_after_utc <= now:
            raise UserError(
                f"The hub's certificate authority {self.pem} expired on "
                f"{found.not_valid_after_utc:%Y-%m-%d}: move the folder away, start the hub again "
                "and give every unit the new authority."
            )
        ending = now + datetime.timedelta(days=AUTHORITY_RENEW_DAYS)
        if found.not_valid_before_utc != BEGIN or found.not_valid_after_utc <= ending:
            if self._before(now) is None:
                _write(self._before_pem, self.pem.read_bytes())
            self._write(_new_authority(self.key(), now))

    def first_end(
        self, now: datetime.datetime
    ) -> tuple[datetime.datetime, datetime.datetime | None]:
        """Of those that units may have the first to end, and since when others are given out."""
        end, before = self.certificate.not_valid_after_utc, self._before(now)
        if before is None:
            return end, None
        return before.not_valid_after_utc, end - datetime.timedelta(days=AUTHORITY_DAYS)

    def _before(self, now: datetime.datetime) -> x509.Certificate | None:
        """The one that units have which were set up before it was made anew, until it ends."""
        if not self._before_pem.exists():
            return None
        found = read_certificate(self._before_pem)
        return found if found.not_valid_after_utc > now else None

    def _write(self, certificate: x509.Certificate) -> None:
        _write(self.der, certificate.public_bytes(serialization.Encoding.DER))
        _write(self.pem, certificate.public_bytes(serialization.Encoding.PEM))


def _write(file: Path, content: bytes) -> None:
    """Replace `file` whole."""
    draft = file.with_name(file.name + ".new")
    draft.write_bytes(content)
    draft.replace(file)


def read_certificate(file: Path) -> x509.Certificate:
    """From PEM. Raises OSError, ValueError."""
    return x509.load_pem_x509_certificate(file.read_bytes())


def read_key(file: Path) -> ec.EllipticCurvePrivateKey:
    """From PEM. Raises OSError, ValueError, TypeError, AssertionError."""
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _server_must_be_made(
    pem: Path,
    key: Path,
    ca: x509.Certificate,
    names: Sequence[str],
    now: datetime.datetime,
) -> str:
    """Why; '' when it is good."""
    try:
        certificate = read_certificate(pem)
        if certificate.public_key() != read_key(key).public_key():
            return "its key is another's"
        certificate.verify_directly_issued_by(ca)
    except (OSError, ValueError, TypeError, AssertionError, InvalidSignature):
        return "it is missing, broken or of another authority"
    if certificate.not_valid_before_utc != BEGIN or certificate.subject != named(SERVER_NAME):
        return "it is of an older form"
    end = certificate.not_valid_after_utc
    if end <= now + datetime.timedelta(days=RENEW_DAYS):
        return f"it ends on {end:%Y-%m-%d}"
    known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if not {general_name(name) for name in names} <= set(known):
        return "it has other names"
    return ""


def _new_authority(key: ec.EllipticCurvePrivateKey, now: datetime.datetime) -> x509.Certificate:
    name = named(AUTHORITY_NAME)
    return (
        builder(name, name, key, BEGIN, now + datetime.timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _new_server(
    ca_key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    names: Sequence[str],
    now: datetime.datetime,
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        builder(
            named(SERVER_NAME), ca.subject, key, BEGIN, now + datetime.timedelta(days=SERVER_DAYS)
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        # the second for the other servers of a cluster: each calls and is called
        .add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName([general_name(name) for name in dict.fromkeys(names)]),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )
    return key, certificate


def builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begin: datetime.datetime,
    end: datetime.datetime,
) -> x509.CertificateBuilder:
    """What every certificate of ours begins with."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )


def key_usage(signs_certificates: bool) -> x509.KeyUsage:
    """Of an authority, or of a server."""
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


def named(common_name: str) -> x509.Name:
    """A subject of nothing but that."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def general_name(name: str) -> x509.GeneralName:
    """Of a host name or an address. Raises UserError for what is neither."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        if not _HOST_NAME.fullmatch(name):
            raise UserError(
                f"{name!r} is no host name or address: give what the units connect to with --name."
            ) from None
        return x509.DNSName(name)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Without a pass phrase: the hub starts by itself after a power cut."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
