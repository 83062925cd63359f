"""A scenario: one evening of one square, written in TOML, as frozen data with units in the names.

Times inside the story are whole seconds from its start. `scenarios/README.md` lists every key.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from noisetamer.base import toml_file
from noisetamer.base.errors import UserError
from noisetamer.square import fault
from noisetamer.square import scenario_parts as parts
from noisetamer.square.fault import ScenarioFault
from noisetamer.square.scenario_parts import Box, Group, MicrophoneSettings, Source
from noisetamer.square.table import Table, ended, nearest
from noisetamer.unit.policy import times
from tamer.judge import calendar, policy

SHIPPED = Path(__file__).parent / "scenarios"


@dataclass(frozen=True)
class Scenario:
    """One square and what is expected of the box in it.

    `start` is in Unix seconds. `expect` is the [expect] table as it is written; it is read by
    simulate/expect.py.
    """

    name: str
    title: str
    path: Path
    start: int
    duration_s: int
    box: Box
    microphone: MicrophoneSettings
    sources: tuple[Source, ...]
    groups: tuple[Group, ...]
    faults: tuple[ScenarioFault, ...]
    expect: dict[str, Any]
    utc_offset_s: int  # at the start


def shipped() -> list[str]:
    """Names of the scenarios that come with Noise Tamer."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load(name_or_path: str) -> Scenario:
    """Read a shipped scenario by name or any by path. Raises UserError with one sentence."""
    path = _find(name_or_path)
    return _scenario(path, Table(toml_file.read(path, path.name), path.name))


def with_faults(scenario: Scenario, more: Sequence[Sequence[str]]) -> Scenario:
    """With those of `--fault KIND FROM TO` besides its own. Raises UserError."""
    local = datetime(1970, 1, 1) + timedelta(seconds=scenario.start + scenario.utc_offset_s)
    story = parts.Story(scenario.path, local, scenario.duration_s)
    return replace(scenario, faults=fault.with_more(scenario.faults, more, story))


def _find(name_or_path: str) -> Path:
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) > 1:
        if not path.is_file():
            raise UserError(f"The scenario file {path} does not exist; check the path.")
        return path
    if name_or_path not in shipped():
        raise UserError(
            ended(f"There is no scenario {name_or_path}{nearest(name_or_path, shipped())}")
            + " A file of your own needs its path, ending in .toml."
        )
    return SHIPPED / f"{name_or_path}.toml"


def _scenario(path: Path, table: Table) -> Scenario:
    start = _local_start(table)
    duration_s = table.whole_seconds("duration", low=1)
    title = table.text("title", path.stem)
    box = parts.box(Table(table.raw("box", {}), f"{path.name} [box]"), path)
    microphone = parts.microphone(Table(table.raw("microphone", {}), f"{path.name} [microphone]"))
    story = parts.Story(path, start, duration_s)
    sources = parts.named("source", table, path, lambda one: parts.source(one, story))
    if not sources:
        raise UserError(f"{path.name}: has no [[source]]; a square needs at least one sound.")
    names = [source.name for source in sources]
    groups = parts.named("group", table, path, lambda one: parts.group(one, names))
    parts.refuse_shared_sources(path, groups)
    wrong = fault.faults(table, story)
    expect = table.raw("expect", {})
    table.finish()
    clock = policy.read(box.policy).clock
    begins = times.unix_time(clock, start.isoformat())
    return Scenario(
        name=path.stem,
        title=title,
        path=path,
        start=begins,
        duration_s=duration_s,
        box=box,
        microphone=microphone,
        sources=sources,
        groups=groups,
        faults=wrong,
        expect=expect,
        utc_offset_s=calendar.stretch(clock, begins)[0],
    )


def _local_start(table: Table) -> datetime:
    start = table.raw("start")
    if not isinstance(start, datetime) or start.tzinfo is not None or start.microsecond:
        table.wrong("start", "must be a local time without quotes, like 2026-11-24T19:00:00")
    return start
