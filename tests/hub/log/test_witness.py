"""A witness cosigns what grows, and only that, whatever it is asked and in whichever order."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from growing_log import GrowingLog, signer

from noisetamer.base.errors import UserError
from noisetamer.hub.log import witness
from noisetamer.hub.log.witness import Answer, Witness
from noisetamer.proof import notes
from noisetamer.proof.notes import VerifierKey

NOW = 1_800_000_000
OURS = signer("west.example/witness")


def a_witness(path: Path, *logs: GrowingLog) -> Witness:
    known = {log.key.name: [log.key] for log in logs}
    return Witness(path, lambda: OURS, lambda origin: known.get(origin, []), lambda: NOW)


@pytest.fixture
def log() -> GrowingLog:
    return GrowingLog(leaves=[b"%d" % n for n in range(5)])


@pytest.fixture
def ours(tmp_path: Path, log: GrowingLog) -> Iterator[Witness]:
    made = a_witness(tmp_path / "witness.sqlite", log)
    yield made
    made.close()


def times(answer: Answer, checkpoint: str, ours: Witness) -> list[int | None]:
    signed = notes.parse(notes.parse(checkpoint).text + "\n" + answer.body)
    return [one.time for one in notes.verify(signed, [ours.key])]


def test_it_cosigns_what_has_grown(ours: Witness, log: GrowingLog):
    old = 0
    for size in (1, 2, 2, 3, 5, 5):
        answer = ours.add_checkpoint(log.request(old, size))
        assert answer.status == 200
        assert times(answer, log.checkpoint(size), ours) == [NOW]
        old = size


def test_its_memory_outlives_it(tmp_path: Path, ours: Witness, log: GrowingLog):
    assert ours.add_checkpoint(log.request(0, 3)).status == 200
    ours.close()
    again = a_witness(tmp_path / "witness.sqlite", log)
    assert again.add_checkpoint(log.request(0)) == Answer(409, "3\n", "text/x.tlog.size")
    assert again.add_checkpoint(log.request(3)).status == 200
    again.close()
    (held,) = witness.held(tmp_path / "witness.sqlite")
    assert (held.origin, held.size, held.note) == (log.key.name, 5, log.checkpoint())


def test_what_is_wrong_has_the_status_of_the_specification(ours: Witness, log: GrowingLog):
    good = log.request(3)
    assert ours.add_checkpoint(log.request(0, 3)).status == 200
    stranger = GrowingLog("stranger.example/log", [b"1"])
    forged = GrowingLog(leaves=[b"1"])
    forged.signer = type(log.signer)(signer("thief")._key, log.key.name)
    for status, body in [
        (404, stranger.request(0)),
        (403, forged.request(0)),
        (400, log.request(6)),
        (409, log.request(2)),
        (409, log.request(0)),
        (409, log.request(0, 2)),
        (422, good.replace(b"old 3\n", b"old 3\n" + b"A" * 43 + b"=\n")),
        (422, b"old 3\n\n" + log.checkpoint().encode()),
        (400, b"old 3\n" + b"A" * 43 + b"=\n" * 64 + b"\n" + log.checkpoint().encode()),
        (400, good.replace(b"old 3", b"old 03")),
        (400, good.replace(b"old 3", b"old -3")),
        (400, good.replace(b"old 3\n", b"")),
        (400, good.replace(b"old 3\n", b"old 3\nAAAA\n")),
        (400, good.replace(b"=\n", b"= \n", 1)),
        (400, b""),
        (400, b"\xff" + good),
    ]:  # fmt: skip
        assert ours.add_checkpoint(body).status == status, body
    assert ours.add_checkpoint(good).status == 200


def test_every_changed_byte_of_a_request_is_refused(ours: Witness, log: GrowingLog):
    assert ours.add_checkpoint(log.request(0, 3)).status == 200
    good = log.request(3)
    for at in range(len(good)):
        wrong = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        assert ours.add_checkpoint(wrong).status in (400, 403, 404, 409, 422), wrong
    assert ours.add_checkpoint(good).status == 200


def test_neither_face_of_a_log_gets_the_word_of_both_witnesses(tmp_path: Path, log: GrowingLog):
    """The second that a witness is shown it keeps as what it is: proof of the split view."""
    other = log.fork(3).grow(b"another", b"story")
    files = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    for file, first, second in zip(files, (log, other), (other, log), strict=True):
        one = a_witness(file, log)
        assert one.add_checkpoint(first.request(0)).status == 200
        assert one.add_checkpoint(second.request(5)).status == 409
        second.grow(b"more")
        assert one.add_checkpoint(second.request(5)).status == 422
        one.close()
        second.leaves.pop()
        found = witness.conflicts(file)
        assert [each.why for each in found] == ["fork", "proof"]
        assert (found[0].held, found[0].shown) == (first.checkpoint(), second.checkpoint())


def test_a_log_that_was_rolled_back_is_told_how_much_it_had(ours: Witness, log: GrowingLog):
    assert ours.add_checkpoint(log.request(0)).status == 200
    back = log.fork(3).grow(b"again")
    assert ours.add_checkpoint(back.request(3)) == Answer(409, "5\n", "text/x.tlog.size")
    assert ours.add_checkpoint(back.grow(b"x", b"y").request(5)).status == 422


def test_of_many_at_once_none_rolls_back_another(tmp_path: Path, ours: Witness, log: GrowingLog):
    """Two processes, as it were: another one on the same file."""
    log.grow(*(b"%d" % n for n in range(40)))
    beside = a_witness(tmp_path / "witness.sqlite", log)
    answers: list[tuple[int, Answer]] = []

    def show(to: Witness, sizes: range) -> None:
        held = 0
        for size in sizes:
            answer = to.add_checkpoint(log.request(held, size))
            if answer.status == 409 and int(answer.body) <= size:
                held = int(answer.body)
                answer = to.add_checkpoint(log.request(held, size))
            answers.append((size, answer))
            if answer.status == 200:
                held = size

    threads = [
        threading.Thread(target=show, args=(to, range(start, 40, 3)))
        for to, start in ((ours, 1), (beside, 2), (ours, 3))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    beside.close()
    assert {answer.status for _, answer in answers} <= {200, 409}
    (held,) = witness.held(tmp_path / "witness.sqlite")
    assert held.size == max(size for size, answer in answers if answer.status == 200)


def test_what_it_cannot_keep_it_does_not_cosign(tmp_path: Path, log: GrowingLog):
    path = tmp_path / "witness.sqlite"
    path.write_bytes(b"no database, but something else that is here" * 30)
    spoilt = a_witness(path, log)
    with pytest.raises(UserError, match="is no witness's memory"):
        spoilt.add_checkpoint(log.request(0))


def test_its_key_is_no_key_of_a_log(ours: Witness):
    assert ours.key == VerifierKey(OURS.name, OURS.public, notes.COSIGNATURE)
    assert str(ours.key).startswith("west.example/witness+")
