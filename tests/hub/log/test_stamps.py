"""The log is stamped every hour, and at once for a bundle; or it says why not yet."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from dripping import dripping
from growing_log import GrowingLog
from program import run
from time_authority import Authority, AuthorityServer, authorities, certificate, serving

from noisetamer.hub.log import stamps
from noisetamer.hub.log.outside import Outside
from noisetamer.hub.log.stamping import Stamping
from noisetamer.hub.log.stamps import HOUR_SECONDS, Stamps, set_authority
from noisetamer.hub.people.people import People
from noisetamer.proof import notes, verify_evidence

pytestmark = pytest.mark.tools

ROOT, MIDDLE, STAMPS = authorities()


class Stand:
    """A log, the hub's folder, and a clock that may be moved for as long as nobody stamps."""

    def __init__(self, data: Path, server: AuthorityServer) -> None:
        self.data, self.server = data, server
        self.log = GrowingLog(leaves=[b"1", b"2"])
        self.ahead = 0.0
        self.stamps = Stamps(data, self.clock)
        self.stamping = Stamping(self.stamps, self.log.checkpoint, self.clock)

    def clock(self) -> float:
        return time.time() + self.ahead

    def step(self) -> list[str]:
        """Which troubles there are then."""
        self.stamping.step()
        return [one.key for one in self.stamping.troubles()]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with serving(Authority(tmp_path / "tsa", STAMPS, [MIDDLE])) as server:
        data = tmp_path / "hub"
        data.mkdir()
        set_authority(data, server.url, MIDDLE.pem + ROOT.pem)
        made = Stand(data, server)
        yield made
        made.stamps.close()


def test_every_hour_what_was_logged_is_stamped(stand: Stand):
    assert stand.step() == []
    (first,) = stand.stamps.all()
    assert (first.size, first.text) == (2, notes.parse(stand.log.checkpoint()).text)
    authority = verify_evidence.from_pem(first.root.encode(), "CERTIFICATE")
    told = verify_evidence.stamp_of(
        first.tsr, first.text.encode(), [verify_evidence.Certificate(one) for one in authority]
    )
    assert told.at == first.at and abs(first.at - time.time()) < 60
    stand.log.grow(b"3")
    stand.step()
    assert stand.server.asked == 1
    # in an hour; the authority's clock has not gone on, so only that it is wanted is seen
    stand.ahead = HOUR_SECONDS
    assert stand.step() == ["stamp_refused"]
    assert [one.size for one in stand.stamps.waiting()] == [3]
    assert "clock and this hub's differ by 60 min" in stand.stamps.waiting()[0].said


def test_an_hour_without_a_leaf_is_not_stamped_again(stand: Stand):
    stand.step()
    stand.ahead = 5 * HOUR_SECONDS
    assert stand.step() == []
    assert stand.server.asked == 1


def test_offline_it_is_not_stamped_yet_and_asked_again_after_growing_pauses(stand: Stand):
    stand.server.status = 503
    told = []
    for _ in range(30):
        stand.log.grow(b"x")
        told.append(stand.step())
        stand.ahead += HOUR_SECONDS
    assert told == [[]] * 24 + [["stamp_away"]] * 6
    # a bundle waits for itself; of those an hour only the newest is left
    assert stand.stamps.ask_for(stand.log.checkpoint()) is None
    stand.log.grow(b"x")
    stand.step()
    assert [one.why for one in stand.stamps.waiting()] == ["hour", "bundle"]
    assert all("503" in one.said and not one.refused for one in stand.stamps.waiting())
    assert stand.server.asked < 25
    stand.server.status, stand.ahead = 200, 0.0
    found = stand.stamps.ask_for(stand.log.checkpoint())
    assert found is not None and found.size == 33
    assert stand.stamps.all(below=32) == []


