"""What a log says of itself: origin, size, root (c2sp.org/tlog-checkpoint)."""

import hashlib
from dataclasses import dataclass

from noisetamer.proof.canonical import base64_bytes, base64_text, number
from noisetamer.proof.notes import NoteError, is_name, parse


@dataclass(frozen=True)
class Checkpoint:
    """root: 32 bytes. Extension lines are not taken: nobody could audit them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text of its note."""
        return f"{self.origin}\n{self.size}\n{base64_text(self.root)}\n"

    @property
    def digest(self) -> bytes:
        """SHA-256 of the note's text: what a time stamp is about."""
        return hashlib.sha256(self.text.encode()).digest()


def checkpoint_in(note: str | bytes) -> Checkpoint:
    """What a signed note says; its signatures are not looked at. Raises NoteError."""
    return checkpoint_of(parse(note).text)


def checkpoint_of(text: str) -> Checkpoint:
    """Raises NoteError."""
    try:
        origin, size, root, end = text.split("\n")
        found = Checkpoint(origin, number(size), base64_bytes(root))
    except ValueError:
        raise NoteError("No checkpoint: it is three lines, origin, size and root.") from None
    if end or not is_name(origin) or len(found.root) != 32 or found.text != text:
        raise NoteError("No checkpoint: it is three lines, origin, size and root.")
    return found
