"""Time stamps by an authority outside (RFC 3161): asked for, and what it answers judged.

Twice: by sigstore's `rfc3161-client`, and by the verifier that whoever gets evidence runs, so that
no stamp is kept which would not count there. Kept is the answer in one form: granted, and of what
nobody signed (RFC 5652, 5.1) only the certificates from whoever stamped to below the root, in
DER's order. OpenSSL's authority, given further certificates, writes them in another order, which
is no DER, and which strict readers refuse.
"""

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import rfc3161_client
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import HashAlgorithm, PKIStatus, TimestampRequestBuilder, VerifierBuilder

from noisetamer.base.errors import UserError
from noisetamer.proof import verify_evidence
from noisetamer.proof.verify_evidence import SEQUENCE, SET, Der, WrongError, der_one, must_have

# What the authority's time may differ from when it was asked, s: beyond it, either clock is wrong.
CLOCK_SECONDS = 300
_GRANTED = bytes.fromhex("3003020100")
_CERTIFICATES = 0xA0
# What the readers of DER raise for what is none.
_UNREADABLE = (
    *(ValueError, IndexError, KeyError, TypeError, OverflowError),
    *(UnsupportedAlgorithm, x509.InvalidVersion),
)


class StampError(UserError):
    """An answer that is no stamp of what was asked."""


@dataclass(frozen=True)
class Question:
    """der: to be sent as application/timestamp-query; digest: SHA-256 of what is stamped."""

    der: bytes
    digest: bytes
    nonce: int


@dataclass(frozen=True)
class Stamp:
    """tsr: in its one form; at: Unix s, as the authority says."""

    tsr: bytes
    at: int


def question(stamped: bytes) -> Question:
    """About the SHA-256 of `stamped`, with a nonce, and a wish for certificates."""
    made = TimestampRequestBuilder().data(stamped).hash_algorithm(HashAlgorithm.SHA256).build()
    assert made.nonce is not None
    return Question(made.as_bytes(), hashlib.sha256(stamped).digest(), made.nonce)


