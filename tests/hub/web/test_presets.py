"""The page of presets: made of a square, drift by line, and back by orders that exist."""

import asyncio
from pathlib import Path

import pytest
from console import Console
from in_process import InProcess, logged_in

from noisetamer.hub.live import UnitState
from noisetamer.hub.orders.policies import SETTING
from noisetamer.hub.registry import Unit

MODEL = "[limit]\nday = 65\nnight = 55\n"


@pytest.fixture
def console(tmp_path: Path) -> Console:
    made = Console(tmp_path)
    for id, square in (("SIM-0001", "东门广场"), ("SIM-0002", "和平广场")):
        made.live.states[id] = UnitState(Unit(id, "", square, ""), online=True)
    for square, text in (("东门广场", MODEL), ("和平广场", MODEL.replace("55", "60"))):
        name = f'name = "{square}"\n'
        body = {"text": name + text, "name": square, "hash": "0" * 12}
        made.squares.put(square, SETTING, body, "wang", 0.0)
    return made


@pytest.fixture
def operator(console: Console) -> InProcess:
    """Has made a preset of one square, and holds the other to it."""
    client = logged_in(console, "operator")
    made = client.post("/presets", data={"name": "街道", "square": "东门广场"})
    held = client.post("/presets/hold", data={"name": "街道", "square": "和平广场"})
    assert (made.status_code, held.status_code) == (303, 303)
    return client


def test_a_preset_takes_what_a_square_has_but_its_name(console: Console, operator: InProcess):
    (preset,) = console.around.presets.all()
    assert preset.policy.strip() == MODEL.strip()


def test_drift_is_shown_by_line(operator: InProcess):
    text = operator.get("/presets?lang=zh").text
    assert "和样板不一致" in text
    assert "<td>4</td><td><code>limit.night</code></td><td>55</td><td>60</td>" in text


def test_a_button_brings_it_back_with_its_own_name(console: Console, operator: InProcess):
    assert operator.post("/presets/back", data={"square": "和平广场"}).status_code == 303
    newest = console.squares.setting("和平广场", SETTING)
    assert newest is not None
    assert 'name = "和平广场"' in newest["text"] and "night = 55" in newest["text"]
    assert "limit.night" not in operator.get("/presets").text
    (order,) = asyncio.run(console.orders.of(["SIM-0002"]))
    assert (order.verb, order.reason) == ("policy", "改回样板“街道”")


def test_what_is_no_name_and_who_may_not_are_refused_in_words(
    console: Console, operator: InProcess
):
    answer = operator.post("/presets", data={"name": " ", "square": "东门广场"})
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    officer = logged_in(console, "officer")
    assert officer.post("/presets/back", data={"square": "和平广场"}).status_code == 403
    assert "/presets/back" not in officer.get("/presets").text
    elsewhere = logged_in(console, "operator", ["东门广场"])
    assert elsewhere.post("/presets/back", data={"square": "和平广场"}).status_code == 403
    assert "和平广场" not in elsewhere.get("/presets").text
    # the next version of one that squares of others are held to
    mine = {"name": " 街道", "square": "东门广场"}
    assert elsewhere.post("/presets", data=mine).status_code == 422
    for name in ("东街", "东街"):
        assert elsewhere.post("/presets", data={**mine, "name": name}).status_code == 303
