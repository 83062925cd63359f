"""A log in memory, which may also show two faces."""

import hashlib
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from noisetamer.proof import merkle, notes
from noisetamer.proof.canonical import base64_text
from noisetamer.proof.checkpoint import Checkpoint, checkpoint_of
from noisetamer.proof.notes import Signature, VerifierKey
from noisetamer.proof.signer import KeySigner


def signer(name: str) -> KeySigner:
    """The same key for the same name."""
    seed = hashlib.sha256(name.encode()).digest()
    return KeySigner(Ed25519PrivateKey.from_private_bytes(seed), name)


class GrowingLog:
    """As `Ours` asks."""

    def __init__(self, origin: str = "east.example/log", leaves: Sequence[bytes] = ()) -> None:
        self.signer = signer(origin)
        self.leaves = [merkle.leaf_hash(one) for one in leaves]
        self.cosigned: list[Signature] = []

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.signer.name, self.signer.public)

    def grow(self, *leaves: bytes) -> "GrowingLog":
        self.leaves += [merkle.leaf_hash(one) for one in leaves]
        return self

    def fork(self, size: int) -> "GrowingLog":
        """The same log up to there, that goes on another way."""
        other = GrowingLog(self.signer.name)
        other.leaves = self.leaves[:size]
        return other

    def checkpoint(self, size: int | None = None) -> str:
        size = len(self.leaves) if size is None else size
        root = merkle.root(size, merkle.of_leaves(self.leaves))
        text = Checkpoint(self.signer.name, size, root).text
        return str(notes.note(text, [notes.sign(text, self.signer)]))

    def newest(self) -> str:
        return self.checkpoint()

    def consistency(self, old: int, new: int) -> list[bytes]:
        return merkle.consistency_proof(old, new, merkle.of_leaves(self.leaves))

    def cosign(self, text: str, signatures: list[Signature]) -> bool:
        self.cosigned += signatures
        return checkpoint_of(text).size <= len(self.leaves)

    def request(self, old: int, size: int | None = None) -> bytes:
        """Of a witness that has `old`."""
        new = len(self.leaves) if size is None else size
        lines = "".join(f"{base64_text(one)}\n" for one in self.consistency(min(old, new), new))
        return f"old {old}\n{lines}\n{self.checkpoint(new)}".encode()
