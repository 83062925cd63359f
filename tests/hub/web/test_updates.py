"""The page of roll-outs: what it says to whom, and its two buttons."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from console import Console
from in_process import logged_in

from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.updates import loads, machine, rollout
from noisetamer.hub.updates.loads import Body, Load
from noisetamer.hub.web import update_view
from noisetamer.hub.words.i18n import LANGUAGES, read_texts
from tamer.record.fields import ORDER_REFUSALS

EAST, WEST = "东门广场", "西门广场"
ZH, EN = {"Accept-Language": "zh"}, {"Accept-Language": "en"}


@pytest.fixture
def console(tmp_path: Path) -> Console:
    """A roll-out to two boxes of two squares."""
    made = Console(tmp_path)
    for id, square in (("NT-1", EAST), ("NT-2", WEST)):
        made.live.states[id] = UnitState(Unit(id, "", square, ""), online=True)
    with made.updates._book.transaction():
        digest = made.updates._book.keep(b"x")
    until = int(time.time()) + 86_400 * 5
    body = Body("", {}, digest, 1)
    load = Load("update", "release 7", (body,), 7, until, {"firmware": "0.2.0"})
    told = {"load": loads.to_fields(load), "reason": "Tuesday", "sizes": (1,), "seed": 1}
    asyncio.run(made.updates.ask("wei", "operator", "push", told))
    return made


def in_state(console: Console, **more: dict[str, str]) -> None:
    """Units are as said. more: {unit: fields}."""
    one = console.updates.current()
    assert one
    units = dict(one.state.units)
    for id, fields in more.items():
        name = id.replace("_", "-")
        units[name] = replace(units[name], **fields)
    console.updates._now = replace(one, state=replace(one.state, units=units))


def test_it_says_how_far_it_is_what_failed_and_in_the_boxs_own_words(console: Console):
    in_state(console, NT_1={"state": "failed", "why": "went back", "detail": "no sound"})
    page = logged_in(console, "operator").get("/updates", headers=ZH).text
    for words in (
        "版本 7：正在推送，第 1 批，共 2 批",
        "固件 0.2.0",
        "新版本未通过试运行",
        "no sound",
    ):
        assert words in page, words
    page = logged_in(console, "operator").get("/updates", headers=EN).text
    assert "Release 7: cohort 1 of 2" in page and "The box says: no sound" in page


def test_stop_and_resume_want_a_reason_and_stand_in_the_audit_log(console: Console):
    client = logged_in(console, "operator")
    client.headers.update(ZH)
    assert client.post("/updates/stop", data={"reason": " "}).status_code == 422
    assert client.post("/updates/stop", data={"reason": "下雨"}).status_code == 303
    stopped = console.updates.current()
    assert stopped and stopped.state.state == "stopped"
    refused = client.post("/updates/stop", data={"reason": "下雨"})
    assert (refused.status_code, "推送已经停止" in refused.text) == (422, True)
    assert "继续推送" in client.get("/updates").text
    assert client.post("/updates/resume", data={"reason": "雨停了"}).status_code == 303
    told = [(one.what, one.target, one.reason) for one in console.people.log.entries()]
    assert ("update_stop", "release 7", "下雨") in told
    assert ("update_resume", "release 7", "雨停了") in told
    assert "停止推送" in logged_in(console).get("/audit", headers=ZH).text


def test_who_is_for_one_square_sees_its_boxes_and_has_no_button(console: Console):
    in_state(console, NT_1={"state": "failed"}, NT_2={"state": "failed"})
    page = logged_in(console, "officer", [EAST]).get("/updates").text
    assert EAST in page and WEST not in page and "/updates/stop" not in page
    assert "/updates/stop" not in logged_in(console, "operator", [EAST]).get("/updates").text
    assert logged_in(console, "leader").get("/updates").status_code == 403


def test_a_box_without_the_roots_key_is_named_in_the_fleet(console: Console):
    in_state(console, NT_2={"state": "exempt", "why": "no root"})
    page = logged_in(console, "operator").get("/fleet?show=all", headers=EN).text
    assert page.count("no root key: it takes no updates over the air") == 1


def test_before_the_first_it_says_how_one_begins(tmp_path: Path):
    page = logged_in(Console(tmp_path), "operator").get("/updates", headers=EN).text
    assert "Nothing was rolled out yet" in page and "noisetamer update push" in page


def test_everything_that_can_become_of_a_unit_has_its_words():
    whys = {*machine.NOT_FOR_IT.values(), "silent", "untold", "fell back", "has it"}
    whys |= {"other board", "board unknown", "no order", "revoked", "away", "loud"}
    for texts in map(read_texts().__getitem__, LANGUAGES):
        assert {f"updates_why_{why}" for why in whys} <= texts.keys()
        assert {f"updates_state_{state}" for state in rollout.UNIT_STATES} <= texts.keys()
        assert {f"order_why_{why}" for why in ORDER_REFUSALS} <= texts.keys()
        for why in ("failures", "nobody", "person"):
            assert {f"updates_stopped_{why}", f"updates_entry_stopped_{why}"} <= texts.keys()
    assert {*machine.PASSING, *machine.NOT_FOR_IT} <= set(ORDER_REFUSALS)


def test_one_bad_box_of_five_hundred_is_seen_in_the_picture():
    parts = update_view._parts({"proven": 499, "failed": 1}, read_texts()["en"])
    assert [part.state for part in parts] == ["proven", "failed"]
    assert parts[1].wide > 10
    assert sum(part.wide for part in parts) == pytest.approx(update_view.WIDE, abs=1)
