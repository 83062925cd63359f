"""The incidents' pages without a broker: what is listed, who may do what, what is escaped."""

import asyncio
from collections.abc import Collection
from pathlib import Path

import pytest
from console import Console
from fastapi.testclient import TestClient
from logged_in import log_in
from scripted_unit import START, event, seconds, stage
from waiting import DEADLINE

from noisetamer.hub.cameras.album import Asked
from noisetamer.hub.cameras.decode import Picture
from noisetamer.hub.cameras.take import Taken, Why
from noisetamer.hub.live import UnitState
from noisetamer.hub.people.secrets_kept import csrf_of
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.writer import Store
from noisetamer.hub.web.incident_news import Ear, IncidentNews
from noisetamer.hub.web.incidents import A_PAGE
from noisetamer.hub.wire import Record, read_report

NASTY = '<script>alert("x")</script>'


class Town:
    """Squares S0, S1, ... with a box each. Every evening in a box's life is an incident."""

    def __init__(self, folder: Path, squares: int = 2) -> None:
        self.console = Console(folder)
        self.store = Store(folder / "hub.sqlite")
        self.sequence = 0
        for number in range(squares):
            unit = Unit(f"SIM-{number}", "", f"S{number}", "")
            self.console.live.states[unit.id] = UnitState(unit, online=True, last=START + 100)
        self.incidents = self.console.incidents
        self.incidents.know({f"SIM-{number}": f"S{number}" for number in range(squares)})
        self.incidents.turn()

    def tells(self, number: int, message: bytes) -> None:
        found = read_report(f"dev.SIM-{number}.record", message)
        assert isinstance(found, Record)
        self.store.append(START, [found])

    def begins(self, number: int, t: int = START) -> None:
        for before, after in (("red", "green"), ("green", "red")):
            self.sequence += 1
            self.tells(number, stage(self.sequence, t, before, after, 692))
        self.incidents.turn()

    def client(self, role: str = "admin", squares: Collection[str] | None = None) -> TestClient:
        secret = log_in(self.console.people, role, squares)
        return TestClient(
            self.console.app,
            base_url="http://hub",
            cookies={"session": secret, "lang": "en"},
            headers={"X-CSRF": csrf_of(secret)},
            follow_redirects=False,
        )


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_what_goes_on_comes_first_and_can_be_chosen_by_state_kind_and_square(town: Town):
    town.begins(0)
    town.begins(1)
    town.incidents.close(1, "wang", "done", START)
    client = town.client()
    page = client.get("/incidents").text
    assert page.index("Going on (1)") < page.index("/incidents/2") < page.index("/incidents/1")
    assert "Too loud: up to 69.2 dB(A), limit 65" in page
    for query, there, away in (
        ({"state": "living"}, "/incidents/2", '"/incidents/1"'),
        ({"state": "over"}, "/incidents/1", '"/incidents/2"'),
        ({"square": "S0"}, "/incidents/1", '"/incidents/2"'),
        ({"kind": "noise"}, "/incidents/2", "nothing"),
        ({"kind": "silent"}, "Nothing is going on", '"/incidents/2"'),
    ):
        page = client.get("/incidents", params=query).text
        assert there in page and away not in page, query


def test_old_ones_are_read_page_by_page_and_each_is_on_one(town: Town):
    for number in range(A_PAGE + 5):
        town.begins(0)
        town.incidents.close(number + 1, "wang", "", START)
    client = town.client()
    first = client.get("/incidents", params={"square": "S0"}).text
    assert f'"/incidents/{A_PAGE + 5}"' in first and '"/incidents/5"' not in first
    second = client.get("/incidents", params={"square": "S0", "before": 6}).text
    assert '"/incidents/5"' in second and '"/incidents/6"' not in second
    assert "before=6" in first and "before=" not in second


def test_the_page_of_one_shows_its_story_and_curve(town: Town):
    town.tells(0, seconds(900, START - 5, [600] * 5))
    town.begins(0)
    town.tells(0, event(901, START + 2, "warning", message="polite_zh", number=1))
    town.incidents.turn()
    client = town.client()
    page = client.get("/incidents/1").text
    assert "Nobody sees to it yet" in page and "warning 1" in page
    curve = client.get("/incidents/1/curve/SIM-0").json()
    assert curve["LAeq"][:5] == [600] * 5
    assert curve["limit"] == [[START - 5, 650]]
    assert curve["marks"] == [[START, "red", "too loud"]] or curve["marks"][0][:2] == [
        START,
        "red",
    ]
    assert client.get("/incidents/1/curve/SIM-1").status_code == 404
    assert client.get("/incidents/9").status_code == 404


