"""Bytes that a day of a unit takes in the hub's store: as rows, with its hours packed as they are
while it runs, and once it is over.
"""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
import street
from scripted_unit import event

from noisetamer.hub.store import day_packing, hour_packing
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import read_report

pytestmark = pytest.mark.bench

MIDNIGHT = 20780 * DAY
# Four such parts are a day.
PART = DAY // 4
MEMORY = Path("/dev/shm")
UNITS = ("NT1-2611-0001", "NT1-2611-0002")


def used(file: Path) -> int:
    """Bytes in use, and none that are free for what comes next."""
    with closing(sqlite3.connect(file)) as connection:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size


def per_unit_day(folder: Path) -> tuple[float, float, float]:
    """(as rows, its hours packed, the day packed), with an event every ten minutes."""
    store = Store(folder / "hub.sqlite")
    empty = used(store.file)
    sent = {unit: list(street.messages(MIDNIGHT, PART, seed)) for seed, unit in enumerate(UNITS)}
    for n in range(PART // 10):
        reports = []
        for unit, of_unit in sent.items():
            batch = [of_unit[n]]
            if n % 60 == 59:
                fields = {"from": "green", "to": "amber", "limit": 650, "level": 671}
                batch.append(event(10_000 + n, MIDNIGHT + 10 * n, "stage", **fields))
            reports += [read_report(f"dev.{unit}.record", one) for one in batch]
        store.append(MIDNIGHT + 10 * n + 10.123456 + n % 7 / 1e4, reports)
    before = used(store.file) - empty
    with closing(sqlite3.connect(store.file, isolation_level=None)) as reader:
        for hours in hour_packing.to_pack(reader, MIDNIGHT + DAY, MIDNIGHT // DAY):
            assert store.pack_hours(hours) == len(hours)
        running = used(store.file) - empty
        for packed in day_packing.to_pack(reader, MIDNIGHT + DAY):
            assert store.pack(packed)
    after = used(store.file) - empty
    store.close()
    times = DAY / PART / len(UNITS)
    return before * times, running * times, after * times


def test_a_day_of_a_unit_takes_at_most_400_kB_while_it_runs_and_320_once_it_is_over():
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        rows, running, after = per_unit_day(Path(folder))
    for what, size in (("rows", rows), ("hours packed", running), ("packed", after)):
        print(f"a day of a unit, {what}: {size / 1e6:.2f} MB, {size / DAY:.2f} bytes a second")
    assert rows < 3_000_000
    assert running < 400_000
    assert after < 320_000
