"""What a unit tells of its condition is found by its index, however long its history is."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from scripted_unit import START, event

from noisetamer.hub.store import condition
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Record, read_report


def test_the_newest_of_each_kind_is_found_and_no_query_reads_all_events(tmp_path: Path):
    store = Store(tmp_path / "hub.sqlite")
    told_by_unit: tuple[tuple[int, str, dict[str, Any]], ...] = (
        (1, "boot", {"reset": "power on"}),
        (2, "boot", {"reset": "watchdog"}),
        (3, "doctor", {"findings": []}),
        (4, "self-check", {"verdict": "too loud", "loudest": 700}),
        (5, "spotlight", {"on": True}),
    )
    for seq, kind, fields in told_by_unit:
        found = read_report("dev.SIM-0001.record", event(seq, START + seq, kind, **fields))
        assert isinstance(found, Record)
        store.append(0.0, [found])
    asked: list[str] = []
    with closing(sqlite3.connect(store.file)) as connection:
        connection.set_trace_callback(asked.append)
        told = condition.read(connection, "SIM-0001", START + 60.0)
        connection.set_trace_callback(None)
        plans = {
            query: [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
            for query in asked
        }
    assert told.boot and told.boot.fields == {"reset": "watchdog"}
    assert told.doctor and told.lost is None and told.clock is None
    assert [check.fields["verdict"] for check in told.checks] == ["too loud"]
    assert (told.reference, told.status, told.seconds) == (None, {}, 0)
    assert len(plans) > len(condition.CARED)
    for query, steps in plans.items():
        for step in steps:
            assert step.startswith("SEARCH"), (query, step)
            by_kind = "event_of_condition (unit=? AND kind=?" in step
            assert by_kind or "event" not in step, (query, step)
