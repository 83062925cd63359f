"""Step in and Policy, asked as a browser asks: what is given, by whom, and what is not."""

import asyncio
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
import soundfile
from console import Console
from in_process import InProcess, logged_in
from scripted_unit import START, event
from waiting import DEADLINE

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE
from noisetamer.hub.live import UnitState
from noisetamer.hub.orders import speech
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.writer import Store
from noisetamer.hub.web import step_in
from noisetamer.hub.wire import Event, read_report
from tamer.judge import policy

EAST, SOUTH = "东门广场", "南门/花坛 #1"
SCRIPT = "<script>alert(1)</script>"


class Town:
    """Two boxes in one square, one in another; and the rows of the ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.console = Console(folder)
        for id, square in (("SIM-1", EAST), ("SIM-2", EAST), ("SIM-3", SOUTH)):
            self.console.live.states[id] = UnitState(Unit(id, "", square, ""))

    def person(self, role: str = "property", *squares: str) -> InProcess:
        person = logged_in(self.console, role, squares or None)
        person.headers["Accept-Language"] = "zh"
        return person

    def given(self) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "orders.sqlite")) as ledger:
            query = "SELECT unit, verb, fields, role, reason, body FROM given ORDER BY unit, n"
            return ledger.execute(query).fetchall()


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def at(square: str, *steps: str, page: str = "step-in") -> str:
    return "/".join(["", page, quote(square, safe=""), *steps])


def spoken() -> bytes:
    sound, rate = soundfile.read(FIRMWARE / "voices" / "polite_zh.wav")
    out = io.BytesIO()
    soundfile.write(out, 0.5 * sound[: 2 * rate], rate, format="WAV")
    return out.getvalue()


def test_an_order_goes_to_each_box_of_the_square_or_to_one(town: Town):
    person = town.person("property", EAST)
    order = {"verb": "spotlight", "fields": {"state": "on", "for": 60}, "reason": "太吵"}
    rows = person.post(at(EAST, "orders"), json=order).json()
    assert [(row["unit"], row["state"]) for row in rows] == [
        ("SIM-1", "given"),
        ("SIM-2", "given"),
    ]
    assert rows[0]["became"] == "已下达，设备不在线，上线后送达"
    assert rows[0]["who"].endswith("（物业）：太吵")
    one = person.post(at(EAST, "orders"), json={**order, "unit": "SIM-2"}).json()
    assert [row["unit"] for row in one] == ["SIM-2"]
    assert [unit for unit, *_ in town.given()] == ["SIM-1", "SIM-2", "SIM-2"]
    page = person.get(at(EAST)).text
    assert page.count("射灯亮 1 分钟") == 3


@pytest.mark.parametrize(
    ("role", "squares", "verb", "fields", "status"),
    [
        ("viewer", (), "spotlight", {"state": "on", "for": 60}, 403),
        ("leader", (EAST,), "mute", {"for": 60}, 403),
        ("property", (SOUTH,), "say", {"message": "polite_zh"}, 403),
        ("property", (EAST,), "restart", {}, 403),
        ("property", (EAST,), "policy", {}, 422),
        ("property", (EAST,), "play", {}, 422),
        ("property", (EAST,), "dance", {}, 422),
        ("property", (EAST,), "say", {"message": "../../etc/passwd"}, 422),
        ("property", (EAST,), "say", {"message": "polite_zh", "more": 1}, 422),
        ("property", (EAST,), "mute", {"for": 10**9}, 422),
        ("operator", (), "volume", {"offset": 20, "for": 60}, 422),
    ],
)
def test_what_a_person_may_not_or_a_box_would_not_is_not_given(
    town: Town, role: str, squares: tuple[str, ...], verb: str, fields: dict[str, Any], status: int
):
    asked = {"verb": verb, "fields": fields, "reason": "x"}
    answer = town.person(role, *squares).post(at(EAST, "orders"), json=asked)
    assert answer.status_code == status
    assert town.given() == []


def test_a_box_that_takes_no_orders_keeps_no_other_from_its_own(town: Town):
    town.console.orders._key_of = lambda unit: None if unit == "SIM-1" else "k" * 43
    person = town.person("admin")
    order = {"verb": "spotlight", "fields": {"state": "on", "for": 60}, "reason": "太吵"}
    answer = person.post(at(EAST, "orders"), json=order)
    assert answer.status_code == 202
    given, refused = answer.json()
    assert (given["unit"], given["state"]) == ("SIM-2", "given")
    assert (refused["unit"], refused["state"]) == ("SIM-1", "refused")
    assert "SIM-1" in refused["what"] and "密钥" in refused["became"]
    assert [unit for unit, *_ in town.given()] == ["SIM-2"]
    text = "[limit]\nday = 62\n"
    sent = person.post(at(EAST, "send", page="policy"), json={"text": text, "reason": "x"})
    assert [row["state"] for row in sent.json()] == ["given", "refused"]
    # the box that did get it is known by it
    assert town.console.squares.history(EAST, "policy")[0].body["text"] == text
    alone = person.post(at(EAST, "orders"), json={**order, "unit": "SIM-1"})
    assert (alone.status_code, "SIM-1" in alone.json()["detail"]) == (422, True)


def test_an_order_without_a_reason_and_to_a_box_elsewhere_is_not_given(town: Town):
    person = town.person("property", EAST)
    order = {"verb": "say", "fields": {"message": "polite_zh"}}
    none = person.post(at(EAST, "orders"), json={**order, "reason": "  "})
    assert (none.status_code, none.json()["detail"][:5]) == (422, "请写明事由")
    foreign = person.post(at(EAST, "orders"), json={**order, "reason": "x", "unit": "SIM-3"})
    assert foreign.status_code == 404
    assert town.given() == []


@pytest.mark.tools
def test_what_was_listened_to_is_what_is_said(town: Town):
    person = town.person("officer", SOUTH)
    made = person.post(at(SOUTH, "sentence"), json={"text": "请把音量调低"}).json()
    heard = person.get(at(SOUTH, "sentence", f"{made['id']}.wav"))
    sound, rate = soundfile.read(io.BytesIO(heard.content))
    assert heard.headers["content-type"] == "audio/wav"
    assert abs(len(sound) / rate - made["length"]) < 0.1
    # nobody else's
    other = town.person("admin")
    assert other.get(at(SOUTH, "sentence", f"{made['id']}.wav")).status_code == 404
    assert other.post(at(SOUTH, "sentence", made["id"]), json={"reason": "x"}).status_code == 404
    (row,) = person.post(at(SOUTH, "sentence", made["id"]), json={"reason": "太吵"}).json()
    assert row["what"] == "说“请把音量调低”"
    ((unit, verb, fields, _, _, body),) = town.given()
    assert (unit, verb) == ("SIM-3", "play")
    assert json.loads(fields)["size"] == len(body)
    assert speech.played(body) == heard.content


def test_a_recording_becomes_a_message_or_is_refused_in_words(town: Town):
    person = town.person("property", EAST)
    (row, _) = person.post(at(EAST, "talk") + "?reason=x", content=spoken()).json()
    assert row["what"] == "现场喊话 2 秒（SIM-1）"
    body = town.given()[0][-1]
    sound, rate = soundfile.read(io.BytesIO(body))
    assert (rate, soundfile.info(io.BytesIO(body)).subtype) == (16_000, "IMA_ADPCM")
    assert np.abs(sound).max() < 1
    silent = io.BytesIO()
    soundfile.write(silent, np.zeros(16_000), 16_000, format="WAV")
    refused = person.post(at(EAST, "talk") + "?reason=x", content=silent.getvalue())
    assert (refused.status_code, refused.json()["detail"][:8]) == (422, "录音几乎没有声音")
    large = person.post(at(EAST, "talk") + "?reason=x", content=bytes(5_000_000))
    assert large.status_code == 413
    assert len(town.given()) == 2


def test_text_from_a_person_is_never_markup(town: Town):
    person = town.person("admin")
    order = {"verb": "mute", "fields": {"for": 60}, "reason": SCRIPT}
    assert person.post(at(EAST, "orders"), json=order).status_code == 202
    text = f'name = "{SCRIPT}"\n'
    sent = person.post(at(EAST, "send", page="policy"), json={"text": text, "reason": SCRIPT})
    assert sent.status_code == 202
    looked = person.post(at(EAST, "look", page="policy"), json={"text": text, "values": {}})
    for shown in (
        person.get(at(EAST)).text,
        person.get(at(EAST, page="policy")).text,
        looked.json()["week"],
    ):
        assert SCRIPT not in shown
    # and is kept as it was written
    assert town.console.squares.history(EAST, "policy")[0].body["text"] == text


def _decides_by(town: Town, unit: str, hash: str) -> None:
    boot = read_report(f"dev.{unit}.record", event(1, START, "boot", reset="x", policy=hash))
    assert isinstance(boot, Event)
    store = Store(town.folder / "hub.sqlite")
    store.append(0.0, [boot])
    store.close()


def test_a_policy_whose_text_is_not_here_is_replaced_by_who_says_so_only(town: Town):
    person = town.person("operator")
    asked = {"text": "", "reason": "x"}
    assert 'name="replaces"' not in person.get(at(SOUTH, page="policy")).text
    _decides_by(town, "SIM-3", "0123456789ab")
    assert 'name="replaces" required' in person.get(at(SOUTH, page="policy")).text
    refused = person.post(at(SOUTH, "send", page="policy"), json=asked)
    assert (refused.status_code, "没有原文" in refused.json()["detail"]) == (422, True)
    assert town.given() == []
    meant = person.post(at(SOUTH, "send", page="policy"), json={**asked, "replaces": True})
    assert (meant.status_code, len(town.given())) == (202, 1)
    # the other square's boxes are not concerned
    assert 'name="replaces"' not in person.get(at(EAST, page="policy")).text


def test_a_policy_is_looked_at_and_sent_whole(town: Town):
    person = town.person("operator")
    values = {"limit.day": "62", "name": "东门"}
    looked = person.post(
        at(SOUTH, "look", page="policy"), json={"text": "# ours\n", "values": values}
    ).json()
    assert looked["text"].startswith("# ours")
    assert (looked["faults"], looked["values"]["limit.day"]) == ([], "62")
    assert ">62<" in looked["week"] and looked["week"].count('class="day"') == 7
    assert "<h3>" not in looked["week"]
    trial = "[panel]\ndigits = true\n[budget]\nlimit = 67.5\n"
    trial += '[trial]\nname = "灯光在前"\n[[trial.arm]]\nname = "喊话"\n'
    trial += '[[trial.arm]]\nname = "灯光"\nweight = 3\nafter = 20\n'
    dealt = {"text": trial, "values": {}}
    week = person.post(at(SOUTH, "look", page="policy"), json=dealt).json()["week"]
    assert "抽签试验：灯光在前" in week
    assert "10 分钟平均声级可到 67.5 dB(A)" in week and "四位数字" in week
    assert "灯光，占 75%：先亮灯 20 秒，再喊 polite_zh" in week
    wrong = {"text": "[limit]\nday = 600\n", "reason": "x"}
    refused = person.post(at(SOUTH, "send", page="policy"), json=wrong)
    assert (refused.status_code, refused.json()["detail"][:12]) == (422, "2: limit.day")
    person.post(at(SOUTH, "send", page="policy"), json={"text": looked["text"], "reason": "约定"})
    ((_, verb, _, _, _, body),) = town.given()
    found = policy.read(json.loads(body))
    assert (verb, found.name, found.hash[:12]) == ("policy", "东门", looked["hash"])
    # what was sent from here is known here
    _decides_by(town, "SIM-3", found.hash[:12])
    again = {"text": looked["text"], "reason": "x"}
    assert person.post(at(SOUTH, "send", page="policy"), json=again).status_code == 202
    # who may only see it
    viewer = town.person("property", SOUTH)
    assert viewer.get(at(SOUTH, page="policy")).status_code == 200
    assert viewer.post(at(SOUTH, "send", page="policy"), json=wrong).status_code == 403


def test_a_policy_of_thousands_of_dotted_keys_is_refused_in_words(town: Town):
    person = town.person("operator")
    asked = {"text": "a" + ".b" * 5000 + " = 1", "values": {"limit.day": "60"}}
    looked = person.post(at(SOUTH, "look", page="policy"), json=asked)
    assert looked.status_code == 200
    assert [fault["sentence"] for fault in looked.json()["faults"]] == [
        "不是正确的 TOML：键名嵌套过深"
    ]
    sent = person.post(at(SOUTH, "send", page="policy"), json={**asked, "reason": "x"})
    assert (sent.status_code, "嵌套过深" in sent.json()["detail"]) == (422, True)


@pytest.mark.tools
def test_a_message_is_kept_once_it_was_made_and_no_shipped_one_is_replaced(town: Town):
    person = town.person("operator")
    made = person.post(at(EAST, "sentence", page="policy"), json={"text": "请跳舞的调低"}).json()
    asked = {"draft": made["id"]}
    for name in ("warning_zh", "Wrong Name", "../x"):
        answer = person.post(at(EAST, "voices", page="policy"), json={**asked, "name": name})
        assert answer.status_code == 422
    kept = person.post(at(EAST, "voices", page="policy"), json={**asked, "name": "dance"})
    assert kept.json()["text"] == "请跳舞的调低"
    rows = person.post(at(EAST, "voices", "dance", page="policy"), json={"reason": "x"}).json()
    said = [row["what"] for row in rows]
    assert said == ["新语音“请跳舞的调低”（SIM-1）", "新语音“请跳舞的调低”（SIM-2）"]
    unknown = person.post(at(EAST, "voices", "nobody", page="policy"), json={"reason": "x"})
    assert unknown.status_code == 404


def test_a_message_that_cannot_be_written_down_is_not_kept(
    town: Town, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: Any) -> None:
        raise UserError("the audit log is full")

    person = town.person("operator")
    context = town.console.app.state.context
    account = town.console.people.accounts.all()[-1].account
    draft = context.drafts.keep(account.id, speech.of_recording(spoken()))
    asked = {"name": "dance", "draft": draft}
    monkeypatch.setattr(context.people, "audit", full)
    assert person.post(at(EAST, "voices", page="policy"), json=asked).status_code == 422
    assert context.voices.own() == []
    monkeypatch.undo()
    assert person.post(at(EAST, "voices", page="policy"), json=asked).status_code == 200
    assert len(context.voices.own()) == 1


def test_every_order_stands_in_the_audit_log(town: Town):
    person = town.person("property", EAST)
    asked = {"verb": "say", "fields": {"message": "polite_zh"}, "reason": "太吵", "unit": "SIM-1"}
    person.post(at(EAST, "orders"), json=asked)
    with closing(sqlite3.connect(town.folder / "people.sqlite")) as people:
        query = "SELECT target, reason, detail FROM audit WHERE what='order'"
        ((target, reason, detail),) = people.execute(query).fetchall()
    assert (target, reason) == ("SIM-1", "太吵")
    assert json.loads(detail)["verb"] == "say"
    (order,) = asyncio.run(town.console.orders.of(["SIM-1"]))
    assert json.loads(detail)["n"] == order.n


def test_the_page_hears_that_the_hub_is_there_while_only_other_squares_have_news(town: Town):
    async def look() -> None:
        hub = town.console.app.state.context
        listener = hub.live.listen()
        assert listener
        told: asyncio.Queue[Any] = asyncio.Queue()
        telling = asyncio.create_task(step_in._cards(hub, listener, {"SIM-1"}, "en", told))

        async def elsewhere() -> None:
            while True:
                hub.live._tell("card", "SIM-3", at_once=True)
                await asyncio.sleep(0.2)

        busy = asyncio.create_task(elsewhere())
        # how it stands, which may be other than when the page was made
        assert (await asyncio.wait_for(told.get(), DEADLINE)).event == "card"
        assert (await asyncio.wait_for(told.get(), DEADLINE)).event == "alive"
        hub.live._tell("card", "SIM-1", at_once=True)
        while (await asyncio.wait_for(told.get(), DEADLINE)).event != "card":
            pass
        busy.cancel()
        telling.cancel()

    asyncio.run(look())
