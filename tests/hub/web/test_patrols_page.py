"""The page of rounds: points, rounds and signs for who manages them, names for who may see."""

import time

import pytest
from console import Console
from in_process import logged_in

from noisetamer.hub.live import UnitState
from noisetamer.hub.patrols.check_in import Point
from noisetamer.hub.patrols.patrols import Told
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.registry import Unit
from noisetamer.unit.policy.days import local_day

SQUARE = "东门广场"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Console:
    console = Console(tmp_path_factory.mktemp("hub"))
    console.live.states["SIM-0001"] = UnitState(Unit("SIM-0001", "东门", SQUARE, ""))
    for kind, name in (("weak", "亭子"), ("rotating", "后门")):
        console.around.patrols.add_point(Point(0, SQUARE, name, kind))
    return console


def test_who_manages_adds_points_and_rounds_and_prints_the_sign(console: Console):
    manager = logged_in(console, "property", [SQUARE])
    link = manager.post(f"/patrols/{SQUARE}/points/2/screen").headers["location"]
    assert (
        link == f"/patrol/code/2#key={console.around.patrols.code_key(2)}&name=%E5%90%8E%E9%97%A8"
    )
    added = manager.post(f"/patrols/{SQUARE}/points", data={"name": "西门", "kind": "weak"})
    assert added.status_code == 303
    refused = manager.post(f"/patrols/{SQUARE}/points", data={"name": " ", "kind": "weak"})
    assert (refused.status_code, "请写名称" in refused.text) == (422, True)
    form = {"name": "晚巡", "since": "19:00", "until": "21:00", "points": ["1", "2"]}
    assert manager.post(f"/patrols/{SQUARE}/rounds", data=form).status_code == 303
    (round,) = console.around.patrols.rounds(SQUARE)
    assert (round.points, round.since, round.until) == ((1, 2), 1140, 1260)
    sign = manager.get(f"/patrols/{SQUARE}/points/1/sign.pdf")
    assert sign.content.startswith(b"%PDF")
    said = {entry.what for entry in console.people.log.entries()}
    assert {"patrol_point_added", "patrol_round_added", "patrol_screen_link"} & said


def test_names_are_seen_by_who_manages_only(console: Console):
    console.people.accounts.add("zhao", "guard", HUB, display="老赵", squares=[SQUARE])
    told = Told(1, "", "x", time.time(), time.time())
    answer = console.around.patrols.check_in(told, "zhao")
    assert answer.what == "in" and answer.check_in
    # today's, as long as there is no midnight in between
    day = local_day(console.around.policies.calendar(SQUARE), answer.check_in.at)
    pages = {
        role: logged_in(console, role, [SQUARE]).get(f"/patrols?day={day}").text
        for role in ("property", "guard")
    }
    assert "老赵" in pages["property"] and "老赵" not in pages["guard"]
    guard = logged_in(console, "guard", [SQUARE])
    # two thousand years of rounds are looked for by nobody
    for day in ("0001-01-01", "9999-12-31"):
        for page in ("/patrols", "/patrols/table.csv"):
            assert guard.get(f"{page}?square={SQUARE}&day={day}").status_code == 422
