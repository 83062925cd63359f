"""What really happens in the square, for the lines beside the box's own in a trace."""

from enum import StrEnum
from typing import NamedTuple

from noisetamer.square.scenario import Scenario
from noisetamer.square.schedule import NEVER_ENDS, Schedule


class WorldEventKind(StrEnum):
    """As a trace spells it in "world"."""

    ON = "on"
    OFF = "off"
    VOLUME = "volume"
    COMPLY = "comply"  # a group turns down because of the box
    RELAPSE = "relapse"  # and up again


class WorldEvent(NamedTuple):
    """`group` is a source's name where it belongs to none; ON and OFF have no change (None)."""

    second: int
    group: str
    kind: WorldEventKind
    change_dB: float | None


def story_events(
    scenario: Scenario, schedules: dict[str, Schedule], unit: int
) -> list[WorldEvent]:
    """Every ON, OFF and VOLUME of the story, in order, in the seconds of this unit.

    `schedules` by name of the source. A group is on while any of its sources is; what was on
    before the story has no ON.
    """
    lag = scenario.box.stagger_s * unit
    group_of = {name: group.name for group in scenario.groups for name in group.sources}
    intervals: dict[str, list[tuple[int, int]]] = {}
    events: set[WorldEvent] = set()
    for source in scenario.sources:
        label = group_of.get(source.name, source.name)
        intervals.setdefault(label, []).extend(schedules[source.name].intervals)
        before = 0.0
        for second, change in source.volume:
            if second:
                volume = WorldEventKind.VOLUME
                events.add(WorldEvent(second + lag, label, volume, change - before))
            before = change
    for fault in scenario.faults:
        spans = [(begin + lag, end + lag) for begin, end in fault.on]
        intervals.setdefault(f"fault: {fault.kind}", []).extend(spans)
    for label, spans in intervals.items():
        for begin, end in _merged(spans):
            if begin > 0:
                events.add(WorldEvent(begin, label, WorldEventKind.ON, None))
            if end < NEVER_ENDS // 2:
                events.add(WorldEvent(end, label, WorldEventKind.OFF, None))
    return sorted(events, key=lambda event: event[:3])


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged
