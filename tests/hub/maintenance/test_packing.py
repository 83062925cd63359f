"""The hub packs by itself what is over, and what came late to it, beside the reports that come."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from scripted_unit import seconds

from noisetamer.hub.bus.client import Bus
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.ingest import Ingest
from noisetamer.hub.maintenance import packing
from noisetamer.hub.maintenance.packing import Packing
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import read_report

MIDNIGHT = 20780 * DAY


def test_two_days_after_it_ended_a_day_is_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packing, "PAUSE_SECONDS", 0)
    store = Store(tmp_path / "hub.sqlite")
    ingest = Ingest(cast(Bus, None), cast(Commands, None), store, [], lambda now: None)

    def append(seq: int, t: int) -> None:
        report = read_report("dev.SIM-0001.record", seconds(seq, t, [400 + seq] * 10))
        store.append(t + 11.0, [report])  # pyright: ignore[reportArgumentType]

    for seq in range(1, 8):
        append(seq, MIDNIGHT + seq * DAY // 2)
    queries = Queries(store.file)
    before = queries.columns("SIM-0001", MIDNIGHT, 4 * DAY)
    now = [MIDNIGHT + 3.9 * DAY]
    at_work = Packing(ingest, lambda: now[0])

    def rows(table: str) -> int:
        with closing(sqlite3.connect(store.file)) as connection:
            return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    assert asyncio.run(at_work.once()) == 2  # of the first day its minutes and its records
    assert (rows("record"), rows("minute"), rows("past_minutes")) == (6, 6, 1)
    now[0] += 3 * DAY
    assert asyncio.run(at_work.once()) == 6  # the newest record stays
    assert (rows("record"), rows("minute"), rows("past_minutes")) == (1, 0, 4)
    append(8, MIDNIGHT + 3000)
    assert asyncio.run(at_work.once()) == 2
    after = queries.columns("SIM-0001", MIDNIGHT, 4 * DAY)
    assert after[0, 3000:3010].tolist() == [408] * 10
    after[:, 3000:3010] = before[:, 3000:3010]
    assert (after == before).all()
    # an hour of a day that runs, an hour after its last record came
    for seq in range(9, 69):
        append(seq, MIDNIGHT + 6 * DAY + 10 * seq)
    now[0] = MIDNIGHT + 6 * DAY + 7000
    asyncio.run(at_work.once())
    assert (rows("past_hours"), rows("record")) == (0, 60)
    now[0] += 300
    assert asyncio.run(at_work.once()) == 1
    assert (rows("past_hours"), rows("record")) == (1, 1)
    ingest.close()
    store.close()
