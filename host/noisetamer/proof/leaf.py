"""What stands in the log: an entry that tells nothing private, and the content it commits to.

The entry is public and stays for ever; the content is kept apart and may be deleted.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.proof.canonical import json_bytes, json_value, number

HEADER = "noisetamer-leaf/v1"
KINDS = (
    "batch",  # records of one unit
    "incident",
    "policy",
    "order",
    "effect",  # what became of an order
    "calibration",
    "key",
    "look",  # at evidence; who logged in
    "deletion",
    "bundle",  # evidence that was handed out
    "permit",  # a group's document, or that one counts no more
    "start",  # of the hub, with the last checkpoint it knows
)

_ENTRY = re.compile(
    rf"{HEADER}\n(?P<kind>{'|'.join(KINDS)})\n(?P<at>[0-9]+)\n(?P<digest>[0-9a-f]{{64}})\n\Z",
    re.ASCII,
)


class LeafError(UserError):
    """What should be an entry or a content of the log is none."""


@dataclass(frozen=True)
class Leaf:
    """at: Unix s; digest: SHA-256 of the content, 32 bytes."""

    kind: str
    at: int
    digest: bytes

    @property
    def entry(self) -> bytes:
        return f"{HEADER}\n{self.kind}\n{self.at}\n{self.digest.hex()}\n".encode()


def leaf_of(content: bytes) -> Leaf:
    """The leaf of a content. Raises LeafError."""
    found = content_in(content)
    return Leaf(found["kind"], found["at"], hashlib.sha256(content).digest())


def leaf_in(entry: bytes) -> Leaf:
    """Raises LeafError for what is not an entry to the byte."""
    try:
        found = _ENTRY.match(entry.decode())
        if not found:
            raise ValueError
        return Leaf(found["kind"], number(found["at"]), bytes.fromhex(found["digest"]))
    except ValueError:
        raise LeafError(f"{entry[:60]!r} is no entry of the form {HEADER}.") from None


def content_of(kind: str, at: int, salt: bytes, fields: Mapping[str, Any]) -> bytes:
    """Canonical JSON. salt: 16 random bytes, so that nobody finds names by trying; fields: neither
    kind, at nor salt."""
    return json_bytes({**fields, "kind": kind, "at": at, "salt": salt.hex()})


def content_in(content: bytes) -> dict[str, Any]:
    """Raises LeafError for what is not in its one form, or has no kind, time and salt."""
    try:
        found = json_value(content)
    except ValueError as error:
        raise LeafError(f"A content of the log {error}.") from None
    if (
        not isinstance(found, dict)
        or found.get("kind") not in KINDS
        or type(found.get("at")) is not int
        or not 0 <= found["at"] < 2**53
        or not re.fullmatch(r"[0-9a-f]{32}", str(found.get("salt")), re.ASCII)
    ):
        raise LeafError("A content of the log is an object with kind, at and salt.")
    return found


def records_digest(records: Iterable[bytes]) -> str:
    """SHA-256, hex, over each record with its length before it (16 bits, big-endian)."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(len(record).to_bytes(2) + record)
    return digest.hexdigest()
