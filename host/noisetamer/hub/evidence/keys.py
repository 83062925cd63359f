"""Checkpoints with the cosignatures that a stranger can check, and the keys for it."""

from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from noisetamer.proof import notes, public_key
from noisetamer.proof.key_list import KeyList
from noisetamer.proof.notes import COSIGNATURE, NoteError, Signature, VerifierKey


class Keys(NamedTuple):
    """By which a stranger can check: of the log, and those that the root has listed."""

    log: VerifierKey
    listed: KeyList | None


def log_key(key: VerifierKey) -> bytes:
    """`keys/log.pub`"""
    return public_key.pem(Ed25519PublicKey.from_public_bytes(key.public))


def certificate(one: x509.Certificate) -> str:
    """PEM."""
    return one.public_bytes(Encoding.PEM).decode("ascii")


def checkable(note: str, key: VerifierKey, listed: KeyList | None) -> str:
    """A checkpoint with its log's signature, then those of witnesses that are in the list, one
    each, by their names; what else it carries nobody could check. What a witness cosigned before
    its key counts in the list is left out: it would be called false."""
    found = notes.parse(note)
    own = [one for one in found.signatures if (one.name, one.key) == (key.name, key.id)]
    witnesses = [
        (each.key.public_bytes_raw(), each.since)
        for each in (listed.keys if listed else ())
        if each.role == "witness" and isinstance(each.key, Ed25519PublicKey)
    ]
    cosigned: dict[str, Signature] = {}
    for public, since in witnesses:
        # a list's names are for people: the key decides
        for one in found.signatures:
            by = VerifierKey(one.name, public, COSIGNATURE)
            if one.name not in cosigned and by.id == one.key and _holds(found, by, since):
                cosigned[one.name] = one
                break
    kept = [*own[:1], *(cosigned[name] for name in sorted(cosigned))]
    return str(notes.note(found.text, kept))


def _holds(note: notes.Note, key: VerifierKey, since: int) -> bool:
    try:
        (word,) = notes.verify(note, [key])
    except NoteError:
        return False
    return (word.time or 0) >= since
