"""A permit proves itself without a network: not one bit of it can be another."""

from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from noisetamer.proof import permit_document
from noisetamer.proof.permit_document import (
    PERMIT,
    REVOCATIONS,
    DocumentError,
    judge,
    newest,
    read,
    sign,
    signed_by,
)
from noisetamer.proof.signer import KeySigner

KEY = KeySigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))), "hub/permits/1")
OTHER = KeySigner(Ed25519PrivateKey.from_private_bytes(bytes(32)), "hub/permits/2")
CLAIMS = {
    "jti": "3.1",
    "iat": 1_793_000_000,
    "group": "东门舞队",
    "leader": "王阿姨",
    "square": "东门广场",
    "place": "北侧",
    "days": ["mon", "fri"],
    "from": "19:00",
    "to": "20:30",
    "first": "2026-11-01",
    "last": "2026-12-31",
    "zone": 28_800,
    "limit": 650,
}
TODAY = date(2026, 11, 20)


def revocations(number: int, at: int, *entries: tuple[str, int, str]) -> permit_document.Signed:
    claims = {"iat": at, "number": number, "revoked": [list(one) for one in entries]}
    found = read(sign(REVOCATIONS, claims, KEY))
    signed_by(found, [KEY.public])
    return found


def test_a_permit_says_what_was_signed_and_fits_a_qr_code() -> None:
    text = sign(PERMIT, CLAIMS, KEY)
    found = read(permit_document.text_of(f"https://hub:8080/permit#{text}\n"))
    assert signed_by(found, [OTHER.public, KEY.public]) == KEY.public
    assert found.claims == {**CLAIMS, "iss": KEY.name}
    # version 20 of a QR code, at the level that survives a crease, has room for 666 bytes
    assert len(text) < 600


def test_not_one_bit_of_it_can_be_another() -> None:
    text = sign(PERMIT, CLAIMS, KEY)
    for at in range(len(text)):
        for bit in (1, 2, 4, 8, 16, 32):
            forged = text[:at] + chr(ord(text[at]) ^ bit) + text[at + 1 :]
            with pytest.raises(DocumentError):
                signed_by(read(forged), [KEY.public])


def test_a_key_that_is_not_known_proves_nothing() -> None:
    with pytest.raises(DocumentError) as told:
        signed_by(read(sign(PERMIT, CLAIMS, OTHER)), [KEY.public])
    assert told.value.why == "key"


@pytest.mark.parametrize(
    "text", ["", "a.b.c", "..", sign(PERMIT, CLAIMS, KEY)[:-1], sign(PERMIT, {}, KEY), "北.x.y"]
)
def test_what_is_no_permit_is_said_to_be_none(text: str) -> None:
    with pytest.raises(DocumentError) as told:
        read(text)
    assert told.value.why == "form"


def test_a_list_is_no_permit_whatever_signed_it() -> None:
    claims = {"iat": 1, "number": 1, "revoked": []}
    with pytest.raises(DocumentError):
        read(sign(PERMIT, claims, KEY))


def test_a_revoked_permit_holds_no_more_and_how_old_the_word_is_is_told() -> None:
    permit = read(sign(PERMIT, CLAIMS, KEY))
    assert judge(permit, None, TODAY).as_of is None
    first = revocations(1, 1_793_100_000, ("2.1", 1_793_050_000, "revoked"))
    held = judge(permit, first, TODAY)
    assert (held.holds, held.list_number, held.as_of) == (True, 1, 1_793_100_000)
    gone = revocations(
        *(2, 1_793_200_000, ("2.1", 1_793_050_000, "revoked")),
        ("3.1", 1_793_150_000, "replaced"),
    )
    found = judge(permit, gone, TODAY)
    assert (found.holds, found.revoked, found.why) == (False, 1_793_150_000, "replaced")


def test_an_older_list_does_not_bring_a_revoked_permit_back() -> None:
    old = revocations(1, 1_793_999_999)  # signed later by a clock that was wrong
    new = revocations(2, 1_793_200_000, ("3.1", 1_793_150_000, "revoked"))
    for given in ([old, new], [new, old]):
        assert newest(given) is new
    assert newest([]) is None


def test_a_permit_holds_from_its_first_day_to_its_last() -> None:
    permit = read(sign(PERMIT, CLAIMS, KEY))
    days = ("2026-10-31", "2026-11-01", "2026-12-31", "2027-01-01")
    found = [judge(permit, None, date.fromisoformat(day)) for day in days]
    assert [one.holds for one in found] == [False, True, True, False]
    assert (found[0].early, found[-1].over) == (True, True)
