"""History is what the real box told of days before, as records that a hub takes."""

from pathlib import Path

import pytest
from hand_built import T0, second
from shared_runs import Runs

from noisetamer.demo import history
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Event, Seconds
from noisetamer.simulate import trace
from noisetamer.square import scenario

pytestmark = pytest.mark.e2e


def test_every_second_and_event_of_a_run_is_in_the_store_as_the_box_told_it(
    runs: Runs, tmp_path: Path
):
    lines = trace.read(runs["demo_square"].folder / "trace.jsonl")
    records = list(history.records(lines, boot=3))
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    store = Store(tmp_path / "hub.sqlite")
    stored = store.append(records[-1].last, records)
    store.close()
    assert (len(stored.fresh), stored.refused) == (len(records), [])
    events = [record for record in records if isinstance(record, Event)]
    assert [(event.t, event.kind) for event in events] == [
        (line["t"], line["event"]) for line in lines if "event" in line
    ]
    stage = next(event for event in events if event.kind == "stage")
    line = next(line for line in lines if line.get("event") == "stage")
    assert stage.fields["level"] == round(10 * line["level"])
    seconds = [line for line in lines if trace.is_second(line)]
    hour = Queries(tmp_path / "hub.sqlite").last_hour("SIM-0001")
    assert hour
    assert hour.LAeq == [round(10 * s["LAeq"]) if s["valid"] else None for s in seconds]


def test_each_unit_has_its_own_numbers_and_a_gap_parts_two_records():
    there = [i for i in range(60) if i != 25]
    lines = [second(i, unit=unit) for i in there for unit in ("SIM-0001", "SIM-0002")]
    found = list(history.records(lines, boot=1))
    for unit in ("SIM-0001", "SIM-0002"):
        batches = [record for record in found if record.unit == unit]
        assert [record.seq for record in batches] == list(range(1, len(batches) + 1))
        heard = [
            one for record in batches if isinstance(record, Seconds) for one in record.seconds
        ]
        assert [one.t - T0 for one in heard] == there


def test_days_end_at_the_midnight_before_the_story_and_count_as_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    short = tmp_path / "day.toml"
    short.write_text(history.A_DAY.read_text().replace('"24h"', '"30s"'))
    monkeypatch.setattr(history, "A_DAY", short)
    story = scenario.load("demo_square")
    done = []
    history.play(tmp_path / "hub", story, 2, ["SIM-0001"], done.append)
    queries = Queries(tmp_path / "hub" / "hub.sqlite")
    midnight = story.start - 19 * 3600
    starts = [event for event in queries.events("SIM-0001", 100) if event.kind == "boot"]
    # Far above those of the unit that plays the story: no record has another one's name.
    assert [event.boot for event in starts] == [1_000_001, 1_000_002]
    assert queries.span("SIM-0001") == (midnight - 2 * 86_400, midnight - 86_400 + 30)
    assert 0 < done[-1] <= 60