def certificates(pem: bytes) -> list[x509.Certificate]:
    """An authority's chain, the root first. Raises UserError."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise UserError(
            "The authority's chain is no PEM certificates: give the file that it publishes."
        ) from None
    roots = [one for one in found if one.subject == one.issuer]
    if len(roots) != 1:
        raise UserError(
            f"The authority's chain has {len(roots)} certificates that are signed by themselves: "
            "give the one root, and those between it and whoever stamps."
        )
    return [roots[0], *(one for one in found if one is not roots[0])]


def judged(
    answer: bytes, asked: Question, stamped: bytes, chain: Sequence[x509.Certificate], now: float
) -> Stamp:
    """The stamp that this answer is. chain: of the authority, the root first; now: Unix s.

    Raises StampError with what is wrong.
    """
    try:
        return _judged(answer, asked, stamped, chain, now)
    except _UNREADABLE as error:
        raise StampError(f"The answer is no time stamp ({error}).") from None
    except rfc3161_client.VerificationError as error:
        raise StampError(f"The answer does not verify: {error}.") from None
    except WrongError as error:
        words = verify_evidence.WORDS[error.key][1].format_map(_Named(error.values))
        raise StampError(f"The answer is no stamp that evidence could rely on: {words}.") from None


def _judged(
    answer: bytes, asked: Question, stamped: bytes, chain: Sequence[x509.Certificate], now: float
) -> Stamp:
    ordered = _in_order(answer)
    found = rfc3161_client.decode_timestamp_response(ordered)
    if found.status not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
        said = "; ".join(found.status_string) or PKIStatus(found.status).name.lower()
        raise StampError(f"The authority refuses: {said[:200]}.")
    info = found.tst_info
    if info.message_imprint.message != asked.digest:
        raise StampError("The answer stamps something else than was asked.")
    if info.nonce != asked.nonce:
        raise StampError("The answer is to another question: its nonce is another, or none.")
    off = abs(info.gen_time.timestamp() - now)
    if off > CLOCK_SECONDS:
        raise StampError(
            f"The authority's clock and this hub's differ by {off / 60:.0f} min: set the one that "
            "is wrong."
        )
    enclosed = [x509.load_der_x509_certificate(one) for one in found.signed_data.certificates]
    path = _path(found, [*enclosed, *chain], chain[0])
    _valid(path, info.gen_time)
    kept = _one_form(ordered, path[:-1])
    VerifierBuilder(
        roots=[path[-1]], intermediates=path[1:-1], nonce=asked.nonce, tsa_certificate=path[0]
    ).build().verify(rfc3161_client.decode_timestamp_response(kept), asked.digest)
    root = verify_evidence.Certificate(path[-1].public_bytes(Encoding.DER))
    return Stamp(kept, verify_evidence.stamp_of(kept, stamped, [root]).at)


class _Named(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return key


def _path(
    answer: rfc3161_client.TimeStampResponse,
    known: Sequence[x509.Certificate],
    root: x509.Certificate,
) -> list[x509.Certificate]:
    """From who stamped to the root. Raises StampError."""
    signers = list(answer.signed_data.signer_infos)
    wanted = [(one.issuer, one.serial_number) for one in signers]
    if len(wanted) != 1:
        raise StampError(f"The answer is signed {len(wanted)} times, not once.")
    first = next((c for c in known if (c.issuer, c.serial_number) == wanted[0]), None)
    if first is None:
        raise StampError(
            "Who signed the answer is neither in it nor in the authority's chain: add the "
            "certificate to the chain."
        )
    path = [first]
    while path[-1] != root:
        above = next((one for one in known if _signed(one, path[-1])), None)
        if above is None or len(path) > len(known):
            name = path[-1].subject.rfc4514_string()
            raise StampError(
                f"The answer is signed by {name}, whom the authority's chain does not vouch for."
            )
        path.append(above)
    return path


def _signed(one: x509.Certificate, other: x509.Certificate) -> bool:
    try:
        other.verify_directly_issued_by(one)
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        return False
    return one != other


def _valid(path: Sequence[x509.Certificate], at: datetime.datetime) -> None:
    for one in path:
        if at > one.not_valid_after_utc:
            when, word = one.not_valid_after_utc, "expired"
        elif at < one.not_valid_before_utc:
            when, word = one.not_valid_before_utc, "begins to be valid"
        else:
            continue
        raise StampError(
            f"The certificate of {one.subject.rfc4514_string()} {word} on {when:%Y-%m-%d}: what "
            "it stamps counts for nothing; ask the authority for its newest chain."
        )


# The form: values of DER are taken apart and put together again.


def _in_order(answer: bytes) -> bytes:
    """The answer with its set of certificates as DER wants it. Raises ValueError, IndexError."""
    status, *token = der_one(answer, SEQUENCE).parts
    return _with_certificates(answer, status.raw, None) if token else answer


def _one_form(answer: bytes, path: Sequence[x509.Certificate]) -> bytes:
    return _with_certificates(answer, _GRANTED, [one.public_bytes(Encoding.DER) for one in path])


def _with_certificates(answer: bytes, status: bytes, wanted: Sequence[bytes] | None) -> bytes:
    """wanted: certificates; None for those that are there. What nobody signed is left out where
    they are given. Raises ValueError."""
    _, token = der_one(answer, SEQUENCE).parts
    kind, wrapped = must_have(token, SEQUENCE).parts
    version, digests, content, *sets, signers = der_one(
        must_have(wrapped, 0xA0).body, SEQUENCE
    ).parts
    there = next((one for one in sets if one.tag == _CERTIFICATES), None)
    found = wanted if wanted is not None else [one.raw for one in there.parts] if there else []
    others = (
        b""
        if wanted is not None
        else b"".join(one.raw for one in sets if one.tag != _CERTIFICATES)
    )
    if wanted is not None:
        signer = must_have(der_one(must_have(signers, SET).body, SEQUENCE), SEQUENCE)
        # unsigned attributes are the seventh (RFC 5652, 5.3)
        signers = Der(SET, b"", _der(SET, _der(SEQUENCE, b"".join(
            part.raw for part in signer.parts if part.tag != 0xA1
        ))))  # fmt: skip
    put = _der(_CERTIFICATES, b"".join(sorted(found))) if found else b""
    data = version.raw + digests.raw + content.raw + put + others + signers.raw
    token_der = _der(SEQUENCE, kind.raw + _der(0xA0, _der(SEQUENCE, data)))
    return _der(SEQUENCE, status + token_der)


def _der(tag: int, body: bytes) -> bytes:
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + body
