"""A .tlog-proof file proves its entry by itself, and no byte of it can be otherwise."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from noisetamer.base.errors import UserError
from noisetamer.proof import notes, tlog_proof
from noisetamer.proof.checkpoint import Checkpoint
from noisetamer.proof.merkle import ProofError, inclusion_proof, leaf_hash, of_leaves, root
from noisetamer.proof.notes import COSIGNATURE, NoteError, VerifierKey
from noisetamer.proof.signer import KeySigner
from noisetamer.proof.tlog_proof import TlogProof

LOG = KeySigner(Ed25519PrivateKey.from_private_bytes(bytes(32)), "hub/noisetamer/0")
KEYS = [VerifierKey(LOG.name, LOG.public)]
ENTRIES = [f"entry {i}".encode() for i in range(10)]
NODE = of_leaves([leaf_hash(entry) for entry in ENTRIES])
CHECKPOINT = Checkpoint(LOG.name, 10, root(10, NODE))
NOTE = str(notes.note(CHECKPOINT.text, [notes.sign(CHECKPOINT.text, LOG)]))


def proof_of(index: int, extra: bytes | None = None) -> TlogProof:
    return TlogProof(index, tuple(inclusion_proof(index, 10, NODE)), NOTE, extra)


def test_it_is_written_as_the_specification_says():
    lines = str(proof_of(9, b"x")).split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra eA==", "index 9"]
    assert [len(line) for line in lines[3:6]] == [44, 44, 0]
    assert "\n".join(lines[6:]) == NOTE
    assert str(proof_of(0)).split("\n")[1] == "index 0"


def test_each_entry_is_proved_and_another_is_not():
    for index, entry in enumerate(ENTRIES):
        proof = tlog_proof.parse(str(proof_of(index)))
        assert proof == proof_of(index)
        found, signed = tlog_proof.verify(proof, entry, KEYS)
        assert found == CHECKPOINT
        assert signed == [(KEYS[0], None)]
        with pytest.raises(ProofError, match=f"Leaf {index} is not in this tree"):
            tlog_proof.verify(proof, b"another", KEYS)


def test_a_log_of_one_has_no_hashes():
    alone = Checkpoint(LOG.name, 1, leaf_hash(b"alone"))
    note = str(notes.note(alone.text, [notes.sign(alone.text, LOG)]))
    proof = tlog_proof.parse(str(TlogProof(0, (), note)))
    assert tlog_proof.verify(proof, b"alone", KEYS)[0] == alone


def test_no_byte_of_it_can_be_changed():
    whole = str(proof_of(4)).encode()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises((UserError, UnicodeDecodeError)):
            tlog_proof.verify(tlog_proof.parse(changed.decode()), ENTRIES[4], KEYS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("index 4", "index 04"),
        ("index 4", "index  4"),
        ("index 4", "index 5"),
        ("index 4\n", ""),
        ("@v1", "@v2"),
        ("\n\nhub", "\nhub"),
        ("index 4", "extra eB==\nindex 4"),
        ("\n\nhub", "\n" + "A" * 44 + "\n\nhub"),
        ("\n\nhub", "\n" + "A" * 43 + "=\n\nhub"),
    ],
)
def test_other_forms_are_refused(old: str, new: str):
    whole = str(proof_of(4))
    assert old in whole
    with pytest.raises((ProofError, NoteError)):
        tlog_proof.verify(tlog_proof.parse(whole.replace(old, new, 1)), ENTRIES[4], KEYS)


def test_a_witness_alone_does_not_make_it_the_logs():
    cosigned = str(notes.note(CHECKPOINT.text, [notes.cosign(CHECKPOINT.text, LOG, 5)]))
    witness = VerifierKey(LOG.name, LOG.public, COSIGNATURE)
    proof = TlogProof(4, proof_of(4).hashes, cosigned)
    with pytest.raises(NoteError, match="is not signed by its log"):
        tlog_proof.verify(proof, ENTRIES[4], [witness])
