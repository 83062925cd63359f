"""Days whose time is over are kept elsewhere, read there again, and only then deleted here."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
import street
from scripted_unit import event

from noisetamer.base.errors import UserError
from noisetamer.hub.backtest import stored
from noisetamer.hub.bus.client import Bus
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.ingest import Ingest
from noisetamer.hub.maintenance.check import check
from noisetamer.hub.maintenance.retention import Retention, needed_by_incidents
from noisetamer.hub.options import Options
from noisetamer.hub.serve import run
from noisetamer.hub.store import day_files, day_packing, mending, past_days
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.writer import Ack, Store
from noisetamer.hub.wire import read_report

FIRST = 20_780
UNITS = ("SIM-0001", "SIM-0002")


class Kept:
    """Three packed days of two units, 50 minutes each, and a hub that keeps ten."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "hub.sqlite")
        self.file = self.store.file
        self.needed: list[Any] = []
        self.now = (FIRST + 12) * DAY + 5.0
        for seed, unit in enumerate(UNITS):
            for n in range(3):
                told = street.messages((FIRST + n) * DAY, 3000, seed, 301 * n + 1)
                self.append(unit, *told)
                begun = (FIRST + n) * DAY + 9
                self.append(unit, event(301 * n + 301, begun, "spotlight", on=True))
        with closing(sqlite3.connect(self.file, isolation_level=None)) as reader:
            for packed in day_packing.to_pack(reader, (FIRST + 5) * DAY):
                self.store.pack(packed)
        ingest = Ingest(cast(Bus, None), cast(Commands, None), self.store, [], lambda now: None)
        self.retention = Retention(
            *(ingest, 10, folder / "kept", needed_by_incidents(lambda: self.needed)),
            clock=lambda: self.now,
        )

    def append(self, unit: str, *messages: bytes):
        reports = [read_report(f"dev.{unit}.record", message) for message in messages]
        return self.store.append(5.0, reports)  # pyright: ignore[reportArgumentType]

    def seconds(self, where: Path | None = None) -> list[Any]:
        return list(stored.seconds(where or self.file))

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(query).fetchall()

    def once(self) -> int:
        return asyncio.run(self.retention.once())


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    found = Kept(tmp_path)
    yield found
    found.store.close()


def of_day(seconds: list[Any], n: int) -> list[Any]:
    return [one for one in seconds if one[1].t // DAY == FIRST + n]


def test_a_day_is_read_elsewhere_before_it_is_deleted(kept: Kept):
    before = kept.seconds()
    assert kept.once() == 4  # two days of two units
    assert kept.once() == 0
    assert kept.seconds() == of_day(before, 2)
    folders = sorted((kept.folder / "kept").iterdir())
    assert [one.name for one in folders] == ["2026-11-23", "2026-11-24"]
    for n, folder in enumerate(folders):
        assert kept.seconds(folder) == of_day(before, n)
        assert [kind for _, _, kind, _ in stored.events(folder)] == ["spotlight"] * 2
        assert not [one for one in check(folder) if one.ill and one.what == "hub.sqlite"]
    # the fact, and what the records were called
    facts = kept.rows("SELECT unit, day, at, file, length(sha256) FROM deleted_day ORDER BY 2, 1")
    assert facts[0] == (UNITS[0], FIRST, kept.now, str(folders[0] / "hub.sqlite"), 64)
    assert len(facts) == 4
    assert kept.rows(
        "SELECT first, last, length(digest) FROM past_records"
        " WHERE records=x'' AND unit='SIM-0001'"
    ) == [(1, 300, 32), (302, 601, 32)]
    # events stay, and what stays is sound
    assert len(list(stored.events(kept.file))) == 6
    assert not [one for one in check(kept.folder) if one.ill and one.what == "hub.sqlite"]


def test_an_incident_keeps_its_days(kept: Kept):
    noon = (FIRST + 1) * DAY + DAY // 2
    kept.needed = [((UNITS[0],), noon - 600, noon), ((UNITS[1],), noon + DAY, None)]
    assert kept.once() == 3
    left = {(unit, second.t // DAY - FIRST) for unit, second in kept.seconds()}
    assert left == {(UNITS[0], 1), (UNITS[0], 2), (UNITS[1], 2)}
    # its own time is over
    kept.needed = []
    assert kept.once() == 1
    assert len(list((kept.folder / "kept").glob("2026-11-24*/hub.sqlite"))) == 2


def test_what_cannot_be_kept_elsewhere_is_not_deleted(kept: Kept, monkeypatch: pytest.MonkeyPatch):
    before = kept.seconds()
    (kept.folder / "kept").write_text("no folder")
    with pytest.raises(UserError, match="nothing is deleted until it can"):
        kept.once()
    (kept.folder / "kept").unlink()

    def spoilt(*_: Any) -> bytes:
        return b"another"

    with monkeypatch.context() as patch:
        patch.setattr(past_days, "digest_of", spoilt)
        with pytest.raises(UserError, match="are not those that were packed"):
            kept.once()
    assert kept.seconds() == before
    assert kept.rows("SELECT count(*) FROM deleted_day") == [(0,)]


def test_what_came_meanwhile_is_not_deleted(kept: Kept):
    folder = kept.folder / "elsewhere"
    folder.mkdir()
    exported = day_files.write(kept.file, folder / "hub.sqlite", FIRST, UNITS)
    late = list(street.messages(FIRST * DAY + 5000, 100, 7, 904))
    kept.append(UNITS[0], *late)
    with closing(sqlite3.connect(kept.file, isolation_level=None)) as reader:
        for packed in day_packing.to_pack(reader, (FIRST + 5) * DAY):
            kept.store.pack(packed)
    assert kept.store.delete(exported, kept.now) == [UNITS[1]]


def test_a_deleted_record_is_no_loss_and_its_unit_goes_on(kept: Kept):
    kept.once()
    with closing(sqlite3.connect(kept.file, isolation_level=None)) as connection:
        assert mending.note_what_is_missing(connection, 7.0) == []
    kept.store.close()
    kept.store = Store(kept.file)
    told = street.messages((FIRST + 3) * DAY, 10, 1, 904)
    assert kept.append(UNITS[0], *told).acks == [Ack(UNITS[0], 1, 904)]


def test_a_setting_that_cannot_be_is_refused(tmp_path: Path, kept: Kept):
    with pytest.raises(UserError, match="belong together"):
        run(Options(tmp_path / "new", keep_days=30))
    with pytest.raises(UserError, match="keep at least 7 days"):
        Retention(cast(Ingest, None), 3, tmp_path, lambda day: set())
