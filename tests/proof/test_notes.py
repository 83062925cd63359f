"""Signed notes and cosignatures, with the specifications' own examples."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from noisetamer.proof import notes
from noisetamer.proof.checkpoint import Checkpoint, checkpoint_in
from noisetamer.proof.notes import COSIGNATURE, NoteError, VerifierKey, verifier_key
from noisetamer.proof.signer import KeySigner

# c2sp.org/signed-note, "Example"
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""  # noqa: E501
# c2sp.org/signed-note, "Format"
POEM = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""  # noqa: E501
# c2sp.org/tlog-cosignature
COSIGNED = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501


def signer(name: str, seed: int) -> KeySigner:
    return KeySigner(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32), name)


LOG = signer("hub.example/noisetamer/01234567", 1)
WITNESS = signer("station.example/witness", 2)
LOG_KEY = VerifierKey(LOG.name, LOG.public)
WITNESS_KEY = VerifierKey(WITNESS.name, WITNESS.public, COSIGNATURE)
TEXT = Checkpoint(LOG.name, 7, bytes(range(32))).text


def test_the_example_of_the_specification_is_verified_and_written_back_to_the_byte():
    key = verifier_key(VKEY)
    assert key.id.hex() == "530d903a"
    assert str(key) == VKEY
    note = notes.parse(EXAMPLE)
    assert note.text == "This is an example message.\n"
    assert notes.verify(note, [key]) == [(key, None)]
    assert str(note) == EXAMPLE


def test_text_with_empty_lines_ends_at_the_last_one():
    note = notes.parse(POEM.encode())
    assert note.text.endswith("sole:\n\ned è subito sera.\n")
    assert str(note) == POEM


def test_a_cosigned_checkpoint_is_read():
    note = notes.parse(COSIGNED)
    assert [each.name for each in note.signatures][1] == "witness.example.com/w1"
    assert int.from_bytes(note.signatures[1].blob[:8]) == 1679315147
    assert checkpoint_in(COSIGNED).size == 20852163
    assert checkpoint_in(COSIGNED).text == note.text


def test_log_and_witness_sign_and_are_told_apart():
    note = notes.note(TEXT, [notes.sign(TEXT, LOG), notes.cosign(TEXT, WITNESS, 1_800_000_000)])
    read = notes.parse(str(note))
    assert notes.verify(read, [WITNESS_KEY, LOG_KEY]) == [
        (LOG_KEY, None),
        (WITNESS_KEY, 1_800_000_000),
    ]
    assert notes.verify(read, [WITNESS_KEY]) == [(WITNESS_KEY, 1_800_000_000)]
    assert WITNESS_KEY.id != notes.key_id(WITNESS.name, WITNESS.public)


def test_what_nobody_known_signed_is_refused_and_strangers_are_passed_over():
    note = notes.note(TEXT, [notes.sign(TEXT, WITNESS)])
    with pytest.raises(NoteError, match="none of the keys that are known"):
        notes.verify(note, [LOG_KEY])
    same_name = notes.sign(TEXT, signer(LOG.name, 9))
    both = notes.note(TEXT, [same_name, notes.sign(TEXT, LOG)])
    assert notes.verify(both, [LOG_KEY]) == [(LOG_KEY, None)]


def test_a_known_key_whose_signature_is_wrong_spoils_the_note():
    right = notes.sign(TEXT, LOG)
    for text in (TEXT.replace("7", "8"), TEXT + "more\n"):
        with pytest.raises(NoteError, match=f"signature of {LOG.name} is wrong"):
            notes.verify(notes.note(text, [right]), [LOG_KEY])
    cosigned = notes.cosign(TEXT, WITNESS, 5)
    later = notes.Signature(WITNESS.name, cosigned.key, (6).to_bytes(8) + cosigned.blob[8:])
    for wrong in (later, notes.Signature(WITNESS.name, cosigned.key, b"short")):
        with pytest.raises(NoteError, match=r"witness is wrong"):
            notes.verify(notes.note(TEXT, [wrong]), [WITNESS_KEY])
    far = notes.Signature(WITNESS.name, cosigned.key, b"\xff" * 72)
    with pytest.raises(NoteError, match="impossible time"):
        notes.verify(notes.note(TEXT, [far]), [WITNESS_KEY])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("aQM=\n", "aQM=\n\n"),
        ("aQM=\n", "aQM="),
        ("aQM=\n", "aQM=\r\n"),
        ("aQM=", "aQN="),  # other trailing bits, the same bytes
        ("aQM=", "aQM"),
        ("aQM=", "a QM="),
        ("— ", "- "),
        ("— ", "—  "),
        ("example.com/foo", "example.com+foo"),
        ("example.com/foo", "example.com/\u3000foo"),
        ("message.\n\n", "message.\n"),
        ("This is", "This\tis"),
        ("Uw2QOkn8srV1yJGh", "Uw2Q"),
    ],
)
def test_a_byte_that_is_otherwise_makes_it_another_note_or_none(old: str, new: str):
    assert old in EXAMPLE
    with pytest.raises(NoteError):
        notes.verify(notes.parse(EXAMPLE.replace(old, new)), [verifier_key(VKEY)])


def test_no_byte_of_a_checkpoint_can_be_changed():
    note = str(notes.note(TEXT, [notes.sign(TEXT, LOG), notes.cosign(TEXT, WITNESS, 9)])).encode()
    keys = [LOG_KEY, WITNESS_KEY]
    for place in range(len(note)):
        changed = bytearray(note)
        changed[place] ^= 1
        try:
            found = notes.verify(notes.parse(bytes(changed)), keys)
        except NoteError:
            continue
        # a signature line of somebody nobody knows, and then that witness, or log, is missing
        assert len(found) == 1, place


def test_too_many_signatures_are_not_looked_at():
    many = notes.note(TEXT, [notes.sign(TEXT, LOG)] * 65)
    with pytest.raises(NoteError, match="65 signatures"):
        notes.parse(str(many))


@pytest.mark.parametrize(
    "text",
    [
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530D903A"),
        VKEY.replace("+Ae", "+Ce"),
        VKEY[:-4],
        VKEY + "=",
        "example.com/foo",
        " ".join(VKEY),
        "",
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str):
    with pytest.raises(NoteError, match="verifier key"):
        verifier_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "hub\n7\nAAAA\n",
        "hub\n07\n" + "A" * 43 + "=\n",
        "hub\n-7\n" + "A" * 43 + "=\n",
        "hub\n7\n" + "A" * 42 + "B=\n",
        "\n7\n" + "A" * 43 + "=\n",
        "hub\n7\n" + "A" * 43 + "=\nextension\n",
        "hub\n٧\n" + "A" * 43 + "=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str):
    with pytest.raises(NoteError, match="No checkpoint"):
        checkpoint_in(f"{text}\n{notes.sign(text, LOG).line}")


def test_control_characters_are_not_signed():
    for text in ("no end", "bell\a\n", "cr\r\n"):
        with pytest.raises(NoteError, match="lines of text"):
            notes.note(text)
