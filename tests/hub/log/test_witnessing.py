"""What our witnesses answer is in our checkpoint, or is told; whatever they answer."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from dripping import dripping
from growing_log import GrowingLog, signer
from witness_server import WitnessServer, serving

from noisetamer.hub.log import witnessing
from noisetamer.hub.log.partners import Partner, Partners
from noisetamer.hub.log.witness import Answer, Witness
from noisetamer.hub.log.witnessing import LONGEST_SECONDS, PAUSE_SECONDS, Witnessing
from noisetamer.proof import notes
from noisetamer.proof.notes import VerifierKey

NOW = 1_800_000_000
THEIRS = signer("west.example/witness")


class Stand:
    """Our log, and one witness of it; its clock, and ours."""

    def __init__(self, folder: Path) -> None:
        self.log = GrowingLog(leaves=[b"%d" % n for n in range(3)])
        self.witness_now, self.now = float(NOW), 0.0
        known = {self.log.key.name: [self.log.key]}
        self.witness = Witness(
            folder / "witness.sqlite",
            lambda: THEIRS,
            lambda origin: known.get(origin, []),
            lambda: self.witness_now,
        )
        self.known = known
        self.partners = Partners(folder)
        self.server: WitnessServer
        self.again()

    def again(self) -> None:
        """Our hub is started."""
        self.ours = Witnessing(self.log, self.partners, list, lambda: float(NOW), lambda: self.now)

    def step(self, seconds: float = PAUSE_SECONDS) -> list[str]:
        """So much later; which troubles there are then."""
        self.now += seconds
        self.ours.on_checkpoint(self.log.checkpoint())
        asyncio.run(self.ours.step())
        return [one.key for one in self.ours.troubles()]

    def times(self) -> list[int | None]:
        """Of the cosignatures of the newest checkpoint, verified."""
        text = notes.parse(self.log.checkpoint()).text
        return [one.time for one in notes.verify(notes.note(text, self.log.cosigned), [
            self.witness.key])]  # fmt: skip


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path)
    with serving(made.witness.add_checkpoint) as made.server:
        made.partners.add(Partner("west", made.server.url, str(made.witness.key)))
        yield made
    made.witness.close()


def test_each_new_checkpoint_is_shown_once_a_minute_and_its_cosignature_kept(stand: Stand):
    assert stand.step() == []
    assert stand.times() == [NOW]
    assert [stand.step(1) for _ in range(3)] == [[], [], []]
    stand.log.grow(b"3")
    stand.log.cosigned.clear()
    stand.step(1)
    assert stand.log.cosigned == []
    stand.step()
    assert stand.times() == [NOW]
    asked = [body.partition(b"\n")[0] for body in stand.server.asked]
    assert asked == [b"old 0", b"old 3"]
    stand.step()
    assert len(stand.server.asked) == 2  # nothing has grown


def test_a_hub_that_was_restarted_asks_what_its_witness_has(stand: Stand):
    stand.step()
    stand.again()
    stand.log.grow(b"3", b"4")
    assert stand.step() == []
    asked = [body.partition(b"\n")[0] for body in stand.server.asked]
    assert asked == [b"old 0", b"old 0", b"old 3"]


def test_a_witness_that_is_away_is_asked_again_and_told_after_an_hour(stand: Stand):
    stand.server.answering = lambda _: Answer(503, "later")
    seen = [stand.step() for _ in range(63)]
    assert seen[0] == [] and seen[-1] == ["witness_away"]
    assert len(stand.server.asked) < 12
    (trouble,) = stand.ours.troubles()
    assert trouble.values["said"] == "HTTP 503 later" and not trouble.ill
    stand.server.answering = stand.witness.add_checkpoint
    assert stand.step(LONGEST_SECONDS) == []
    assert stand.times() == [NOW]


def test_nobody_there_is_away_too(stand: Stand):
    stand.server.shutdown()
    stand.server.server_close()
    assert stand.step() == []
    assert stand.step(7200) == ["witness_away"]


def test_an_answer_that_drips_is_given_up_as_a_whole(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(witnessing, "_ASK_SECONDS", 3.0)
    drips = signer("drip.example/witness")
    key = str(VerifierKey(drips.name, drips.public, notes.COSIGNATURE))
    with dripping(0.02) as url:
        stand.partners.add(Partner("drip", url, key))
        assert stand.step() == [], "it comes to an end"
    assert stand.times() == [NOW], "the other is heard"


def test_our_own_log_that_was_rolled_back_is_said_loudly(stand: Stand):
    stand.log.grow(b"3", b"4")
    stand.step()
    stand.log.leaves = stand.log.leaves[:4]
    assert stand.step() == ["log_rolled_back"]
    (trouble,) = stand.ours.troubles()
    assert trouble.ill and trouble.values == {"name": "west", "theirs": "5", "ours": "4"}
    # it grows again, another way
    stand.log.grow(b"x")
    assert stand.step(LONGEST_SECONDS) == ["log_forked"]
    stand.log.grow(b"y")
    assert stand.step(LONGEST_SECONDS) == ["log_forked"]
    assert len(stand.log.cosigned) == 1


def test_what_another_process_signed_and_showed_meanwhile_is_no_rollback(stand: Stand):
    """Evidence is made beside a hub that runs."""
    stand.log.grow(b"3", b"4")
    stand.step()
    stand.ours.on_checkpoint(stand.log.checkpoint(4))
    stand.now += PAUSE_SECONDS
    asyncio.run(stand.ours.step())
    assert list(stand.ours.troubles()) == []
    assert stand.step() == []


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Answer(404, "who?"), "witness_unknown_to"),
        (Answer(403, "no"), "witness_unknown_to"),
        (Answer(200, ""), "witness_wrong"),
        (Answer(200, f"— {THEIRS.name} AAAAAAAA\n"), "witness_wrong"),
        (Answer(422, "no"), "log_forked"),
    ],
)
def test_an_answer_that_is_no_cosignature_is_told_at_once(stand: Stand, answer: Answer, what: str):
    stand.server.answering = lambda _: answer
    assert stand.step() == [what]
    assert stand.log.cosigned == []


def test_anothers_cosignature_is_not_taken(stand: Stand):
    def answering(_: bytes) -> Answer:
        text = notes.parse(stand.log.checkpoint()).text
        return Answer(200, notes.cosign(text, signer("thief"), NOW).line)

    stand.server.answering = answering
    assert stand.step() == ["witness_wrong"]
    assert stand.log.cosigned == []


def test_a_witness_whose_clock_is_wrong_says_something_false(stand: Stand):
    stand.witness_now += 3600
    assert stand.step() == ["witness_clock"]
    assert [one.values["said"] for one in stand.ours.troubles()] == ["+60 min"]
    assert stand.log.cosigned == []
    stand.witness_now -= 3600
    assert stand.step(LONGEST_SECONDS) == []
    assert stand.times() == [NOW]


@pytest.mark.parametrize("kind", ["text/x.tlog.size", "text/plain"])
def test_an_answer_without_sense_harms_nothing(stand: Stand, kind: str):
    for body in ("-1\n", "many\n", "9" * 100, "A" * 100_000, "é"):
        stand.server.answering = lambda _, body=body: Answer(409, body, kind)
        assert stand.step(LONGEST_SECONDS)[:1] in ([], ["witness_away"])
    assert stand.log.cosigned == []


def test_a_witness_that_is_removed_is_not_asked_any_more(stand: Stand):
    stand.step()
    stand.partners.remove("west")
    stand.log.grow(b"3")
    assert stand.step() == []
    assert len(stand.server.asked) == 1
