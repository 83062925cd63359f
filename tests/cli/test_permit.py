"""`noisetamer permit verify`, on a computer without a network."""

from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from in_chinese import english_in, run_in_chinese
from program import run

from noisetamer.proof import key_list, public_key, rsa
from noisetamer.proof.permit_document import PERMIT, REVOCATIONS, sign
from noisetamer.proof.signer import KeySigner

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = KeySigner(PRIVATE, "hub/permits/1")
SIGNED_AT = 1_793_000_000  # 2026-10-26 15:33 in Beijing
CLAIMS = {
    "jti": "3.1",
    "iat": SIGNED_AT,
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
TEXT = sign(PERMIT, CLAIMS, KEY)
ON = ("--on", date(2026, 11, 20))


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "permit.pem"
    file.write_bytes(public_key.pem(PRIVATE.public_key()))
    return file


def revocations(folder: Path, number: int, *entries: list) -> Path:
    file = folder / f"list-{number}.txt"
    claims = {"iat": SIGNED_AT + 1000 * number, "number": number, "revoked": list(entries)}
    file.write_text(sign(REVOCATIONS, claims, KEY) + "\n")
    return file


def test_a_permit_is_true_by_the_hubs_key_from_a_file_or_a_qr_code(
    key: Path, tmp_path: Path
) -> None:
    file = tmp_path / "permit.txt"
    file.write_text(TEXT + "\n")
    for given in (file, TEXT, f"https://hub:8080/permit#{TEXT}"):
        ran = run("permit", "verify", given, "--key", key, *ON, "--lang", "en")
        assert (ran.code, ran.wrong) == (0, []), ran
        assert ran.out.splitlines() == [
            "true: signed by hub/permits/1, 2026-10-26 15:33",
            "permit 3.1: 东门舞队",
            "  东门广场, 北侧",
            "  mon, fri 19:00-20:30, 2026-11-01 - 2026-12-31",
            "  65 dB",
            "whether it was revoked is not known: give the list by --revocations",
        ]
    said = run("permit", "verify", TEXT, "--key", key, *ON, "--lang", "zh").out
    assert "真的：由 hub/permits/1 签名" in said and "是否已撤销不知道" in said


def test_one_letter_changed_is_forged_and_another_key_proves_nothing(
    key: Path, tmp_path: Path
) -> None:
    at = TEXT.index(".") + 40
    forged = TEXT[:at] + ("A" if TEXT[at] != "A" else "B") + TEXT[at + 1 :]
    ran = run("permit", "verify", forged, "--key", key, *ON, "--lang", "en")
    assert (ran.code == 1 and "was changed" in ran.out) or "no permit" in ran.out
    other = tmp_path / "other.pem"
    other.write_bytes(public_key.pem(Ed25519PrivateKey.generate().public_key()))
    ran = run("permit", "verify", TEXT, "--key", other, *ON, "--lang", "en")
    assert (ran.code, "not known here" in ran.out) == (1, True)


def test_the_newest_list_counts_whichever_comes_first(key: Path, tmp_path: Path) -> None:
    old = revocations(tmp_path, 1)
    new = revocations(tmp_path, 2, ["3.1", SIGNED_AT + 500, "revoked"])
    asked = ("permit", "verify", TEXT, "--key", key, *ON, "--lang", "en")
    held = run(*asked, "--revocations", old)
    assert held.code == 0
    assert "not known to be revoked as of 2026-10-26 15:50 (list 1)" in held.out
    for lists in ((old, new), (new, old)):
        gone = run(*asked, "--revocations", lists[0], "--revocations", lists[1])
        assert gone.code == 1
        assert "does not hold: revoked since 2026-10-26 15:41" in gone.out
    ran = run(*asked, "--revocations", key)
    assert ran.code == 2 and "is no list of revocations" in ran.wrong[0]


def test_a_day_before_the_first_or_after_the_last_is_said(key: Path) -> None:
    for day, said in (("2026-10-31", "not hold yet"), ("2027-01-01", "any more")):
        ran = run("permit", "verify", TEXT, "--key", key, "--on", day, "--lang", "en")
        assert (ran.code, said in ran.out) == (1, True)


def test_the_roots_list_says_whose_key_counted_when_it_was_signed(tmp_path: Path) -> None:
    made = generate_private_key(65537, 2048)
    (tmp_path / "root.pub").write_bytes(public_key.pem(made.public_key()))
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signing = rsa.opened(pem, None, tmp_path / "root.key")
    public = PRIVATE.public_key()
    for since, code in ((SIGNED_AT - 1, 0), (SIGNED_AT + 1, 1)):
        listed = key_list.added(key_list.empty(), "permits", "permit", public, since)
        file = tmp_path / "keys.list"
        file.write_bytes(listed.signed(signing, since).text())
        by = ("--root", tmp_path / "root.pub", "--keys", file)
        ran = run("permit", "verify", TEXT, *by, *ON, "--lang", "en")
        assert (ran.code, ran.wrong) == (code, []), ran


def test_what_cannot_be_asked_is_one_sentence(key: Path) -> None:
    for words in (
        ("--key", key, "--on", "tomorrow"),
        ("--root", key),
        (),
    ):
        ran = run("permit", "verify", TEXT, *words, "--lang", "en")
        assert ran.code == 2 and len(ran.wrong) == 1, ran


def test_in_chinese_no_sentence_stays_english(key: Path, tmp_path: Path) -> None:
    replaced = revocations(tmp_path, 2, ["3.1", SIGNED_AT + 500, "replaced"])
    revoked = revocations(tmp_path, 3, ["3.1", SIGNED_AT + 500, "revoked"])
    public = rsa.Key.new(2048).public
    (tmp_path / "root.pub").write_bytes(public_key.pem(public))
    (tmp_path / "keys.list").write_text("x")
    by = ("--root", tmp_path / "root.pub", "--keys", tmp_path / "keys.list")
    told = ""
    for words in (
        (TEXT, "--key", key, *ON),
        (TEXT, "--key", key, "--on", "2026-10-31"),
        (TEXT, "--key", key, "--on", "2027-01-01"),
        (TEXT, "--key", key, *ON, "--revocations", replaced),
        (TEXT, "--key", key, *ON, "--revocations", revoked),
        (TEXT, "--key", key, *ON, "--revocations", revocations(tmp_path, 1)),
        (TEXT, "--key", key, *ON, "--revocations", key),
        (sign(PERMIT, {**CLAIMS, "days": []}, KEY), "--key", key, *ON),
        (revoked, "--key", key),
        (TEXT[:-9] + "AAAAAAAAA", "--key", key),
        ("nothing", "--key", key),
        (TEXT, "--key", key, "--on", "Tomorrow"),
        (TEXT, "--key", tmp_path / "none.pem"),
        (TEXT, "--key", tmp_path / "root.pub"),
        (TEXT, "--key", replaced),
        (TEXT, "--root", key),
        (TEXT, *by),
        (TEXT, "--root", key, "--keys", tmp_path / "keys.list"),
        (TEXT,),
    ):
        ran = run_in_chinese("permit", "verify", *words)
        assert (ran.out or ran.wrong) and english_in(ran, "root.pub") == [], ran
        told += ran.out
    assert "  周一, 周五 19:00-20:30, 2026-11-01" in told and "  每天 19:00" in told
