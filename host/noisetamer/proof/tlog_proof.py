"""That an entry is in a log, in a file of its own (c2sp.org/tlog-proof@v1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from noisetamer.proof import notes
from noisetamer.proof.canonical import base64_bytes, base64_text, number
from noisetamer.proof.checkpoint import Checkpoint, checkpoint_of
from noisetamer.proof.merkle import ProofError, leaf_hash, verify_inclusion
from noisetamer.proof.notes import NoteError, Verified, VerifierKey

HEADER = "c2sp.org/tlog-proof@v1"
# of a tree with 2**64 leaves
LONGEST = 63


@dataclass(frozen=True)
class TlogProof:
    """hashes: from the leaf's sibling to the root's child; checkpoint: the signed note, verbatim;
    extra: not authenticated by anything."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __str__(self) -> str:
        lines = [
            HEADER,
            *([] if self.extra is None else [f"extra {base64_text(self.extra)}"]),
            f"index {self.index}",
            *(base64_text(each) for each in self.hashes),
            "",
        ]
        return "\n".join(lines) + "\n" + self.checkpoint


def parse(text: str) -> TlogProof:
    """Raises ProofError for what is not such a proof to the byte."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    extra = None
    try:
        if not blank or lines[0] != HEADER:
            raise ValueError("its first line is another")
        rest = lines[1:]
        if rest and rest[0].startswith("extra "):
            extra = base64_bytes(rest.pop(0)[len("extra ") :])
        if not rest or not rest[0].startswith("index "):
            raise ValueError("there is no index")
        index = number(rest[0][len("index ") :])
        hashes = tuple(base64_bytes(line) for line in rest[1:])
        if len(hashes) > LONGEST or any(len(each) != 32 for each in hashes):
            raise ValueError("its hashes are none")
        checkpoint_of(notes.parse(checkpoint).text)
    except (ValueError, NoteError) as error:
        raise ProofError(f"No proof of the form {HEADER}: {error}") from None
    return TlogProof(index, hashes, checkpoint, extra)


def verify(
    proof: TlogProof, entry: bytes, keys: Sequence[VerifierKey]
) -> tuple[Checkpoint, list[Verified]]:
    """That `entry` is at that index, in a tree that one of `keys` signed as its log.

    keys: of logs (their names are origins) and of witnesses. Raises ProofError, NoteError.
    """
    note = notes.parse(proof.checkpoint)
    checkpoint = checkpoint_of(note.text)
    signed = notes.verify(note, keys)
    if not any(
        each.key.name == checkpoint.origin and each.key.algorithm == notes.ED25519
        for each in signed
    ):
        raise NoteError(f"The checkpoint of {checkpoint.origin} is not signed by its log.")
    verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return checkpoint, signed
