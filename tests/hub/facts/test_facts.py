"""The facts are what the files say, however they came to be read."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hub_with_an_evening import SQUARE, HubFolder, evening
from scripted_unit import START, event, seconds

from noisetamer.base.errors import UserError
from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.facts.facts import Facts
from noisetamer.hub.facts.file import FactsFile
from noisetamer.hub.facts.sources import Sources
from noisetamer.hub.facts.tables import TABLES
from noisetamer.hub.facts.weather import Hour, Weather
from noisetamer.hub.patrols.check_in import CheckIn, Point, Round
from noisetamer.hub.patrols.coverage import Held
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Record, read_report

NOW = START + 86_400


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> HubFolder:
    return evening(tmp_path_factory.mktemp("hub") / "data")


def all_of(facts: Facts) -> dict[str, list[tuple[Any, ...]]]:
    with facts.looking() as ask:
        return {table: sorted(ask(f"SELECT * FROM {table}"), key=repr) for table in TABLES}


def of(facts: Facts, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with facts.looking() as ask:
        return ask(query, values)


def sources(complaints: Sequence[Complaint] = ()) -> Sources:
    """A group plays from 18:00 to 20:00 on two days; a guard has to come by at 19:00."""
    first, second = date(2026, 11, 23), date(2026, 11, 24)
    permit = Permit(
        *(1, 1, SQUARE, "东", (), 18 * 60, 20 * 60, first, second, 650), state="approved"
    )
    held = Held(Round(1, SQUARE, "晚", (1, 2), (), 18 * 60, 21 * 60), START - 40_000, None)
    refused = Permit(2, 1, SQUARE, "西", (), 60, 120, first, second, 650, state="refused")
    return Sources(
        complaints=lambda: complaints,
        groups=lambda: [Group(1, SQUARE, "东门舞队", "王")],
        permits=lambda: [permit, refused],
        points=lambda: [Point(1, SQUARE, "门", "panel"), Point(2, SQUARE, "亭", "panel")],
        held=lambda since, until, square: [held],
        check_ins=lambda: [CheckIn(1, 1, SQUARE, START, START, "li", "panel")],
    )


def test_they_hold_what_the_hub_knows_and_a_second_look_changes_nothing(
    hub: HubFolder, tmp_path: Path
):
    facts = Facts(hub.folder, clock=lambda: NOW)
    facts.refresh()
    (warned, obeyed) = of(
        facts, "SELECT stage, effective, after, incident FROM warnings ORDER BY t"
    )
    assert (warned, obeyed) == (
        ("polite", 0, 20, hub.incident),
        ("firm", 1, 50, hub.incident),
    )
    assert of(facts, "SELECT id, square, kind, warnings FROM incidents") == [
        (hub.incident, SQUARE, "noise", 2)
    ]
    ((valid, known, over, incidents, warnings),) = of(
        facts, "SELECT valid, known, over, incidents, warnings FROM hours"
    )
    told = of(facts, "SELECT sum(valid) FROM levels")
    assert (valid, known, incidents, warnings) == (told[0][0], 7200, 1, 2)
    assert 0 < over < valid
    before = all_of(facts)
    facts.refresh()
    assert all_of(facts) == before
    # of another process: what is there is seen at once, however long it takes to be filled
    later = Facts(hub.folder, clock=lambda: NOW + 5)
    assert later.at is None
    with later._filling:
        assert later.fresh()
        assert later.at == NOW
    later.close()
    assert later.at == NOW + 5


def test_what_comes_later_makes_them_what_they_would_be_if_all_were_read_anew(
    hub: HubFolder, tmp_path: Path
):
    folder = shutil.copytree(hub.folder, tmp_path / "data")
    facts = Facts(folder, clock=lambda: NOW)
    facts.refresh()
    store = Store(folder / "hub.sqlite")
    messages = [
        *(seconds(900 + n, START - 7200 + 10 * n, [610] * 10) for n in range(60)),
        event(970, START - 6000, "warning", stage="polite", message="polite_zh", number=1),
        event(
            *(971, START - 5970, "outcome"),
            stage="polite",
            message="polite_zh",
            number=1,
            effective=True,
            after=12,
        ),
    ]
    told = [read_report("dev.SIM-0001.record", one) for one in messages]
    store.append(NOW, [one for one in told if isinstance(one, Record)])
    store.close()
    facts.refresh()
    assert len(of(facts, "SELECT * FROM warnings")) == 3
    later = all_of(facts)
    (folder / "facts.duckdb").unlink()
    facts.refresh()
    assert all_of(facts) == later


def test_what_was_let_go_of_when_its_time_was_over_is_let_go_of_here(
    hub: HubFolder, tmp_path: Path
):
    folder = shutil.copytree(hub.folder, tmp_path / "data")
    facts = Facts(folder, clock=lambda: NOW)
    facts.refresh()
    with closing(sqlite3.connect(folder / "hub.sqlite")) as store, store:
        store.execute("DELETE FROM event WHERE unit='SIM-0001'")
        store.execute(
            "INSERT INTO deleted_day VALUES('SIM-0001', ?, ?, '', '', 1)", (START // 86_400, NOW)
        )
    facts.refresh()
    assert of(facts, "SELECT count(*) FROM warnings") == [(0,)]
    assert of(facts, "SELECT warnings, bass FROM incidents") == [(0, None)]


def test_what_stands_around_meets_in_the_hours(hub: HubFolder, tmp_path: Path):
    complaints = [Complaint(1, SQUARE, START + 650, "12345", text="吵")]
    with closing(Weather(hub.folder / "weather.sqlite")) as weather:
        weather.add([Hour("", START // 3600 * 3600, 2.5, 0.4, 11.0)])
    facts = Facts(hub.folder, sources(complaints), 8.0, clock=lambda: START + 3 * 86_400)
    facts.refresh()
    (row,) = of(
        facts,
        "SELECT complaints, playing, wind, rain, temperature, hour, weekday, month FROM hours"
        " WHERE t=?",
        [START // 3600 * 3600],
    )
    assert row == (1, 1, 2.5, 0.4, 11.0, 19, 0, "2026-11")
    assert of(facts, "SELECT count(*), count(DISTINCT hour_t) FROM playing") == [(4, 4)]
    visits = of(
        facts, "SELECT point, made IS NULL, count(*) FROM visits GROUP BY ALL ORDER BY 1, 3"
    )
    assert visits == [("亭", True, 3), ("门", False, 1), ("门", True, 2)]
    # nothing of what somebody said or is called
    assert not [
        row for rows in all_of(facts).values() for row in rows if "吵" in row or "王" in row
    ]
    complaints.clear()
    facts = Facts(hub.folder, sources(complaints), 8.0, clock=lambda: START + 4 * 86_400)
    facts.refresh()
    assert of(facts, "SELECT * FROM complaints") == []


def test_a_file_that_is_spoilt_or_of_another_version_is_made_anew(hub: HubFolder):
    facts = Facts(hub.folder, clock=lambda: NOW)
    facts.refresh()
    before = all_of(facts)
    file = hub.folder / "facts.duckdb"
    file.write_bytes(b"no database at all" * 1000)
    facts.refresh()
    assert all_of(facts) == before
    with FactsFile(file).using() as connection:
        connection.execute("UPDATE marks SET mark='0' WHERE name='version'")
        connection.execute("DELETE FROM levels")
    facts.refresh()
    assert all_of(facts) == before
    assert file.stat().st_mode & 0o77 == 0
    # spoilt while nobody reads it, and what a process that was killed has spilt
    file.write_bytes(b"no database at all" * 1000)
    (spilt := hub.folder / "facts.duckdb.tmp").mkdir()
    (spilt / "duckdb_temp_1").touch()
    with pytest.raises(UserError, match="made anew"), facts.looking():
        pass
    assert facts.at is None and not spilt.exists()


@pytest.mark.tools
def test_while_another_program_has_the_file_that_is_said(tmp_path: Path):
    file = tmp_path / "facts.duckdb"
    code = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", code, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdin and other.stdout and other.stdout.readline()
    with pytest.raises(UserError, match="another program"), FactsFile(file, 0.2).using():
        pass
    other.communicate(b"\n")
    with FactsFile(file).using() as connection:
        assert connection.execute("SELECT count(*) FROM hours").fetchall() == [(0,)]
