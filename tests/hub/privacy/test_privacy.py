"""Everything that is kept about a person is named, and goes on request; evidence stays as hashes.

The hub here is a folder in which every part has written of two people: Li, a guard whose account
is `li`, and Wang, who runs it.
"""

import json
import pkgutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from console import Console
from in_process import logged_in
from logged_in import log_in

import noisetamer.hub
from noisetamer import cli
from noisetamer.base.database import Schema
from noisetamer.base.errors import UserError
from noisetamer.base.personal import GONE, without, without_in
from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.log import doings
from noisetamer.hub.maintenance import backup
from noisetamer.hub.open_day.question import Question
from noisetamer.hub.patrols import patrols
from noisetamer.hub.patrols.check_in import Point
from noisetamer.hub.patrols.patrols import Told
from noisetamer.hub.people.audit import By
from noisetamer.hub.permits.permit import Group
from noisetamer.hub.privacy import declared
from noisetamer.hub.privacy.forgetting import forget
from noisetamer.hub.privacy.kept import about
from noisetamer.hub.privacy.whom import whom
from noisetamer.hub.registry import Units
from tamer.record.seal import digits_of

SQUARE = "东门广场"
LI, WANG = "李建国", "王芳"


@dataclass(frozen=True)
class Hub:
    """A folder, and the console over it."""

    data: Path
    console: Console


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """For all tests that only look at it."""
    yield from written(tmp_path_factory.mktemp("hub"))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    yield from written(tmp_path)


