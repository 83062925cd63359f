"""Time stamps of a real authority: taken where they say what was asked, else refused in a word."""

import hashlib
import subprocess
import time
from pathlib import Path

import pytest
import rfc3161_client
from time_authority import Authority, Pair, authorities, certificate

from noisetamer.base.errors import UserError
from noisetamer.proof import time_stamp, verify_evidence
from noisetamer.proof.time_stamp import Stamp, StampError, judged, question

pytestmark = pytest.mark.tools

TEXT = b"hub/noisetamer/1\n5\nAAAA\n"
ROOT, MIDDLE, STAMPS = authorities()
CHAIN = [ROOT.certificate, MIDDLE.certificate]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Sends its own certificate only."""
    return Authority(tmp_path_factory.mktemp("tsa") / "plain", STAMPS)


def ask(authority: Authority, chain=CHAIN, stamped: bytes = TEXT, now: float = 0) -> Stamp:
    asked = question(stamped)
    answer = authority.answer(asked.der)
    return judged(answer, asked, TEXT, chain, now or time.time())


def verifier_says(stamp: Stamp) -> int:
    root = verify_evidence.Certificate(ROOT.certificate.public_bytes(time_stamp.Encoding.DER))
    return verify_evidence.stamp_of(stamp.tsr, TEXT, [root]).at


def test_an_answer_is_kept_as_the_verifier_takes_it(plain: Authority, tmp_path: Path):
    stamp = ask(plain)
    assert abs(stamp.at - time.time()) < 60 and verifier_says(stamp) == stamp.at
    # openssl's own verifier, which knows the root only
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    (tmp_path / "tsr").write_bytes(stamp.tsr)
    digest = hashlib.sha256(TEXT).hexdigest()
    words = ["-digest", digest, "-in", tmp_path / "tsr", "-CAfile", tmp_path / "root.pem"]
    done = subprocess.run(
        ["openssl", "ts", "-verify", *words], capture_output=True, text=True, check=False
    )
    assert "Verification: OK" in done.stdout + done.stderr


def test_further_certificates_come_in_another_order_than_der_s(tmp_path: Path):
    """`rfc3161-client` reads no such answer; ours is put in order, with no more than needed."""
    stranger = certificate("Nobody asked for this")
    authority = Authority(tmp_path / "tsa", STAMPS, [ROOT, stranger, MIDDLE])
    asked = question(TEXT)
    refused = 0
    for _ in range(2):
        answer = authority.answer(asked.der)
        try:
            rfc3161_client.decode_timestamp_response(answer)
        except ValueError as error:
            assert "SetOrdering" in str(error)
            refused += 1
        # the root alone is known, the rest is in the answer
        stamp = judged(answer, asked, TEXT, CHAIN[:1], time.time())
        assert verifier_says(stamp) == stamp.at
        assert ROOT.certificate.public_bytes(time_stamp.Encoding.DER) not in stamp.tsr
    names = [one.certificate for one in (STAMPS, ROOT, stranger, MIDDLE)]
    ders = [one.public_bytes(time_stamp.Encoding.DER) for one in names]
    assert refused == (0 if ders == sorted(ders) else 2)


def test_what_was_not_asked_is_refused(plain: Authority):
    asked = question(TEXT)
    answer = plain.answer(asked.der)
    now = time.time()
    with pytest.raises(StampError, match="something else than was asked"):
        judged(plain.answer(question(b"other").der), asked, TEXT, CHAIN, now)
    with pytest.raises(StampError, match="another question: its nonce"):
        judged(plain.answer(question(TEXT).der), asked, TEXT, CHAIN, now)
    for off in (-600, 86_400):
        with pytest.raises(StampError, match="clock and this hub's differ"):
            judged(answer, asked, TEXT, CHAIN, now + off)
    assert judged(answer, asked, TEXT, CHAIN, now).at


def test_foreign_expired_and_unfit_certificates_are_refused(plain: Authority, tmp_path: Path):
    other = certificate("Stamps of another town")
    with pytest.raises(StampError, match="does not vouch for"):
        ask(plain, [other.certificate])
    with pytest.raises(StampError, match="does not vouch for"):
        ask(plain, [ROOT.certificate])
    expired = certificate("Stamps 2020", MIDDLE, stamps=True, days=(-900, -2))
    with pytest.raises(StampError, match="CN=Stamps 2020 expired on"):
        ask(Authority(tmp_path / "expired", expired))
    namesake = certificate("Stamps of the town")
    with pytest.raises(StampError, match="does not vouch for"):
        ask(plain, [namesake.certificate, MIDDLE.certificate])


def test_a_refusal_and_nonsense_are_one_sentence(plain: Authority):
    asked, now = question(TEXT), time.time()
    refusal = plain.answer(b"\x30\x03\x02\x01\x01")
    with pytest.raises(StampError, match="The authority refuses: "):
        judged(refusal, asked, TEXT, CHAIN, now)
    for nonsense in (
        b"",
        b"<html>",
        b"\x30\x80",
        b"\x30\x03\x02\x01\x00",
        b"\x30\x05\x30\x03\x02\x01",
    ):
        with pytest.raises(StampError):
            judged(nonsense, asked, TEXT, CHAIN, now)


def test_no_changed_byte_is_taken_for_the_same(plain: Authority):
    """Every changed byte is refused, or is of what nobody signed, and then what is kept is the
    same to the byte."""
    asked, now = question(TEXT), time.time()
    answer = plain.answer(asked.der)
    good = judged(answer, asked, TEXT, CHAIN, now)
    for at in range(0, len(answer), 3):
        wrong = answer[:at] + bytes([answer[at] ^ 0x15]) + answer[at + 1 :]
        try:
            assert judged(wrong, asked, TEXT, CHAIN, now) == good
        except StampError:
            continue


def test_a_chain_has_one_root(tmp_path: Path):
    assert time_stamp.certificates(MIDDLE.pem + ROOT.pem) == CHAIN
    other: Pair = certificate("other")
    for pem, why in (
        (MIDDLE.pem, "has 0 certificates"),
        (ROOT.pem + other.pem, "has 2 certificates"),
        (b"nothing", "is no PEM certificates"),
    ):
        with pytest.raises(UserError, match=why):
            time_stamp.certificates(pem)
