"""What happens around the incidents: clocks, restored files, faults, other threads."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from evening import CHEN, EAST, LI, SOUTH, WANG, Evening
from waiting import DEADLINE

from noisetamer.base.errors import UserError
from noisetamer.hub.incidents import rules
from noisetamer.hub.incidents.directory import directory
from noisetamer.hub.incidents.roster import Reachable
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.people import People
from noisetamer.hub.store.writer import Store


@pytest.fixture
def evening(tmp_path: Path) -> Evening:
    return Evening(tmp_path)


def called_the_leader(evening: Evening) -> Evening:
    evening.stage("red")
    evening.hand_over("leader")
    assert evening.called() == [("call", LI.person)]
    return evening


def test_the_file_names_people_and_is_its_owners_only(evening: Evening):
    evening.stage("red")
    files = list(evening.folder.glob("incidents.sqlite*"))
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


@pytest.mark.parametrize("by", [3600.0, -3600.0, 1e7])
def test_a_clock_put_on_or_back_hurries_no_call_and_delays_none(evening: Evening, by: float):
    called_the_leader(evening)
    evening.wait(30)
    evening.now += by
    evening.wait(29)
    assert evening.called() == []
    evening.wait(2)
    assert evening.called() == [("call", WANG.person)]


def test_a_clock_put_back_while_the_hub_was_down_delays_no_call(evening: Evening):
    called_the_leader(evening)
    evening.wait(30)
    evening.now -= 3600
    evening.restart()
    evening.wait(65)
    assert evening.called() == [("call", WANG.person)]


def test_an_hour_without_the_hub_brings_one_step_not_all_at_once(evening: Evening):
    called_the_leader(evening)
    evening.now += 3600
    evening.steady += 7  # another start of the computer
    evening.restart()
    evening.look()
    assert evening.called() == [("call", WANG.person)]
    evening.wait(119)
    assert evening.called() == [("follow-up", WANG.person)]
    evening.wait(2)
    assert evening.called() == [("call", CHEN.person)]


DAYS = 3 * 86_400.0


@pytest.mark.parametrize(("away", "restored"), [(DAYS, False), (7300.0, False), (60.0, True)])
def test_after_a_long_absence_nobody_is_called_before_a_box_has_spoken(
    evening: Evening, away: float, restored: bool
):
    called_the_leader(evening)
    evening.wait(61)
    (due,) = evening.due()  # of the property, not sent
    evening.restart(away, restored)
    # before the first turn too
    assert evening.called() == []
    evening.look()
    evening.wait(100)
    assert evening.called() == []
    id = evening.only.id
    assert [one.state for one in evening.incidents.effects(id) if one.key == due.key] == [
        "withdrawn"
    ]
    told = {entry.what: entry.fields for entry in evening.incidents.timeline(id)}
    assert told["withdrawn"]["key"] == due.key
    assert told["away"]["restored"] is restored
    evening.status()
    assert evening.called() == []
    evening.tell("seconds", LAeq=[671])
    evening.look()
    # from the beginning: nobody knows any more who was told what
    assert evening.called() == [("call", LI.person)]
    evening.wait(61)
    assert evening.called() == [("call", WANG.person)]


def test_after_a_long_absence_a_box_that_tells_its_backlog_calls_nobody_yet(evening: Evening):
    called_the_leader(evening)
    before = evening.now
    evening.restart(DAYS)
    evening.status()
    evening.tell("seconds", t=before + 60, LAeq=[671])
    evening.hand_over("police", t=before + 90)
    evening.wait(5)
    assert evening.called() == []
    evening.stage("green", t=before + 120)
    evening.wait(5)
    assert evening.only.state == "resolved"
    # the leader was called days ago
    assert evening.called() == []
    evening.stage("red")
    evening.hand_over("leader")
    assert evening.called() == [("call", LI.person)]


def test_what_the_store_has_from_before_a_long_absence_calls_nobody(evening: Evening):
    """The hub was killed after it had stored it, before it had called."""
    told: dict[str, Any] = {"from": "green", "to": "red"}
    evening.store_only("stage", **told, limit=650, level=671)
    evening.store_only("hand-over", to="police", ineffective=5, limit=650, level=690)
    evening.restart(DAYS)
    evening.wait(5)
    assert evening.called() == []
    evening.stage("firm")
    evening.hand_over("leader")
    assert evening.called() == [("call", LI.person)]


def test_after_some_hours_whoever_was_called_this_evening_hears_that_it_is_over(evening: Evening):
    called_the_leader(evening)
    evening.restart(3 * 3600.0)
    evening.stage("green")
    evening.wait(5)
    assert evening.called() == [("all-clear", LI.person)]
    assert not evening.only.late


def test_what_was_stored_before_there_were_incidents_calls_nobody(evening: Evening):
    called_the_leader(evening)
    evening.incidents.close_file()
    for file in evening.folder.glob("incidents.sqlite*"):
        file.unlink()
    evening.incidents = evening.started()
    evening.look()
    assert evening.incidents.list() == []


def test_a_store_from_an_older_backup_is_gone_on_with(evening: Evening):
    evening.incidents.close_file()
    backup = (evening.folder / "hub.sqlite").read_bytes()
    evening.incidents = evening.started()
    called_the_leader(evening)
    evening.stage("green")
    evening.wait(5)
    evening.called()
    evening.incidents.close_file()
    evening.store.close()
    for file in evening.folder.glob("hub.sqlite*"):
        file.unlink()
    (evening.folder / "hub.sqlite").write_bytes(backup)
    evening.store = Store(evening.folder / "hub.sqlite")
    evening.seqs = {EAST: 100}
    evening.incidents = evening.started()
    evening.stage("red")
    evening.hand_over("leader")
    assert evening.called() == [("call", LI.person)]


def test_news_that_cannot_be_understood_are_passed_over_and_said_once(
    evening: Evening, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    take = rules.take

    def fails(unit: rules.Unit, news: Any) -> Any:
        if news.kind == "warning":
            raise KeyError("a fault")
        return take(unit, news)

    monkeypatch.setattr(rules, "take", fails)
    evening.stage("red")
    with caplog.at_level(logging.ERROR):
        evening.tell("warning", message="polite_zh", number=1)
        evening.look()
    evening.hand_over("leader")
    assert evening.called() == [("call", LI.person)]
    assert [record.getMessage()[:26] for record in caplog.records] == [
        "A fault of the incidents a"
    ]


def test_people_who_cannot_be_looked_up_now_are_called_when_they_can(evening: Evening):
    class Locked(list[Reachable]):
        def __iter__(self) -> Iterator[Reachable]:
            raise UserError("the register of people is locked")

    everybody = evening.directory
    evening.plans["东门广场"] = {"begins": "red", "step": [{"who": ["leader"]}]}
    evening.directory = Locked()
    with pytest.raises(UserError, match="locked"):
        evening.stage("red")
    with pytest.raises(UserError, match="locked"):
        evening.look()
    evening.directory = everybody
    evening.look()
    assert evening.called() == [("call", LI.person)]
    # As if the turns that failed had not been.
    assert [entry.what for entry in evening.incidents.timeline(evening.only.id)][:2] == [
        "stage",
        "opened",
    ]


def test_a_plan_that_is_none_any_more_leaves_the_shipped_one(
    evening: Evening, caplog: pytest.LogCaptureFixture
):
    evening.plans["东门广场"] = {"step": "nonsense"}
    called_the_leader(evening)
    assert "东门广场: escalation: step: write [[step]]" in caplog.text


def test_a_box_without_a_square_is_a_square_for_itself(evening: Evening):
    evening.incidents.know({EAST: "东门广场", SOUTH: SOUTH})
    evening.stage("red", SOUTH)
    assert evening.only.square == SOUTH


def test_a_box_that_is_thrown_out_while_it_is_red_ends_what_it_began(evening: Evening):
    called_the_leader(evening)
    evening.incidents.know({SOUTH: "南门广场"})
    evening.wait(5)
    assert evening.only.state == "resolved"


def test_in_the_loop_a_commit_is_seen_at_once_and_a_failing_subscriber_ends_nothing(
    evening: Evening,
):
    async def work() -> None:
        told: list[set[int]] = []
        seen = asyncio.Event()

        def fails(ids: set[int]) -> None:
            raise RuntimeError("a fault of a page")

        def notes(ids: set[int]) -> None:
            asyncio.get_running_loop()  # it is called in the loop
            told.append(ids)
            seen.set()

        evening.incidents.subscribe(fails)
        evening.incidents.subscribe(notes)
        running = asyncio.create_task(evening.incidents.run())
        change: dict[str, Any] = {"from": "green", "to": "red", "limit": 650, "level": 671}
        evening.store_only("stage", **change)
        await asyncio.wait_for(seen.wait(), DEADLINE)
        seen.clear()
        await asyncio.to_thread(evening.incidents.note, 1, "wang", "去看看", evening.now)
        await asyncio.wait_for(seen.wait(), DEADLINE)
        assert told[-1] == {1}
        running.cancel()

    asyncio.run(work())


def test_many_hands_at_once(evening: Evening):
    called_the_leader(evening)
    id = evening.only.id
    faults: list[BaseException] = []

    def press(n: int) -> None:
        try:
            for _ in range(10):
                evening.incidents.note(id, f"person {n}", "看", evening.now)
                evening.incidents.acknowledge(id, f"person {n}", evening.now)
                evening.incidents.open()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=press, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        evening.look()
    assert faults == []
    entries = evening.incidents.timeline(id)
    assert sum(entry.what == "note" for entry in entries) == 60


def test_who_there_is_to_call_comes_from_peoples_accounts(tmp_path: Path):
    with closing(People(tmp_path / "people.sqlite")) as people:
        wang = people.accounts.add("wang", "property", HUB, squares=["东门广场"])
        gone = people.accounts.add("gone", "leader", HUB)
        people.contacts.add(wang.id, "ntfy", HUB, quiet_from="23:00", quiet_to="07:00")
        people.contacts.add(wang.id, "duty", HUB)
        people.contacts.add(gone.id, "ntfy", HUB)
        people.accounts.disable(gone.id, True, HUB)
        squares = frozenset({"东门广场"})
        assert directory(people) == [
            Reachable(wang.id, "wang", "property", squares, 1, "ntfy", (1380, 420)),
            Reachable(wang.id, "wang", "property", squares, 2, "duty"),
        ]


def test_what_people_do_stands_in_the_audit_log(evening: Evening):
    logged: list[Any] = []
    evening.incidents._audit = lambda *words: logged.append(words[1:4])
    called_the_leader(evening)
    id = evening.only.id
    evening.incidents.acknowledge(id, "wang", evening.now)
    evening.incidents.close(id, "wang", "好了", evening.now)
    evening.incidents.silence("东门广场", evening.now + 60, "检修", "chen", evening.now)
    assert logged == [
        ("wang", "incident_acknowledged", str(id)),
        ("wang", "incident_closed", str(id)),
        ("chen", "square_silenced", "东门广场"),
    ]
    with pytest.raises(UserError, match="no incident 99"):
        evening.incidents.close(99, "wang", "", evening.now)
