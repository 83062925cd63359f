"""Signed notes (c2sp.org/signed-note) and cosignatures (c2sp.org/tlog-cosignature).

Ed25519 only. The type byte is part of every key id, so that another algorithm is another key.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from noisetamer.base.errors import UserError
from noisetamer.proof.canonical import base64_bytes, base64_text
from noisetamer.proof.signer import Signer

ED25519 = 0x01
COSIGNATURE = 0x04
# the specification asks for 16 at least
MOST_SIGNATURES = 64

_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+\Z")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteError(UserError):
    """Text that is no signed note, or is not signed as it should be."""


@dataclass(frozen=True)
class Signature:
    """key: its id, 4 bytes; blob: what follows the id."""

    name: str
    key: bytes
    blob: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {base64_text(self.key + self.blob)}\n"


@dataclass(frozen=True)
class Note:
    """text: with its last newline."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(each.line for each in self.signatures)}"


@dataclass(frozen=True)
class VerifierKey:
    """public: 32 bytes of Ed25519; algorithm: ED25519 or COSIGNATURE."""

    name: str
    public: bytes
    algorithm: int = ED25519

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.public, self.algorithm)

    def __str__(self) -> str:
        """As a "vkey"."""
        material = base64_text(bytes([self.algorithm]) + self.public)
        return f"{self.name}+{self.id.hex()}+{material}"


class Verified(NamedTuple):
    """time: of a cosignature, Unix s."""

    key: VerifierKey
    time: int | None


def key_id(name: str, public: bytes, algorithm: int = ED25519) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + bytes([algorithm]) + public).digest()[:4]


def is_name(name: str) -> bool:
    """May a key be called so? Neither white space nor plus."""
    return bool(_NAME.match(name))


def verifier_key(text: str) -> VerifierKey:
    """Read a "vkey". Raises NoteError."""
    try:
        name, id, material = text.split("+", 2)
        data = base64_bytes(material)
    except ValueError:
        raise NoteError(f"{text[:200]!r} is no verifier key NAME+ID+KEY.") from None
    if len(data) != 33 or data[0] not in (ED25519, COSIGNATURE):
        raise NoteError(f"The verifier key of {name[:100]!r} is none of Ed25519.")
    key = VerifierKey(name, data[1:], data[0])
    if not is_name(name) or key.id.hex() != id:
        raise NoteError(f"The verifier key of {name[:100]!r} has not the id it should have.")
    return key


def note(text: str, signatures: Iterable[Signature] = ()) -> Note:
    """Raises NoteError for text that cannot be signed."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("A note is lines of text without control characters.")
    return Note(text, tuple(signatures))


def parse(data: str | bytes) -> Note:
    """Raises NoteError for all that is not a note to the byte."""
    try:
        whole = data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError:
        raise NoteError("A signed note is UTF-8.") from None
    if _CONTROL.search(whole):
        raise NoteError("A signed note has no control characters.")
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or not text:
        raise NoteError("No signed note: text, an empty line, and signatures.")
    rows = lines.split("\n")[:-1]
    if len(rows) > MOST_SIGNATURES:
        raise NoteError(f"A note with {len(rows)} signatures: at most {MOST_SIGNATURES} are read.")
    return Note(text + "\n", tuple(_signature(row) for row in rows))


def _signature(line: str) -> Signature:
    try:
        dash, name, encoded = line.split(" ")
        blob = base64_bytes(encoded)
    except ValueError:
        raise NoteError(f"{line[:100]!r} is no line of a signature.") from None
    if dash != "—" or not is_name(name) or len(blob) < 5:
        raise NoteError(f"{line[:100]!r} is no line of a signature.")
    return Signature(name, blob[:4], blob[4:])


def sign(text: str, signer: Signer, name: str | None = None) -> Signature:
    """name: of the key, where it is not the signer's own."""
    name = name or signer.name
    return Signature(name, key_id(name, signer.public), signer.sign(text.encode()))


def cosign(text: str, signer: Signer, time: int) -> Signature:
    """A witness's word that it saw this checkpoint as the largest. time: Unix s."""
    blob = time.to_bytes(8) + signer.sign(_cosigned(text, time))
    return Signature(signer.name, key_id(signer.name, signer.public, COSIGNATURE), blob)


def verify(note: Note, keys: Sequence[VerifierKey]) -> list[Verified]:
    """Whose signatures it carries, of those that are known, in their order in the note.

    Raises NoteError when a known key's signature is wrong, or when none is there: "clients MUST
    reject the note". Signatures of unknown keys are ignored.
    """
    known = {(key.name, key.id): key for key in keys}
    found: list[Verified] = []
    for signature in note.signatures:
        if not (key := known.get((signature.name, signature.key))):
            continue
        found.append(Verified(key, _time_of(note.text, signature, key)))
    if not found:
        raise NoteError("The note is signed by none of the keys that are known.")
    return found


def _time_of(text: str, signature: Signature, key: VerifierKey) -> int | None:
    """Raises NoteError for a signature that is not the key's."""
    time, message, signed = None, text.encode(), signature.blob
    if key.algorithm == COSIGNATURE:
        time, signed = int.from_bytes(signed[:8]), signed[8:]
        if time >= 2**63:
            raise NoteError(f"The cosignature of {key.name} has an impossible time.")
        message = _cosigned(text, time)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signed, message)
    except (InvalidSignature, ValueError):
        raise NoteError(f"The signature of {key.name} is wrong.") from None
    return time


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
