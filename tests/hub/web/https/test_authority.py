"""The pages' certificate, judged by openssl."""

import datetime
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from noisetamer.base.errors import UserError
from noisetamer.hub.web.https.authority import PageAuthority

NOW = datetime.datetime(2026, 11, 28, 20, 0, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
NAMES = ["hub.example", "192.168.1.10", "localhost", "127.0.0.1", "::1"]


def judged(authority: PageAuthority, page: Path, at: datetime.datetime, *options: str) -> str:
    """'' where openssl takes it, else its words."""
    told = subprocess.run(
        [
            *("openssl", "verify", "-x509_strict", "-purpose", "sslserver"),
            *("-attime", str(int(at.timestamp())), "-CAfile", str(authority.authority_pem)),
            *options,
            str(page),
        ],
        capture_output=True,
        text=True,
    )
    return "" if told.returncode == 0 else told.stderr


@pytest.mark.tools
def test_a_browser_that_trusts_the_authority_takes_the_page_by_each_name(tmp_path: Path):
    made = PageAuthority(tmp_path, NAMES)
    assert made.renew(NOW)
    for option, name in [("-verify_hostname", "hub.example"), ("-verify_ip", "192.168.1.10")]:
        assert judged(made, made.page_pem, NOW, option, name) == ""
    assert "hostname mismatch" in judged(
        made, made.page_pem, NOW, "-verify_hostname", "bank.example"
    )
    assert "certificate has expired" in judged(made, made.page_pem, NOW + 400 * DAY)


@pytest.mark.tools
@pytest.mark.parametrize("name", ["bank.example", "example", "8.8.8.8", "2001:db8::1"])
def test_the_authority_speaks_for_no_other_site_whatever_it_signs(tmp_path: Path, name: str):
    made = PageAuthority(tmp_path, NAMES)
    made.renew(NOW)
    forger = PageAuthority(tmp_path, [name])
    authority = x509.load_pem_x509_certificate(made.authority_pem.read_bytes())
    # what a thief of its key would do
    forged = forger._new_page(ec.generate_private_key(ec.SECP256R1()), authority, NOW)
    file = tmp_path / "forged.pem"
    file.write_bytes(forged.public_bytes(serialization.Encoding.PEM))
    assert "permitted subtree violation" in judged(made, file, NOW)


def test_it_is_renewed_a_month_before_its_end_and_phones_notice_nothing(tmp_path: Path):
    made = PageAuthority(tmp_path, NAMES)
    made.renew(NOW)
    authority, first = made.authority_pem.read_bytes(), made.page_pem.read_bytes()
    assert not made.renew(NOW + 360 * DAY)
    assert made.page_pem.read_bytes() == first
    assert made.renew(NOW + 367 * DAY)
    assert made.page_pem.read_bytes() != first
    assert made.authority_pem.read_bytes() == authority
    found = x509.load_pem_x509_certificate(made.page_pem.read_bytes())
    # Apple takes none over 825 days, public ones 398
    assert found.not_valid_after_utc - found.not_valid_before_utc == 397 * DAY
    assert made.authority_pem.stat().st_mode & 0o077 == 0


def test_another_name_costs_another_authority_only_where_the_old_one_may_not_say_it(
    tmp_path: Path,
):
    made = PageAuthority(tmp_path, NAMES)
    made.renew(NOW)
    fingerprint = made.fingerprint()
    moved = PageAuthority(tmp_path, ["hub.example", "10.0.0.7"])
    assert moved.renew(NOW) and moved.fingerprint() == fingerprint
    renamed = PageAuthority(tmp_path, ["other.example"])
    assert renamed.renew(NOW) and renamed.fingerprint() != fingerprint
    outside = PageAuthority(tmp_path, ["203.0.113.5"])
    assert outside.renew(NOW) and not outside.renew(NOW)


@pytest.mark.parametrize("file", ["page.pem", "page.key", "page-ca.pem", "page-ca.key"])
def test_what_is_spoilt_is_made_anew(tmp_path: Path, file: str):
    made = PageAuthority(tmp_path, NAMES)
    made.renew(NOW)
    for content in (b"", b"\0" * 100, None):
        if content is None:
            (tmp_path / file).unlink()
        else:
            (tmp_path / file).write_bytes(content)
        assert made.renew(NOW)
        assert not made.renew(NOW)


def test_a_clock_that_is_not_set_makes_one_that_holds_later(tmp_path: Path):
    made = PageAuthority(tmp_path, NAMES)
    made.renew(datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC))
    assert made.renew(NOW) and not made.renew(NOW)


def test_what_is_no_name_is_said(tmp_path: Path):
    with pytest.raises(UserError, match="no host name"):
        PageAuthority(tmp_path, ["no name"])
