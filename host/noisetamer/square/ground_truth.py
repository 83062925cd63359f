"""What the scenario itself makes happen, for the truth beside the box's own trace."""

from noisetamer.square.scenario import Scenario
from noisetamer.square.schedule import NEVER_ENDS, Schedule

Event = tuple[int, str, str, float | None]  # second, group or source, kind, change in dB


def told(scenario: Scenario, schedules: dict[str, Schedule], unit: int) -> list[Event]:
    """Every "on", "off" and "volume" of the story, in order, in the seconds of this unit.

    A group is on while any of its sources is; what was on before the story has no "on".
    """
    lag = scenario.box.stagger_s * unit
    group_of = {name: group.name for group in scenario.groups for name in group.sources}
    intervals: dict[str, list[tuple[int, int]]] = {}
    events: set[Event] = set()
    for source in scenario.sources:
        label = group_of.get(source.name, source.name)
        intervals.setdefault(label, []).extend(schedules[source.name].intervals)
        before = 0.0
        for second, change in source.volume:
            if second:
                events.add((second + lag, label, "volume", change - before))
            before = change
    for fault in scenario.faults:
        spans = [(begin + lag, end + lag) for begin, end in fault.on]
        intervals.setdefault(f"fault: {fault.kind}", []).extend(spans)
    for label, spans in intervals.items():
        for begin, end in _merged(spans):
            if begin > 0:
                events.add((begin, label, "on", None))
            if end < NEVER_ENDS // 2:
                events.add((end, label, "off", None))
    return sorted(events, key=lambda event: event[:3])


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged
