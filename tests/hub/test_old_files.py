"""Files that earlier hubs left: opened, brought to today's version, nothing lost.

old/*.sql: written by the program as it stood at that version.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_unit import START, event, seconds

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.backtest import stored
from noisetamer.hub.registry import Unit, Units, registered
from noisetamer.hub.store import soundness
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.schema import SCHEMA
from noisetamer.hub.store.writer import Ack, Store
from noisetamer.hub.wire import read_report
from noisetamer.hub.wire_v1 import read_stored

OLD = Path(__file__).with_name("old")


def restored(dump: str, file: Path) -> Path:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((OLD / dump).read_text(encoding="utf-8"))
    return file


def rows(file: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def old_store(tmp_path: Path) -> Path:
    return restored("hub-0.sql", tmp_path / "hub.sqlite")


def test_a_store_without_a_number_is_brought_to_todays_version(old_store: Path, tmp_path: Path):
    kept = ("record", "acked", "minute", "event", "status", "refused")
    columns = {
        table: ",".join(name for _, name, *_ in rows(old_store, f"PRAGMA table_info({table})"))
        for table in kept
    }

    def contents() -> list[Any]:
        return [rows(old_store, f"SELECT {columns[table]} FROM {table}") for table in kept]

    before = contents()
    Store(old_store).close()
    assert contents() == before
    assert all(before)
    assert rows(old_store, "SELECT unit, seq, conflict FROM refused") == [("SIM-0001", 0, 0)]
    assert rows(old_store, "PRAGMA user_version") == [(SCHEMA.version,)]
    Store(tmp_path / "new.sqlite").close()
    names = "SELECT name FROM sqlite_master ORDER BY name"
    assert rows(old_store, names) == rows(tmp_path / "new.sqlite", names)


@pytest.mark.parametrize("version", range(1, SCHEMA.version))
def test_a_store_of_every_version_since_is_brought_to_todays(
    old_store: Path, tmp_path: Path, version: int
):
    with closing(sqlite3.connect(old_store, isolation_level=None)) as connection:
        as_it_was = replace(SCHEMA, steps=SCHEMA.steps[:version])
        database.migrate(connection, old_store, as_it_was)
    # read by today's tools beside an older hub
    before = list(stored.seconds(old_store)), list(stored.events(old_store))
    Store(old_store).close()
    assert rows(old_store, "PRAGMA user_version") == [(SCHEMA.version,)]
    assert (list(stored.seconds(old_store)), list(stored.events(old_store))) == before
    Store(tmp_path / "new.sqlite").close()
    names = "SELECT name FROM sqlite_master ORDER BY name"
    assert rows(old_store, names) == rows(tmp_path / "new.sqlite", names)
    with closing(sqlite3.connect(old_store)) as connection:
        assert not any(soundness.problems(connection))


def test_an_old_store_goes_on_where_it_stopped(old_store: Path):
    store = Store(old_store)
    message = event(6, START + 5, "spotlight", on=True, oldest=3)
    report = read_report("dev.SIM-0001.record", message)
    assert store.append(0.0, [report]).acks == [Ack("SIM-0001", 1, 7)]  # pyright: ignore
    store.close()


def test_an_old_store_is_read_as_it_was_written(old_store: Path):
    before = list(stored.seconds(old_store))
    Store(old_store).close()
    assert list(stored.seconds(old_store)) == before
    assert [(unit, second.LAeq) for unit, second in before][:2] == [
        ("SIM-0001", 500),
        ("SIM-0001", 510),
    ]
    queries = Queries(old_store)
    curve = queries.last_hour("SIM-0001")
    assert curve is not None
    assert (curve.t0, curve.LAeq[:5]) == (START, [500, 510, 520, None, None])
    assert curve.LAeq[-1] == 530
    assert queries.hours("SIM-0001", 24, 8)[-1].L50 == 540  # as the box summed it up
    assert [event.kind for event in queries.events("SIM-0001", 9)] == ["boot", "stage", "hour"]


def test_every_body_of_an_old_store_is_read_beside_those_of_today(old_store: Path):
    store = Store(old_store)
    store.append(0.0, [read_report("dev.SIM-0001.record", seconds(9, START + 90, [555]))])  # pyright: ignore
    store.close()
    bodies = rows(old_store, "SELECT unit, boot, seq, t, body FROM record")
    for unit, boot, seq, last, body in bodies:
        record = read_stored(unit, body)
        assert (record.boot, record.seq, record.last) == (boot, seq, last)
    assert {body[:1] for *_, body in bodies} == {b"{", b"\x01"}


def test_a_store_of_a_newer_hub_is_refused_in_one_sentence(tmp_path: Path):
    file = tmp_path / "hub.sqlite"
    Store(file).close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version=99")
    for reader in (Store, Queries, lambda path: list(stored.seconds(path))):
        with pytest.raises(UserError, match=r"^The store of the hub .* newer Noise Tamer \(form"):
            reader(file)


def test_a_hub_that_cannot_read_levels_that_stand_once_says_so_at_its_start(tmp_path: Path):
    file = tmp_path / "hub.sqlite"
    Store(file).close()
    before_form_2 = replace(SCHEMA, steps=SCHEMA.steps[:13])
    with pytest.raises(
        UserError, match=rf"newer Noise Tamer \(format {SCHEMA.version}, this one knows 13\)"
    ):
        database.opened(file, before_form_2)
    # and one of that hub's is taken over
    with closing(database.opened(tmp_path / "old.sqlite", before_form_2)):
        pass
    Store(tmp_path / "old.sqlite").close()
    assert rows(tmp_path / "old.sqlite", "PRAGMA user_version") == [(SCHEMA.version,)]


def test_what_is_no_store_is_refused_and_left_alone(tmp_path: Path):
    file = tmp_path / "hub.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipe(name)")
    before = file.read_bytes()
    for reader in (Store, Queries, lambda path: list(stored.seconds(path))):
        with pytest.raises(UserError, match=r"hub\.sqlite: is no store of the hub; name the ri"):
            reader(file)
    assert file.read_bytes() == before


@pytest.mark.parametrize("version", [0, 1])
def test_an_older_registry_keeps_its_units_and_their_keys(tmp_path: Path, version: int):
    file = restored(f"units-{version}.sql", tmp_path / "units.sqlite")
    # only read, as an export does beside an older hub
    assert [unit.id for unit in registered(file)] == ["NT1-2611-0001", "SIM-0001"]
    keys = rows(file, "SELECT id, command, claim FROM unit_keys")
    ((chain,),) = rows(file, "SELECT chain FROM unit_keys")
    units = Units(file)
    assert units.all() == [
        Unit("NT1-2611-0001", "", "巴国城广场", "a-secret-from-the-workshop"),
        Unit("SIM-0001", "East gate", "Heping", units.enrol("SIM-0001")),
    ]
    assert len(keys) == 1
    # enrolled anew, a unit that had no key for orders has one
    ((key,),) = rows(file, "SELECT command FROM unit_keys WHERE id='SIM-0001'")
    assert len(key) == 43
    assert rows(file, "SELECT * FROM unit_keys") == [*keys, ("SIM-0001", key, "")]
    # and each has one for its chain
    assert [one.key for one in units.chain_keys()["NT1-2611-0001"]] == [chain]
    assert len(units.chain_key("SIM-0001")) == 43
    assert Units(file).chain_keys() == units.chain_keys()
    assert rows(file, "PRAGMA user_version") == [(4,)]


def test_a_registry_that_is_newer_or_none_is_refused_in_one_sentence(tmp_path: Path):
    file = tmp_path / "units.sqlite"
    Units(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(UserError, match=r"registry of the hub .* newer Noise Tamer \(format 99"):
        Units(file)
    file.write_text("units, but not ours\n" * 100)
    with pytest.raises(UserError, match=r"units\.sqlite: is no registry of the hub"):
        Units(file)
