"""The authority that phones are asked to trust, and the pages' certificate by it.

It is not the one that units pin: what a phone trusts can speak for any site, so this one is held
by its own constraints (RFC 5280, 4.2.1.10) to the hub's names and to private networks.
"""

import datetime
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from noisetamer.base.private_file import write_private
from noisetamer.hub.bus.authority import (
    BEGIN,
    builder,
    general_name,
    key_pem,
    key_usage,
    named,
    read_certificate,
    read_key,
)

AUTHORITY_DAYS = 3653
# Apple takes none that holds for more than 825 days, also of an authority that the owner of the
# phone installed (support.apple.com/103769); public ones have 398.
PAGE_DAYS = 397
RENEW_DAYS = 30
# A phone's clock may be behind.
BEFORE = datetime.timedelta(days=1)
# RFC 1918, RFC 6598, RFC 4193, RFC 3927, RFC 4291
_PRIVATE = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
    *("127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"),
)


class PageAuthority:
    """Files in a folder: `page-ca.pem`, `page-ca.der` for phones, `page.pem`, `page.key`."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        """names: host names or addresses by which browsers open the hub.

        Raises UserError for what is none.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.authority_pem, self.authority_der = folder / "page-ca.pem", folder / "page-ca.der"
        self.page_pem, self.page_key = folder / "page.pem", folder / "page.key"
        self._authority_key = folder / "page-ca.key"
        self._names = [general_name(name) for name in dict.fromkeys(names)]

    def renew(self, now: datetime.datetime) -> bool:
        """Make what is missing, ends soon or has other names; whether the page's is another."""
        now = max(now, BEGIN)
        authority = self._authority(now)
        if self._page_is_good(authority, now):
            return False
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._new_page(key, authority, now)
        # A pair that does not match, after a power cut in between, is made anew at the next look.
        write_private(self.page_key, key_pem(key))
        write_private(self.page_pem, certificate.public_bytes(serialization.Encoding.PEM))
        return True

    def fingerprint(self) -> str:
        """SHA-256 of the authority's certificate, as phones show it."""
        return read_certificate(self.authority_pem).fingerprint(hashes.SHA256()).hex(":").upper()

    def _authority(self, now: datetime.datetime) -> x509.Certificate:
        try:
            found = read_certificate(self.authority_pem)
            long = found.not_valid_after_utc > now + datetime.timedelta(days=PAGE_DAYS)
            if (
                long
                and read_key(self._authority_key).public_key() == found.public_key()
                and self._covers(found)
            ):
                return found
        except (OSError, ValueError, TypeError, AssertionError, x509.ExtensionNotFound):
            pass
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._new_authority(key, now)
        write_private(self._authority_key, key_pem(key))
        write_private(self.authority_der, made.public_bytes(serialization.Encoding.DER))
        write_private(self.authority_pem, made.public_bytes(serialization.Encoding.PEM))
        return made

    def _covers(self, authority: x509.Certificate) -> bool:
        """Whether its constraints let it speak for all names."""
        constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
        permitted = constraints.permitted_subtrees or []
        hosts = {each.value for each in permitted if isinstance(each, x509.DNSName)}
        networks = [each.value for each in permitted if isinstance(each, x509.IPAddress)]
        return all(
            name.value in hosts
            if isinstance(name, x509.DNSName)
            else any(name.value in network for network in networks)
            for name in self._names
        )

    def _page_is_good(self, authority: x509.Certificate, now: datetime.datetime) -> bool:
        try:
            found = read_certificate(self.page_pem)
            if found.public_key() != read_key(self.page_key).public_key():
                return False
            found.verify_directly_issued_by(authority)
        except (OSError, ValueError, TypeError, AssertionError, InvalidSignature):
            return False
        known = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        begun = found.not_valid_before_utc <= now
        lasts = found.not_valid_after_utc > now + datetime.timedelta(days=RENEW_DAYS)
        return begun and lasts and set(self._names) <= set(known)

    def _new_authority(
        self, key: ec.EllipticCurvePrivateKey, now: datetime.datetime
    ) -> x509.Certificate:
        hosts = [name for name in self._names if isinstance(name, x509.DNSName)]
        # without a single host all hosts would be permitted
        hosts = [*hosts, x509.DNSName("localhost")]
        private = [ipaddress.ip_network(network) for network in _PRIVATE]
        given = [
            ipaddress.ip_network(name.value)
            for name in self._names
            if isinstance(name, x509.IPAddress)
            and not any(name.value in network for network in private)
        ]
        permitted = [*hosts, *(x509.IPAddress(network) for network in [*private, *given])]
        # the date tells two of them apart in a phone's list
        name = named(f"Noise Tamer pages {now:%Y-%m-%d %H:%M}")
        usage = key_usage(signs_certificates=True)
        return (
            builder(name, name, key, *_span(now, AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(
                x509.NameConstraints(list(dict.fromkeys(permitted)), None), critical=True
            )
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(key, hashes.SHA256())
        )

    def _new_page(
        self, key: ec.EllipticCurvePrivateKey, authority: x509.Certificate, now: datetime.datetime
    ) -> x509.Certificate:
        identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return (
            builder(named("Noise Tamer hub"), authority.subject, key, *_span(now, PAGE_DAYS))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(signs_certificates=False), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
                critical=False,
            )
            .add_extension(x509.SubjectAlternativeName(self._names), critical=False)
            .sign(read_key(self._authority_key), hashes.SHA256())
        )


def _span(now: datetime.datetime, days: int) -> tuple[datetime.datetime, datetime.datetime]:
    return now - BEFORE, now - BEFORE + datetime.timedelta(days=days)