def written(tmp_path: Path) -> Iterator[Hub]:
    """Every room has written of Li."""
    Units(tmp_path / "units.sqlite").enrol("SIM-0001", "", SQUARE)
    console = Console(tmp_path)
    people, now = console.people, console.now
    log_in(people, "admin", None, "wang")
    log_in(people, "guard", [SQUARE], "li")
    li = people.accounts.named("li")
    assert li
    people.accounts.change(li.account.id, By("wang"), "guard", [SQUARE], LI, "zh")
    people.contacts.add(li.account.id, "ntfy", By("li"))
    people.audit(now, "wang", "order", "SIM-0001", f"{LI}报告", {"n": 1, "verb": "say"})
    people.audit(now, "li", "escalation", SQUARE)
    incident = console.incidents.drill(SQUARE, "li", LI, now, "li")
    console.incidents.note(incident.id, "li", f"已告知{LI}", now)
    console.incidents.silence(SQUARE, now + 60, "Li is here", "li", now)
    plan = {"step": [{"name": "one", "who": ["li", "wang"]}]}
    console.squares.put(SQUARE, "escalation", plan, "li", now)
    around = console.around
    around.presets.put("街道", "", {"on_call": [{"who": ["li"]}]}, "li", now)
    point = around.patrols.add_point(Point(0, SQUARE, "东门", "panel", "SIM-0001"))
    key = Units(tmp_path / "units.sqlite").command_key("SIM-0001") or ""
    minute = int(around.patrols._clock() // 60)
    for digits in (digits_of(key, minute), "no"):
        told = Told(point.id, digits, digits, minute * 60, minute * 60)
        around.patrols.check_in(told, "li")
    around.open_day.raise_question(
        Question(0, SQUARE, date(2026, 11, 15), f"{LI}什么时候来?", LI), "li"
    )
    around.complaints.add([Complaint(0, SQUARE, int(now), "110", "110-7", text=f"{LI}太吵")])
    around.permits.add_group(Group(0, SQUARE, "东门舞队", LI, "li"))
    while doings.follow(console.feeder.log, tmp_path):
        pass
    yield Hub(tmp_path, console)
    console.phones.close()


def test_every_column_of_every_file_is_declared() -> None:
    """Whoever adds one says whether it is about people: `hub/privacy/columns.toml`."""
    there = dict[tuple[str, str], set[str]]()
    for schema, file in _schemas().items():
        with closing(sqlite3.connect(":memory:")) as connection:
            for statement in (one for step in schema.steps for one in step):
                connection.execute(statement)
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall():
                info = connection.execute(f"PRAGMA table_info({table})").fetchall()
                words = {name for _, name, kind, *_ in info if kind in ("TEXT", "BLOB", "")}
                numbers = {name for _, name, *_ in info if name in ("account", "person")}
                if found := words | numbers:
                    there[file, table] = found
    said = {(one.file, one.name): set(one.columns) for one in declared.tables()}
    assert said == there


def _schemas() -> dict[Schema, str]:
    """{schema: its file}, of every module of the hub."""
    found = dict[int, Schema]()
    for module in pkgutil.walk_packages(noisetamer.hub.__path__, "noisetamer.hub."):
        if not module.name.endswith("__main__"):
            for value in vars(import_module(module.name)).values():
                if isinstance(value, Schema):
                    found[value.application] = value
    names = {one.name: one for one in found.values()}
    assert set(names) == set(FILES), "a new kind of file: which is it, and what is in it?"
    return {names[name]: file for name, file in FILES.items()}


FILES = {
    "album of the hub": "pictures.sqlite",
    "book of open days": "open_day.sqlite",
    "file of complaints": "complaints.sqlite",
    "file of patrols": "patrols.sqlite",
    "file of permits": "permits.sqlite",
    "file of presets": "presets.sqlite",
    "file of squares": "squares.sqlite",
    "incidents of the hub": "incidents.sqlite",
    "ledger of orders": "orders.sqlite",
    "list of time stamps": "stamps.sqlite",
    "log of the hub": "log.sqlite",
    "postbox of the hub": "phones.sqlite",
    "leases of the city": "city.sqlite",
    "queue of what is forwarded": "forward.sqlite",
    "register of people": "people.sqlite",
    "registry of the hub": "units.sqlite",
    "roll-outs of the hub": "updates.sqlite",
    "saved questions of the hub": "toolbox.sqlite",
    "store of the hub": "hub.sqlite",
    "weather of the hub": "weather.sqlite",
    "witness's memory": "witness.sqlite",
}


def test_every_file_that_a_hub_has_made_is_one_of_those(untouched: Hub) -> None:
    made = {path.name for path in backup.databases(untouched.data)}
    assert made <= set(FILES.values())


def test_all_that_is_kept_about_a_person_is_named(untouched: Hub) -> None:
    found = about(untouched.data, whom(untouched.data, LI))
    tables = {f"{one.file} {one.where.split()[0]}" for one in found}
    assert tables == {
        *(f"people.sqlite {name}" for name in ("account", "session", "contact", "audit")),
        *(f"incidents.sqlite {name}" for name in ("entry", "silence", "effect")),
        *("squares.sqlite setting", "presets.sqlite preset", "log.sqlite leaf"),
        *("patrols.sqlite check_in", "patrols.sqlite wrong"),
        *("open_day.sqlite question", "open_day.sqlite change"),
        *("complaints.sqlite complaint", "permits.sqlite leader"),
    }
    assert all(one.where.isprintable() for one in found)
    (visit,) = (one for one in found if one.where.startswith("check_in"))
    assert visit.at and visit.until == visit.at + patrols.KEEP_DAYS * 86_400
    assert whom(untouched.data, LI).accounts == whom(untouched.data, "LI").accounts != ()


def test_it_goes_on_request_and_evidence_stays_as_hashes(hub: Hub) -> None:
    people, log = hub.console.people, hub.console.feeder.log
    before = people.log.entries()
    size = log.size
    who = whom(hub.data, "li")
    left = forget(hub.data, who, people, hub.console.around, By("wang"))
    assert left == [] and about(hub.data, whom(hub.data, LI)) == []
    # the words of the files, not only what is declared of them
    for path in backup.databases(hub.data):
        with sqlite3.connect(path) as connection:
            told = "".join(connection.iterdump())
        assert LI not in told and json.dumps(LI)[1:-1] not in told, path
    assert people.accounts.named("li") is None and people.accounts.named("wang")
    # what was done stays, with its hash, and the chain is whole
    assert people.verify() == ""
    after = {entry.n: entry for entry in people.log.entries()}
    for entry in before:
        assert (after[entry.n].hash, after[entry.n].what) == (entry.hash, entry.what)
    assert after[max(after)].what == "person_forgotten"
    # the log has grown by the leaf that says so, and its entries are those that were signed
    assert log.size > size
    assert [hit.fields["what"] for hit in log.find("deletion")] == ["contents"]
    (visit,) = hub.console.around.patrols.check_ins(0, 2**40)
    assert visit.by == ""
    setting = hub.console.squares.history(SQUARE, "escalation")[0]
    assert setting.body["step"][0]["who"] == [GONE, "wang"] and setting.by == ""


def test_an_emptied_row_that_nobody_asked_for_is_found(hub: Hub) -> None:
    people = hub.console.people
    with sqlite3.connect(hub.data / "people.sqlite") as connection:
        connection.execute("UPDATE audit SET by='', reason='', detail='{}', ip='' WHERE n=3")
    assert people.verify() == "row 3 is not what was written"


def test_the_last_who_may_add_people_is_not_forgotten(hub: Hub) -> None:
    people = hub.console.people
    for person in people.accounts.all():
        if person.account.role == "admin" and person.account.name != "wang":
            people.accounts.disable(person.account.id, True, By("wang"))
    with sqlite3.connect(hub.data / "people.sqlite") as connection:
        connection.execute("UPDATE account SET password='a hash' WHERE name='wang'")
    with pytest.raises(UserError, match="make another one admin first"):
        forget(hub.data, whom(hub.data, "wang"), people, hub.console.around, By("wang"))
    assert people.accounts.named("wang")


def test_what_two_are_called_is_nobodys_name(hub: Hub) -> None:
    """Or to forget one guard would take both out of every sentence."""
    people = hub.console.people
    for name in ("zhao", "qian"):
        people.accounts.add(name, "guard", By("wang"), display="保安")
    assert whom(hub.data, "zhao").names == ("zhao",)
    assert whom(hub.data, "保安").accounts == ()
    people.audit(hub.console.now, "wang", "say", SQUARE, "保安已到")
    forget(hub.data, whom(hub.data, "zhao"), people, hub.console.around, By("wang"))
    assert people.accounts.named("qian")
    assert people.log.entries(what="say")[0].reason == "保安已到"


def test_the_command_line_names_and_forgets(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["people", "--data", str(hub.data)]
    assert cli.run([*arguments, "about", LI]) == 0
    said = capsys.readouterr().out
    assert "patrols.sqlite: check_in 1 of " in said and "; until 20" in said
    assert cli.run([*arguments, "forget", LI]) == 0
    assert "rows: gone, or without the name" in capsys.readouterr().out
    assert cli.run([*arguments, "about", LI]) == 0
    assert capsys.readouterr().out.startswith("Nothing is kept about")


def test_an_administrator_sees_it_and_lets_go_of_it_by_typing_the_name(hub: Hub) -> None:
    admin = logged_in(hub.console)
    li = hub.console.people.accounts.named("li")
    assert li
    seen = admin.get(f"/people/{li.account.id}/kept").text
    assert "patrols.sqlite" in seen and "check_in 1" in seen
    path = f"/people/{li.account.id}/forget"
    assert admin.post(path, data={"typed": "lee"}).status_code == 422
    assert admin.post(path, data={"typed": "li"}).status_code == 303
    assert admin.get(f"/people/{li.account.id}/kept").status_code == 404


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("li", GONE),
        ("Ask li, please", f"Ask {GONE}, please"),
        ("police", "police"),
        ("李建国说", f"{GONE}说"),
        ("王", GONE),
        ("王府井", "王府井"),
    ],
)
def test_a_name_is_taken_out_of_words_and_no_word_is_hurt(text: str, left: str) -> None:
    assert without(text, ["li", LI, "王"]) == left


def test_of_json_the_programs_own_words_stay() -> None:
    told = {"stage": "red", "by": "red", "people": ["red", "li"], "n": {"note": "red light"}}
    assert without_in(told, ["red"]) == {
        "stage": "red",
        "by": GONE,
        "people": [GONE, "li"],
        "n": {"note": f"{GONE} light"},
    }