def test_pauses_double_up_to_two_hours(stand: Stand):
    stand.server.status = 503
    stand.stamps.want(stand.log.checkpoint(), "bundle")
    asked = []
    for minute in range(250):
        before = stand.server.asked
        stand.stamps.ask()
        if stand.server.asked > before:
            asked.append(minute)
        stand.ahead += 60
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert gaps[:8] == [1, 2, 4, 8, 16, 32, 64, 120]
    assert set(gaps[7:]) == {120}


def test_a_wrong_answer_is_refused_shown_and_asked_again(stand: Stand, tmp_path: Path):
    stand.server.answering = Authority(tmp_path / "other", certificate("x", stamps=True)).answer
    assert stand.step() == ["stamp_refused"]
    (trouble,) = stand.stamping.troubles()
    assert "CN=x, whom the authority's chain does not vouch for" in trouble.values["said"]
    stand.server.answering = lambda query: b"<html>log in to this hotel's network</html>"
    assert stand.stamps.ask_for(stand.log.checkpoint()) is None
    (waiting,) = stand.stamps.waiting()
    assert waiting.refused and "is no time stamp" in waiting.said
    stand.server.answering = Authority(tmp_path / "again", STAMPS, [MIDDLE]).answer
    assert stand.stamps.ask_for(stand.log.checkpoint())
    assert stand.step() == []


def test_an_answer_that_drips_is_given_up_as_a_whole(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stamps, "_ASK_SECONDS", 0.3)
    with dripping(0.02) as url:
        set_authority(stand.data, url, MIDDLE.pem + ROOT.pem)
        assert stand.stamps.ask_for(stand.log.checkpoint()) is None
    (waiting,) = stand.stamps.waiting()
    assert (waiting.said, waiting.refused) == ("TimeoutError", False)


def test_a_spoilt_file_of_the_authority_keeps_no_evidence_back(
    stand: Stand, caplog: pytest.LogCaptureFixture
):
    (stand.data / "stamp-authority.json").write_text("{}")
    outside = Outside(stand.data, "hub", stand.log)  # type: ignore[arg-type]
    asyncio.run(outside.vouch(stand.log.checkpoint()))
    outside.close()
    (said,) = caplog.messages
    assert "names no authority" in said


def test_the_command_line_names_an_authority_and_says_what_is_stamped(stand: Stand):
    (stand.data / "hub.sqlite").touch()
    People(stand.data / "people.sqlite").close()
    chain = stand.data / "chain.pem"
    chain.write_bytes(ROOT.pem + MIDDLE.pem)
    where = ("--data", stand.data)
    stand.stamps.want(stand.log.checkpoint(), "hour")
    assert run("hub", "stamps", "none", *where).code == 0
    done = run("hub", "stamps", "ask", *where)
    assert done.code == 2 and "No authority is named" in done.wrong[0]
    assert "not stamped yet" in run("hub", "stamps", "list", *where).out
    done = run("hub", "stamps", "by", stand.server.url, "--chain", chain, *where)
    assert done.code == 0 and "CN=Stamps of the town" in done.out
    assert run("hub", "stamps", "list", *where).code == 1
    done = run("hub", "stamps", "ask", *where)
    assert done.code == 0 and "2 leaves, stamped 20" in done.out
    for words, why in {
        ("ftp://x", "--chain", chain): "no address of an authority",
        ("http://[", "--chain", chain): "no address of an authority",
        ("http://x:99999/", "--chain", chain): "no address of an authority",
        ("http://x", "--chain", stand.data / "hub.sqlite"): "is no PEM",
        ("http://x", "--chain", stand.data / "none"): "cannot be read",
    }.items():
        done = run("hub", "stamps", "by", *words, *where)
        assert done.code == 2 and why in done.wrong[0]
    # what was refused was not named, and nothing says that it was
    with closing(People(stand.data / "people.sqlite")) as people:
        told = [entry.target for entry in people.log.entries(what="stamps_by")]
    assert told == [stand.server.url, "none"]
