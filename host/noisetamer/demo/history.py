"""Days before the story begins, in the hub's store, so that its page can look back.

The real firmware plays them in the levels tier, each day a start of its own, and what it told goes
into the store as the records it would have sent.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Record, read_record
from noisetamer.simulate import trace
from noisetamer.simulate.command import plan
from noisetamer.simulate.expect import Expectations
from noisetamer.simulate.run import Job, simulate
from noisetamer.square import scenario
from noisetamer.square.scenario import Scenario
from noisetamer.virtual.firmware_process import Tier
from tamer.record import encoding, events
from tamer.record.fields import DECIBELS, field
from tamer.record.reading import MISSING, REASONS, Second

A_DAY = Path(__file__).with_name("a_day.toml")

_DAY = 86_400
# The unit of the story counts its own starts from 1: as after a flash with its memory lost.
_FIRST_BOOT = 1_000_001
_TOGETHER = 10  # seconds in a record, as the box sends them
_AT_ONCE = 2000  # records in a transaction
_LEVELS = Second._fields[1:-1]


def play(
    data: Path, story: Scenario, days: int, units: list[str], progress: Callable[[float], None]
) -> None:
    """Fill the store in `data`, of a hub that does not run, with days up to the story's midnight.

    `progress` gets seconds done, summed over days and units.
    """
    day = scenario.load(str(A_DAY))
    local = story.start + story.utc_offset_s
    midnight = local - local % _DAY - story.utc_offset_s
    jobs = []
    with tempfile.TemporaryDirectory() as folder:
        for ago in range(days, 0, -1):
            then = replace(day, start=midnight - ago * _DAY)
            runs = plan(
                then,
                seed=1000 + ago,
                units=len(units),
                until_s=then.duration_s,
                tier=Tier.LEVELS,
                pace=0,
            )
            out = Path(folder) / str(ago)
            jobs.append(Job(f"{ago} days ago", runs, Expectations({}), out, drawn=False))
        simulate(jobs, progress)
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = Store(data / "hub.sqlite")
        try:
            for boot, job in enumerate(jobs, _FIRST_BOOT):
                _keep(store, job.out / "trace.jsonl", boot)
        finally:
            store.close()


def _keep(store: Store, path: Path, boot: int) -> None:
    told: list[Record] = []
    for record in records(trace.stream(path), boot):
        told.append(record)
        if len(told) == _AT_ONCE:
            store.append(told[-1].last, told)
            told = []
    if told:
        store.append(told[-1].last, told)


def records(lines: Iterable[dict[str, Any]], boot: int) -> Iterator[Record]:
    """The lines of a trace as the hub would have been told them, each unit's in their order."""
    sequence: dict[str, int] = {}
    waiting: dict[str, list[Second]] = {}

    def record(unit: str, code: int, t: int, payload: bytes | bytearray) -> Record:
        number = sequence[unit] = sequence.get(unit, 0) + 1
        body = encoding.record(code, boot, number, t, payload)
        return read_record(unit, (number - 1, number), body)

    def of_seconds(unit: str) -> Record:
        batch = waiting.pop(unit)
        return record(unit, encoding.SECONDS, batch[0].t, encoding.of_seconds(batch))

    for line in lines:
        unit = line["unit"]
        batch = waiting.setdefault(unit, [])
        if "world" in line:
            continue
        if trace.is_second(line):
            second = _second(line)
            if batch and (second.t != batch[-1].t + 1 or len(batch) == _TOGETHER):
                yield of_seconds(unit)
            waiting.setdefault(unit, []).append(second)
            continue
        if batch:
            yield of_seconds(unit)
        kind = line["event"]
        fields = {
            name: _as_told(kind, name, value)
            for name, value in line.items()
            if name not in ("unit", "t", "at", "event")
        }
        yield record(unit, encoding.EVENT, line["t"], encoding.of_event(kind, fields))
    for unit in [unit for unit, batch in waiting.items() if batch]:
        yield of_seconds(unit)


def _second(line: dict[str, Any]) -> Second:
    levels = [_tenths(line[name]) for name in _LEVELS]
    flags = 0 if line["valid"] else REASONS.index(line["reason"])
    return Second._make([line["t"], *levels, flags])


def _as_told(kind: str, name: str, value: Any) -> Any:
    """A field of an event as on the wire: levels in 0.1 dB."""
    if name not in events.KINDS.get(kind, ()) or field(kind, name).unit != DECIBELS:
        return value
    return [_tenths(level) for level in value] if isinstance(value, list) else _tenths(value)


def _tenths(level: float | None) -> int:
    return MISSING if level is None else round(10 * level)
