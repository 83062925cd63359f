"""A damaged database is found and made whole; what is gone all the same is told with its span."""

import asyncio
import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import street
from scripted_unit import START, event, seconds

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.maintenance import backup
from noisetamer.hub.maintenance.inspection import Inspection
from noisetamer.hub.maintenance.repair import repair
from noisetamer.hub.registry import Units
from noisetamer.hub.store import day_packing, losses, past_days, soundness
from noisetamer.hub.store.packed_day import DAY, Kept
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.schema import SCHEMA
from noisetamer.hub.store.writer import Ack, Store
from noisetamer.hub.wire import read_report
from noisetamer.hub.words.i18n import read_texts

MIDNIGHT = 20780 * DAY
NOW = 1_800_000_000.0
UNITS = ("SIM-0001", "SIM-0002")


class Town:
    """A store with a packed day and an hour of two units, and events."""

    def __init__(self, data: Path) -> None:
        self.data = data
        for unit in UNITS:
            Units(data / "units.sqlite").enrol(unit)
        self.store = Store(data / "hub.sqlite")
        self.file = self.store.file
        for seed, unit in enumerate(UNITS):
            told = list(street.messages(MIDNIGHT + DAY - 3000, 9000, seed))
            self.append(unit, *told)
            self.append(unit, event(901, MIDNIGHT + DAY, "spotlight", on=True))
        with closing(sqlite3.connect(self.file, isolation_level=None)) as reader:
            for packed in day_packing.to_pack(reader, MIDNIGHT + DAY):
                assert self.store.pack(packed)

    def append(self, unit: str, *messages: bytes):
        reports = [read_report(f"dev.{unit}.record", message) for message in messages]
        return self.store.append(5.0, reports)  # pyright: ignore[reportArgumentType]

    def records(self, unit: str) -> dict[int, Kept]:
        with closing(sqlite3.connect(self.file)) as connection:
            return {one.seq: one for one in past_days.records(connection, unit, 1)}

    def levels(self, unit: str):
        return Queries(self.file).columns(unit, MIDNIGHT + DAY - 3000, 9000)

    def problems(self) -> list[str]:
        with closing(sqlite3.connect(self.file)) as connection:
            return [problem for problem in soundness.problems(connection) if problem]

    def spoil(self, *pages: int) -> None:
        self.store.close()
        with self.file.open("r+b") as file:
            for page in pages:
                file.seek(4096 * page)
                file.write(random.Random(page).randbytes(4096))

    def pages_of(self, table: str) -> list[int]:
        """The leaves of its tree, from 0 on."""
        self.store.close()
        with closing(sqlite3.connect(self.file)) as connection:
            rows = connection.execute(
                "SELECT pageno FROM dbstat WHERE name=? AND pagetype='leaf'", (table,)
            )
            return [page - 1 for (page,) in rows]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path / "hub")


def has_dbstat() -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        return ("ENABLE_DBSTAT_VTAB",) in connection.execute("PRAGMA compile_options").fetchall()


def test_a_store_of_an_older_hub_beside_it_is_not_called_damaged(town: Town):
    older = town.data / "kept" / "hub.sqlite"
    older.parent.mkdir()
    with closing(sqlite3.connect(older, isolation_level=None)) as connection:
        database.migrate(connection, older, replace(SCHEMA, steps=SCHEMA.steps[:1]))
    inspection = Inspection(town.data)
    asyncio.run(inspection.once())
    assert list(inspection.troubles()) == []


def test_the_hub_itself_finds_a_spoilt_page_and_says_what_to_do(town: Town):
    inspection = Inspection(town.data)
    asyncio.run(inspection.once())
    assert list(inspection.troubles()) == []
    pages = town.pages_of("minute")
    town.spoil(*pages[1:3])
    asyncio.run(inspection.once())
    (trouble,) = inspection.troubles()
    assert trouble.ill
    assert trouble.values["what"].startswith("hub.sqlite: ")
    for texts in read_texts().values():
        assert "noisetamer hub repair" in texts["trouble_spoilt"].format(**trouble.values)
    list(repair(town.data, None, NOW))
    asyncio.run(inspection.once())
    assert list(inspection.troubles()) == []


