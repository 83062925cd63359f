from pathlib import Path

import pytest
from pyotp.totp import TOTP

from noisetamer.hub.people.accounts import AccountError
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.people import People
from noisetamer.hub.people.second_factor import address, new_second_factor

# Of RFC 6238, and another. Of a secret by chance a code that is tried below may be the right one.
OWN, OTHER = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"


@pytest.fixture
def now() -> list[float]:
    return [1_800_000_000.0]


@pytest.fixture
def people(tmp_path: Path, now: list[float]) -> People:
    return People(tmp_path / "people.sqlite", lambda: now[0])


def test_codes_are_those_of_rfc_6238():
    # appendix B: SHA-1, key of 20 bytes "12345678901234567890", its last six digits
    totp = TOTP(OWN)
    assert [totp.at(t) for t in (59, 1111111109, 2000000000)] == ["287082", "081804", "279037"]


def test_a_code_opens_once_also_the_one_just_before_and_none_from_long_ago(
    people: People, now: list[float]
):
    account = people.accounts.add("Li", "admin", HUB)
    totp = TOTP(OWN)
    assert people.second_factor.turn_on(account, OWN, "000000", HUB) == []
    assert not people.second_factor.wanted(account.id)
    codes = people.second_factor.turn_on(account, OWN, totp.at(now[0]), HUB)
    assert len(set(codes)) == 10 and people.second_factor.wanted(account.id)

    def right(code: str) -> bool:
        return people.second_factor.right(account, code, HUB)

    assert not right(totp.at(now[0]))  # it proved the secret: that was its one time
    now[0] += 60
    assert right(totp.at(now[0] - 30))
    assert not right(totp.at(now[0] - 30))
    assert right(totp.at(now[0]))
    assert not right(totp.at(now[0] - 30))  # older than the last taken
    now[0] += 300
    assert not right(totp.at(now[0] - 60))
    assert not right(totp.at(now[0] + 60))
    assert right(f" {totp.at(now[0])[:3]} {totp.at(now[0])[3:]} ")

    assert right(codes[3].upper())
    assert not right(codes[3])
    assert people.log.entries()[0].what == "recovery_code_used"
    people.second_factor.turn_off(account, HUB)
    assert not people.second_factor.wanted(account.id) and not right(codes[4])
    assert not right("")


def test_a_session_left_open_does_not_put_another_phone_in_its_owners_place(
    people: People, now: list[float]
):
    account = people.accounts.add("Li", "admin", HUB)
    assert people.second_factor.turn_on(account, OWN, TOTP(OWN).at(now[0]), HUB)
    now[0] += 60
    with pytest.raises(AccountError):
        people.second_factor.turn_on(account, OTHER, TOTP(OTHER).at(now[0]), HUB)
    assert not people.second_factor.right(account, TOTP(OTHER).at(now[0]), HUB)
    assert people.second_factor.right(account, TOTP(OWN).at(now[0]), HUB)


def test_the_phone_is_told_who_and_where(people: People):
    account = people.accounts.add("王 Li", "admin", HUB)
    secret = new_second_factor()
    told = address(account, secret, "hub.example")
    assert told.startswith("otpauth://totp/") and f"secret={secret}" in told
    assert "hub.example" in told