def test_who_may_only_look_sees_no_calls_no_pictures_and_can_do_nothing(town: Town):
    town.begins(0)
    asked = Asked("k", 1, "S0", "start", START)
    town.console.album.keep(
        asked, Taken(START, None, "", None, (Why("", "late", "40"),)), "none", 7
    )
    viewer = town.client("viewer")
    page = viewer.get("/incidents/1").text
    assert "Nobody sees to it yet" in page
    assert "No picture" not in page and "<form" not in page
    for act in ("acknowledge", "note", "close", "silence"):
        answer = viewer.post(f"/incidents/1/{act}", data={"text": "x", "hours": 1, "reason": "x"})
        assert answer.status_code == 403, act
    assert "No picture: 40 s had gone by" in town.client("property").get("/incidents/1").text


def test_whoever_is_for_one_square_sees_no_other(town: Town):
    town.begins(0)
    town.begins(1)
    leader = town.client("leader", squares=["S1"])
    page = leader.get("/incidents").text
    assert '"/incidents/2"' in page and '"/incidents/1"' not in page and "S0" not in page
    for path in ("/incidents/1", "/incidents/1/curve/SIM-0", "/incidents/1/events"):
        assert leader.get(path).status_code == 403, path
    assert leader.post("/incidents/1/acknowledge").status_code == 403
    assert leader.post("/incidents/2/acknowledge").status_code == 303
    assert leader.post("/incidents/2/close", data={"text": "x"}).status_code == 403


def test_what_people_do_is_in_the_story_and_nothing_they_write_is_run(town: Town):
    town.begins(0)
    admin = town.client()
    assert admin.post("/incidents/1/acknowledge").headers["location"] == "/incidents/1"
    assert admin.post("/incidents/1/note", data={"text": NASTY}).status_code == 303
    said = {"hours": 4, "reason": NASTY}
    assert admin.post("/incidents/1/silence", data=said).status_code == 303
    assert admin.post("/incidents/1/close", data={"text": NASTY}).status_code == 303
    page = admin.get("/incidents/1").text
    assert NASTY not in page
    assert page.count("&lt;script&gt;") >= 4  # note, silence twice, close
    assert town.incidents.one(1).state == "closed"  # pyright: ignore[reportOptionalMemberAccess]
    assert town.incidents.silences("S0")
    assert (
        admin.post("/incidents/1/silence", data={"hours": 0, "reason": "over"}).status_code == 303
    )
    assert not town.incidents.silences("S0")
    assert (
        admin.post("/incidents/1/silence", data={"hours": 999, "reason": "x"}).status_code == 422
    )


def test_pictures_and_their_reasons_are_told(town: Town):
    town.begins(0)
    album = town.console.album
    taken = Taken(START, Picture(b"jpeg", 64, 48), "snapshot", -4.0, ())
    album.keep(Asked("a", 1, "S0", "start", START), taken, "all", 7)
    failed = Taken(
        START + 5, None, "", None, (Why("snapshot", "time_out", "5"), Why("stream", "login"))
    )
    album.keep(Asked("b", 1, "S0", "polite", START + 5), failed, "none", 7)
    admin = town.client()
    page = admin.get("/incidents/1").text
    assert '<img src="/pictures/1.jpg"' in page and '<img src="/pictures/2.jpg"' not in page
    assert "snapshot; camera&#39;s clock off by -4 s; all of it blurred" in page
    assert (
        "snapshot: the camera did not answer within 5 s; stream: the camera does not take" in page
    )
    (file,) = album.folder.glob("*/*")
    file.chmod(0o644)
    file.write_bytes(b"another")
    page = admin.get("/incidents/1").text
    assert "<img" not in page and "is not what was taken" in page
    album.delete_old(START + 8 * 86_400, lambda _: None)
    page = admin.get("/incidents/1").text
    assert "<img" not in page and "The picture was deleted 2026-12-01" in page
    assert admin.get("/pictures/1.jpg").status_code == 410


def test_a_page_hears_of_its_own_incident_and_boxes_and_all_share_one_listener(town: Town):
    live = town.console.live
    news = IncidentNews(town.incidents, live)

    async def run() -> tuple[list[str], list[str]]:
        assert not live.watched
        heard: tuple[list[str], list[str]] = [], []
        with (
            news.listening(1, frozenset({"SIM-0"})) as one,
            news.listening(None, frozenset()) as every,
        ):
            assert one and every
            pages = [
                asyncio.create_task(_hear(ear, into))
                for ear, into in zip((one, every), heard, strict=True)
            ]
            live._tell("curve", "SIM-1", at_once=True)
            live._tell("curve", "SIM-0", at_once=True)
            async with asyncio.timeout(DEADLINE):
                while not heard[0]:
                    await asyncio.sleep(0.01)
                town.begins(0)
                while not (heard[0][1:] and heard[1]):
                    await asyncio.sleep(0.01)
                town.begins(1)  # another incident
                live.close()  # the hub ends
                await asyncio.gather(*pages)
        await asyncio.sleep(0)
        assert not live.watched
        return heard

    assert asyncio.run(run()) == (["curve", "changed"], ["changed"])


async def _hear(ear: Ear, into: list[str]) -> None:
    async for what in ear.news():
        into.append(what)
