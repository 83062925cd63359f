"""A permit as a document that proves itself, and the list of those that count no more.

Both are JWS in their compact form (RFC 7515, 3.1), signed with Ed25519 (RFC 8037): one word
without white space, which a QR code, a link and a chat carry as it is, and which what is made for
e-documents reads. A signed note, as the log's, is lines of text: it would be broken on the way.
The claims are JSON in its one form, the names RFC 7519's where it has one.

| claim of a permit | what |
|---|---|
| iss, jti, iat | name of the key; number of the document, "3.1"; when it was signed, Unix s |
| group, leader, square, place | as people call them; leader may be "" |
| days, from, to | names as in a policy, none: every day; "19:00", by the square's clock |
| first, last | dates, both included |
| zone | s that the clock leads UTC |
| limit | 0.1 dB |

| claim of a list | what |
|---|---|
| iss, iat | as above |
| number | rises with each document that is taken back |
| revoked | of each [jti, since when in Unix s, "revoked" or "replaced"], in order |
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from noisetamer.base.errors import UserError
from noisetamer.proof.canonical import json_bytes, json_value
from noisetamer.proof.signer import Signer

PERMIT, REVOCATIONS = "permit+jwt", "permit-revocations+jwt"
LONGEST = 4000
"""Signs of a permit; of a list, a thousand times as many."""

_PERMIT_CLAIMS = {
    **dict.fromkeys(("iss", "jti", "group", "leader", "square", "place"), str),
    **dict.fromkeys(("from", "to", "first", "last"), str),
    **dict.fromkeys(("iat", "zone", "limit"), int),
    "days": list,
}
_CLAIMS = {
    PERMIT: _PERMIT_CLAIMS,
    REVOCATIONS: {"iss": str, "iat": int, "number": int, "revoked": list},
}


class DocumentError(UserError):
    """Text that is no permit and no list of them, or was changed. why: "form" (it is none),
    "key" (signed by a key that is not known) or "forged"."""

    def __init__(self, why: str, said: str) -> None:
        super().__init__(said)
        self.why = why


@dataclass(frozen=True)
class Signed:
    """A document taken apart; nothing of it is proven. kid: which key is said to have signed."""

    kind: str
    kid: str
    claims: Mapping[str, Any]
    message: bytes
    signature: bytes


@dataclass(frozen=True)
class Verdict:
    """What may be said of a permit whose signature is right.

    revoked: since when it counts no more, Unix s, None: not as far as the list knows; why: of it;
    list_number, as_of: of the list that was asked, None without one; over: its last day is past;
    early: its first day is to come.
    """

    claims: Mapping[str, Any]
    revoked: int | None
    why: str
    list_number: int | None
    as_of: int | None
    over: bool
    early: bool

    @property
    def holds(self) -> bool:
        """Nothing known speaks against it."""
        return self.revoked is None and not self.over and not self.early


def kid(public: bytes) -> str:
    """How a header names a key: 8 digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public).hexdigest()[:8]


def sign(kind: str, claims: Mapping[str, Any], signer: Signer) -> str:
    """The document. Raises UserError where the key cannot be used."""
    header = {"alg": "EdDSA", "kid": kid(signer.public), "typ": kind}
    message = ".".join(
        _word(json_bytes(part)) for part in (header, {**claims, "iss": signer.name})
    )
    return f"{message}.{_word(signer.sign(message.encode()))}"


def text_of(found: str) -> str:
    """The document in what a QR code or a file holds: itself, or a link with it behind a "#"."""
    return found.strip().rpartition("#")[2]


def read(text: str) -> Signed:
    """Take one apart. Raises DocumentError for all that is none, to the byte."""
    try:
        words = text.encode("ascii").decode().split(".") if len(text) <= 1000 * LONGEST else []
        header_word, claims_word, signature_word = words
        header, claims = json_value(_bytes(header_word)), json_value(_bytes(claims_word))
        signature = _bytes(signature_word)
        kind = _kind(header, claims, len(text))
    except (ValueError, TypeError, AttributeError):
        raise DocumentError(
            "form", "This is no permit and no list of revocations, or a part of it is missing."
        ) from None
    return Signed(kind, header["kid"], claims, f"{header_word}.{claims_word}".encode(), signature)


def signed_by(document: Signed, keys: Sequence[bytes]) -> bytes:
    """The key that signed it, of these (32 bytes each). Raises DocumentError."""
    named = [key for key in keys if kid(key) == document.kid]
    if not named:
        raise DocumentError("key", "This permit is signed by a key that is not known here.")
    for key in named:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(document.signature, document.message)
            return key
        except InvalidSignature:
            continue
    raise DocumentError("forged", "This permit was changed, or is none: its signature is wrong.")


def newest(lists: Sequence[Signed]) -> Signed | None:
    """Of several lists the one to go by: an older one would bring revoked permits back."""
    found = [one for one in lists if one.kind == REVOCATIONS]
    return max(found, key=lambda one: (one.claims["number"], one.claims["iat"]), default=None)


def judge(permit: Signed, revocations: Signed | None, today: date) -> Verdict:
    """What a permit that `signed_by` found true says today. revocations: by the same key, found
    true as well, None where there is no list; today: by the square's clock."""
    claims = permit.claims
    since, why = None, ""
    if revocations:
        for number, at, reason in revocations.claims["revoked"]:
            if number == claims["jti"]:
                since, why = at, reason
    return Verdict(
        *(claims, since, why),
        revocations and revocations.claims["number"],
        revocations and revocations.claims["iat"],
        today > date.fromisoformat(claims["last"]),
        today < date.fromisoformat(claims["first"]),
    )


def _kind(header: Any, claims: Any, length: int) -> str:
    """Raises ValueError, TypeError for what has not the form."""
    if set(header) != {"alg", "kid", "typ"} or header["alg"] != "EdDSA":
        raise ValueError("header")
    kind = header["typ"]
    # `type`: True is no 1
    if {name: type(value) for name, value in claims.items()} != _CLAIMS.get(kind):
        raise ValueError("claims")
    if kind == PERMIT:
        for name in ("first", "last"):
            date.fromisoformat(claims[name])
        if length > LONGEST or not all(isinstance(day, str) for day in claims["days"]):
            raise ValueError("days")
    elif any([type(part) for part in entry] != [str, int, str] for entry in claims["revoked"]):
        raise ValueError("revoked")
    return kind


def _word(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(word: str) -> bytes:
    """Base64url without padding, in its one form. Raises ValueError."""
    try:
        data = base64.b64decode(word + "=" * (-len(word) % 4), b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if _word(data) != word:
        raise ValueError("not the one form")
    return data