def test_nothing_is_changed_where_nothing_is_damaged(town: Town):
    town.store.close()
    before = {path: path.read_bytes() for path in town.data.glob("*.sqlite")}
    assert list(repair(town.data, None)) == []
    assert {path: path.read_bytes() for path in town.data.glob("*.sqlite")} == before


def test_with_a_backup_and_what_can_be_read_nothing_is_missing(town: Town, tmp_path: Path):
    kept = backup.make(town.data, tmp_path / "kept")
    # since the backup
    more = [seconds(seq, START + 10 * seq, [500] * 10) for seq in (902, 903)]
    for unit in UNITS:
        town.append(unit, *more)
    before = {unit: (town.records(unit), town.levels(unit)) for unit in UNITS}
    size = town.file.stat().st_size // 4096
    # a fifth of all pages, but what came last is elsewhere
    town.spoil(*random.Random(7).sample(range(1, size - 2), size // 5))
    assert town.problems()
    said = list(repair(town.data, kept, NOW))
    assert said[0].startswith("hub.sqlite was damaged and is made anew with hub.sqlite of the ba")
    assert town.problems() == []
    gone = 0
    for unit in UNITS:
        records, levels = before[unit]
        found = town.records(unit)
        assert found.items() <= records.items()
        gone += len(records) - len(found)
        assert (town.levels(unit) == levels).all()
    with closing(sqlite3.connect(town.file)) as connection:
        assert sum(hole.missing for hole in losses.holes(connection, NOW)) == gone <= 4
    (aside,) = (town.data / "damaged").glob("hub.sqlite-*[0-9]")
    assert len(said) == 1 + len({line for line in said if "records are gone" in line})
    # the hub goes on where it was
    town.store = Store(town.file)
    assert town.append("SIM-0001", seconds(904, START + 9040, [500])).acks[-1].seq == 904
    town.store.close()
    assert aside.is_file()


@pytest.mark.skipif(not has_dbstat(), reason="this SQLite cannot say which page is whose")
def test_without_a_backup_what_is_gone_is_told_with_its_span(town: Town):
    before = town.records("SIM-0001"), town.levels("SIM-0001")
    pages = town.pages_of("record")
    town.spoil(pages[len(pages) // 4], pages[len(pages) // 3])
    assert town.problems()
    said = list(repair(town.data, None, NOW))
    assert "there was no backup to ask" in said[0]
    assert town.problems() == []
    found = town.records("SIM-0001")
    lost = sorted(before[0].keys() - found.keys())
    assert lost
    assert found.items() <= before[0].items()
    # minutes have it still
    assert (town.levels("SIM-0001") == before[1]).all()
    with closing(sqlite3.connect(town.file)) as connection:
        holes = [hole for hole in losses.holes(connection, NOW) if hole.unit == "SIM-0001"]
    told = [seq for hole in holes for seq in range(hole.first, hole.last + 1)]
    assert told == lost
    first = before[0][lost[0]]
    assert holes[0].since == first.t - 10
    assert any(f"of boot 1 from {holes[0].first} to {holes[0].last}" in line for line in said)
    # never acknowledged beyond what the unit has said, and not asked for what it does not have
    town.store = Store(town.file)
    assert town.append("SIM-0001", seconds(902, START, [500])).acks == [Ack("SIM-0001", 1, 902)]
    town.store.close()


@pytest.mark.skipif(not has_dbstat(), reason="this SQLite cannot say which page is whose")
def test_minutes_come_back_from_their_records(town: Town):
    before = town.levels("SIM-0002")
    town.spoil(*town.pages_of("minute")[::3])
    list(repair(town.data, None, NOW))
    assert (town.levels("SIM-0002") == before).all()


def test_a_file_of_which_nothing_can_be_read_needs_a_backup(town: Town, tmp_path: Path):
    kept = backup.make(town.data, tmp_path / "kept")
    before = Units(town.data / "units.sqlite").all()
    (town.data / "units.sqlite").write_bytes(b"\x55" * 8192)
    town.store.close()
    # it is no database any more: only the backup knows that it was one
    said = list(repair(town.data, kept, NOW))
    assert said[0].startswith("units.sqlite was damaged and is made anew")
    assert Units(town.data / "units.sqlite").all() == before
    town.spoil(0)
    with pytest.raises(UserError, match=r"nothing of it can be read .* name a backup with --from"):
        list(repair(town.data, None, NOW))
