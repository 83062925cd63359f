"""How people are reached, as their pages ask for it."""

from pathlib import Path

from console import Console
from in_process import logged_in

from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit


def test_nobody_buries_the_incidents_under_drills(tmp_path: Path):
    console = Console(tmp_path)
    console.live.states["SIM-0001"] = UnitState(Unit("SIM-0001", "", "东门广场", ""))
    # a way that needs no account elsewhere; who may only look has one, too
    viewer, neighbour = (logged_in(console, "viewer", [*more, "东门广场"]) for more in ([], ["x"]))
    for client in (viewer, neighbour):
        assert client.post("/me/contacts", data={"channel": "ntfy"}).status_code == 303
    led_to = [viewer.post("/me/drill").headers["location"] for _ in range(8)]
    assert led_to == [f"/incidents/{n}" for n in (1, 2, 3, 4, 5, 5, 5, 5)]
    # of each person
    assert neighbour.post("/me/drill").headers["location"] == "/incidents/6"
    assert len(console.incidents.list(kinds=["drill"])) == 6
