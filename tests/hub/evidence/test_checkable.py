"""Which signatures of a checkpoint are in a bundle."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from growing_log import signer

from noisetamer.hub.evidence.keys import checkable
from noisetamer.proof import key_list, notes
from noisetamer.proof.notes import VerifierKey

AT = 1_800_000_000


def test_what_a_witness_cosigned_before_its_key_counts_is_left_out():
    log, witness = signer("hub/log"), signer("office/witness")
    text = "hub/log\n1\nAAAA\n"
    whole = notes.note(text, [notes.sign(text, log), notes.cosign(text, witness, AT)])
    key = Ed25519PublicKey.from_public_bytes(witness.public)
    for since, kept in ((AT, 2), (AT + 1, 1)):
        listed = key_list.added(key_list.empty(), "office", "witness", key, since)
        found = checkable(str(whole), VerifierKey(log.name, log.public), listed)
        assert len(notes.parse(found).signatures) == kept
