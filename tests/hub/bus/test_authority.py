import datetime
import ipaddress
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.verification import PolicyBuilder, Store

from noisetamer.base.errors import UserError
from noisetamer.hub.bus.authority import Certificates, certificates

NOW = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
NAMES = ["127.0.0.1", "hub.example"]


def certificate(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def verify(
    found: Certificates, subject: x509.DNSName | x509.IPAddress, at: datetime.datetime
) -> None:
    policy = PolicyBuilder().store(Store([certificate(found.ca_pem)])).time(at)
    policy.build_server_verifier(subject).verify(certificate(found.server_pem), [])


def test_the_server_is_trusted_through_the_authority_under_all_its_names(tmp_path: Path):
    found = certificates(tmp_path, NAMES, NOW)
    verify(found, x509.DNSName("hub.example"), NOW)
    verify(found, x509.IPAddress(ipaddress.ip_address("127.0.0.1")), NOW)
    with pytest.raises(x509.verification.VerificationError):
        verify(found, x509.DNSName("other.example"), NOW)


def test_a_unit_whose_clock_is_some_hours_slow_still_trusts_a_fresh_hub(tmp_path: Path):
    verify(certificates(tmp_path, NAMES, NOW), x509.DNSName("hub.example"), NOW - 0.9 * DAY)


def test_micropython_gets_the_same_authority_as_der(tmp_path: Path):
    found = certificates(tmp_path, NAMES, NOW)
    der = certificate(found.ca_pem).public_bytes(serialization.Encoding.DER)
    assert found.ca_der.read_bytes() == der


def test_certificates_are_made_once_and_keys_are_the_owners(tmp_path: Path):
    before = certificates(tmp_path, NAMES, NOW)
    files = {file: file.read_bytes() for file in tmp_path.iterdir()}
    assert certificates(tmp_path, NAMES, NOW + DAY) == before
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == files
    for key in tmp_path.glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("names", "later"), [([*NAMES, "192.168.1.5"], DAY), (NAMES, 710 * DAY), (NAMES, 900 * DAY)]
)
def test_a_new_name_or_an_ending_renews_the_server_but_not_the_authority(
    tmp_path: Path, names: list[str], later: datetime.timedelta
):
    before = certificates(tmp_path, NAMES, NOW)
    ca, server = before.ca_der.read_bytes(), before.server_pem.read_bytes()
    after = certificates(tmp_path, names, NOW + later)
    assert after.ca_der.read_bytes() == ca
    assert after.server_pem.read_bytes() != server
    verify(after, x509.DNSName("hub.example"), NOW + later)


def test_an_expired_authority_is_one_clear_sentence(tmp_path: Path):
    certificates(tmp_path, NAMES, NOW)
    with pytest.raises(UserError, match=r"ca\.pem expired on 2036-11-23: move the folder away"):
        certificates(tmp_path, NAMES, NOW + 4000 * DAY)
