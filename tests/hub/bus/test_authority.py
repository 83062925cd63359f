import datetime
import ipaddress
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.verification import PolicyBuilder, Store

from noisetamer.base.errors import UserError
from noisetamer.hub.bus import authority
from noisetamer.hub.bus.authority import BEGIN, Certificates, certificates

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
    assert before.set_up_before is None
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


def test_a_unit_that_knows_only_when_its_firmware_was_made_finds_nothing_not_valid_yet(
    tmp_path: Path,
):
    found = certificates(tmp_path, NAMES, NOW + 300 * DAY)  # by a hub whose clock is ahead
    for at in (BEGIN, NOW, NOW + 300 * DAY):
        verify(found, x509.DNSName("hub.example"), at)


def test_a_hub_without_a_clock_makes_certificates_too_and_others_once_it_has_one(tmp_path: Path):
    found = certificates(tmp_path, NAMES, datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC))
    verify(found, x509.DNSName("hub.example"), BEGIN + DAY)
    found = certificates(tmp_path, NAMES, NOW + 1000 * DAY)
    verify(found, x509.DNSName("hub.example"), NOW + 1000 * DAY)


def test_a_host_name_longer_than_a_common_name_may_be(tmp_path: Path):
    name = ".".join(["a-square-with-a-long-name"] * 4)
    found = certificates(tmp_path, [name, *NAMES], NOW)
    verify(found, x509.DNSName(name), NOW)
    with pytest.raises(UserError, match="is no host name or address"):
        certificates(tmp_path, ["a" * 64 + ".example"], NOW)


def of_older_form(monkeypatch: pytest.MonkeyPatch, folder: Path, made: datetime.datetime) -> None:
    """As hubs made them that began a day before."""
    with monkeypatch.context() as older:
        older.setattr(authority, "BEGIN", made - DAY)
        certificates(folder, NAMES, made)


def test_certificates_of_the_older_form_are_made_anew_and_old_units_notice_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    of_older_form(monkeypatch, tmp_path, NOW)
    (tmp_path / "of-a-unit.pem").write_bytes((tmp_path / "ca.pem").read_bytes())
    found = certificates(tmp_path, NAMES, NOW + DAY)
    for ca, at in ((found.ca_pem, BEGIN), (tmp_path / "of-a-unit.pem", NOW)):
        policy = PolicyBuilder().store(Store([certificate(ca)])).time(at)
        verifier = policy.build_server_verifier(x509.DNSName("hub.example"))
        verifier.verify(certificate(found.server_pem), [])
    assert found.authority_ends == certificate(tmp_path / "of-a-unit.pem").not_valid_after_utc
    assert found.set_up_before == NOW + DAY
    assert certificates(tmp_path, NAMES, NOW + 2 * DAY) == found


def test_a_certificate_made_while_the_clock_was_ahead_is_made_anew_when_it_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    of_older_form(monkeypatch, tmp_path, NOW + 365 * DAY)
    found = certificates(tmp_path, NAMES, NOW)
    verify(found, x509.DNSName("hub.example"), NOW)


def test_two_years_before_its_end_new_units_get_an_authority_that_lasts(tmp_path: Path):
    certificates(tmp_path, NAMES, NOW)
    before = (tmp_path / "ca.pem").read_bytes()
    later = NOW + (3653 - 729) * DAY
    found = certificates(tmp_path, NAMES, later)
    assert found.authority_ends == NOW + 3653 * DAY  # of the units of before
    assert found.set_up_before == later
    assert certificate(found.ca_pem).not_valid_after_utc == later + 3653 * DAY
    old = x509.load_pem_x509_certificate(before)
    policy = PolicyBuilder().store(Store([old])).time(later)
    verifier = policy.build_server_verifier(x509.DNSName("hub.example"))
    verifier.verify(certificate(found.server_pem), [])
    # once they have ended they are no matter any more
    found = certificates(tmp_path, NAMES, NOW + 3654 * DAY)
    assert (found.authority_ends, found.set_up_before) == (later + 3653 * DAY, None)


@pytest.mark.parametrize("file", ["server.pem", "server.key"])
@pytest.mark.parametrize("content", [b"", b"rubbish"])
def test_a_broken_certificate_or_key_is_made_anew(tmp_path: Path, file: str, content: bytes):
    certificates(tmp_path, NAMES, NOW)
    (tmp_path / file).write_bytes(content)
    verify(certificates(tmp_path, NAMES, NOW), x509.DNSName("hub.example"), NOW)


def test_a_power_cut_between_key_and_certificate_leaves_no_pair_that_does_not_match(
    tmp_path: Path,
):
    certificates(tmp_path, NAMES, NOW)
    before = (tmp_path / "server.pem").read_bytes()
    certificates(tmp_path, NAMES, NOW + 710 * DAY)
    (tmp_path / "server.pem").write_bytes(before)
    found = certificates(tmp_path, NAMES, NOW + DAY)
    ours = serialization.load_pem_private_key(found.server_key.read_bytes(), None).public_key()
    assert ours == certificate(found.server_pem).public_key()
