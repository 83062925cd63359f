"""The tables of a scenario file: box, microphone, sources, groups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from noisetamer.base.errors import UserError
from noisetamer.square import quantity, scenario_policy
from noisetamer.square.sounds.catalogue import CATALOGUE, Option
from noisetamer.square.sounds.music import STYLES
from noisetamer.square.sounds.noise import COLOURS
from noisetamer.square.sounds.recording import recording
from noisetamer.square.sounds.wind import wind_level
from noisetamer.square.table import Table, nearest, whole

T = TypeVar("T")

SOONEST_S = 2  # no reaction of people before this many seconds after what they heard


@dataclass(frozen=True)
class Box:
    """The box and its place. policy: the table of its policy.json."""

    policy: dict[str, Any]
    voice_at_microphone_dB: float
    reverberation_s: float
    stagger_s: int


@dataclass(frozen=True)
class MicrophoneSettings:
    """sensitivity in dBFS at 94 dB SPL; overload in dB SPL of a sine; dc_offset of full scale."""

    sensitivity_dBFS: float = -26.0
    noise_floor_dBA: float = 30.0
    overload_dB: float = 120.0
    low_corner_Hz: float = 20.0
    dc_offset: float = 0.0005


class Every(NamedTuple):
    """A source that comes back: first time, interval, span it lasts, random shift, all in s."""

    first_s: int
    interval_s: int
    lasts_s: int | None  # None: as long as the sound itself
    spread_s: int


@dataclass(frozen=True)
class Source:
    """One sound at one place. `on` None and `every` None: always on.

    volume: (second, dB re `level_dB` from then on). drift: (dB, seconds it takes).
    """

    name: str
    sound: str
    option: Option
    level_dB: float  # LAeq at 1 m
    distance_m: float
    on: tuple[tuple[int, int], ...] | None
    every: Every | None
    volume: tuple[tuple[int, float], ...]
    drift: tuple[float, float]
    wander_dB: float


@dataclass(frozen=True)
class Group:
    """People who own sources and may listen to the box.

    listens: probability by number of the warning within an incident; the last one holds.
    messages: of some messages, by their names, their own instead.
    """

    name: str
    sources: tuple[str, ...]
    listens: tuple[float, ...]
    notices_spotlight: float
    delay_s: tuple[float, float]
    turns_down_dB: float
    relapses: float
    relapse_after_s: tuple[float, float]
    relapses_by_dB: float
    messages: Mapping[str, float] = field(default_factory=dict)


class Story(NamedTuple):
    """What times and files in a source refer to."""

    path: Path
    start: datetime
    duration_s: int


def box(table: Table, path: Path) -> Box:
    """The table [box] of the scenario at `path`. Raises UserError."""
    read = Box(
        policy=scenario_policy.read(table, path),
        voice_at_microphone_dB=table.level("voice_at_microphone", 95.0, 40, 130),
        reverberation_s=table.duration("reverberation", 0.6, 0, 10),
        stagger_s=table.whole_seconds("stagger", 0),
    )
    table.finish()
    return read


def microphone(table: Table) -> MicrophoneSettings:
    """The table [microphone]. Raises UserError."""
    usual = MicrophoneSettings()
    read = MicrophoneSettings(
        sensitivity_dBFS=table.full_scale_level("sensitivity", usual.sensitivity_dBFS),
        noise_floor_dBA=table.level("noise_floor", usual.noise_floor_dBA, 0, 80),
        overload_dB=table.level("overload", usual.overload_dB, 80, 160),
        low_corner_Hz=table.frequency("low_corner", usual.low_corner_Hz, 0, 1000),
        dc_offset=table.fraction("dc_offset", usual.dc_offset),
    )
    table.finish()
    return read


def named(kind: str, table: Table, path: Path, read: Callable[[Table], T]) -> tuple[T, ...]:
    """All tables [[kind]], each read by `read`. Raises UserError where two share a name."""
    parts: dict[str, T] = {}
    for number, values in enumerate(table.tables(kind), 1):
        name = values.get("name", number) if isinstance(values, dict) else number
        one = Table(values, f"{path.name} [[{kind}]] {name}")
        name = one.text("name")
        if name in parts:
            one.wrong("name", f'"{name}" is taken by another {kind}; choose another')
        parts[name] = read(one)
        one.finish()
    return tuple(parts.values())


def source(table: Table, story: Story) -> Source:
    """One table [[source]]. Raises UserError."""
    sound = table.choice("sound", CATALOGUE)
    option = _option(table, sound, story.path)
    if isinstance(option, tuple):
        # It is at the microphone itself, and as loud as it blows.
        level_dB, distance_m = wind_level(*option), 1.0
    else:
        level_dB, distance_m = table.level("level"), table.length("distance")
    return Source(
        name=table.text("name"),
        sound=sound,
        option=option,
        level_dB=level_dB,
        distance_m=distance_m,
        on=intervals(table, story),
        every=_every(table, story),
        volume=_volume(table, story),
        drift=_drift(table),
        wander_dB=table.level("wander", CATALOGUE[sound].wander_dB, 0, 10),
    )


def group(table: Table, sources: Sequence[str]) -> Group:
    """One table [[group]], which may own any of the `sources` by name. Raises UserError."""
    members = table.raw("sources")
    if not isinstance(members, list) or not members:
        table.wrong("sources", "must be a list of source names")
    for member in members:
        if member not in sources:
            table.wrong(
                "sources", f'names "{member}", which is no source{nearest(member, sources)}'
            )
    turns_down = table.level("turns_down", 10.0, 0, 100)
    return Group(
        name=table.text("name"),
        sources=tuple(members),
        listens=table.fractions("listens", 0.5),
        notices_spotlight=table.fraction("notices_spotlight", 0.0),
        delay_s=_span(table, "delay", ("2 s", "8 s"), SOONEST_S),
        turns_down_dB=turns_down,
        relapses=table.fraction("relapses", 0.0),
        relapse_after_s=_span(table, "relapse_after", ("5m", "15m")),
        relapses_by_dB=table.level("relapses_by", turns_down, 0, 100),
        messages=table.fraction_of_each("messages"),
    )


def refuse_shared_sources(path: Path, groups: Sequence[Group]) -> None:
    """A source belongs to one group only, or "who turned it down" has no answer.

    Raises UserError.
    """
    owner: dict[str, str] = {}
    for one in groups:
        for member in one.sources:
            if member in owner:
                raise UserError(
                    f"{path.name} [[group]] {one.name}: sources names {member}, "
                    f"which already belongs to {owner[member]}; give it to one group only."
                )
            owner[member] = one.name


def _option(table: Table, sound: str, path: Path) -> Option:
    if sound == "music":
        return table.choice("style", STYLES, "dance")
    if sound == "noise":
        return table.choice("colour", COLOURS, "pink")
    if sound == "tone":
        return table.frequency("frequency", 1000.0, 20)
    if sound == "truck" and table.has("speed"):
        return table.length("distance") / table.speed("speed")
    if sound == "wind":
        return table.speed("speed"), table.length("screen", 0.06, 0.005, 1.0)
    if sound == "recording":
        file = path.parent / table.text("file")
        try:
            recording(file)
        except ValueError as why:
            table.wrong("file", f'"{file.name}" {why}')
        return file
    return None


def _moment(table: Table, key: str, text: object, story: Story) -> int:
    """Whole seconds from the start of the story, from "20m" or, as a time of day, "19:20"."""
    if not quantity.looks_like_clock(text):
        return whole(table, key, table.read(key, quantity.duration, text))
    midnight = story.start.replace(hour=0, minute=0, second=0)
    since_midnight = int((story.start - midnight).total_seconds())
    return int(table.read(key, quantity.clock, text) - since_midnight) % 86_400


def intervals(table: Table, story: Story) -> tuple[tuple[int, int], ...] | None:
    """The key `on`: [begin, end) in whole seconds from the start; None where it is missing.

    Raises UserError for an empty span and for one that overlaps the one before.
    """
    if not table.has("on"):
        return None
    pairs = table.raw("on")
    shape = 'must be a list of pairs, like [["19:05", "19:30"], ["40m", "50m"]]'
    if not isinstance(pairs, list) or not pairs:
        table.wrong("on", shape)
    intervals: list[tuple[int, int]] = []
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            table.wrong("on", shape)
        begin, end = (_moment(table, "on", text, story) for text in pair)
        if end <= begin:
            table.wrong("on", f'ends at "{pair[1]}" before it begins at "{pair[0]}"')
        if intervals and begin < intervals[-1][1]:
            table.wrong(
                "on", f'begins again at "{pair[0]}" while it still plays; put them in order'
            )
        intervals.append((begin, end))
    return tuple(intervals)


def _every(table: Table, story: Story) -> Every | None:
    if not table.has("every"):
        for key in ("first", "lasts", "spread"):
            if table.has(key):
                table.wrong(key, "only means something beside every; add every or remove it")
        return None
    if table.has("on"):
        table.wrong("every", "stands beside on; keep one of the two")
    interval = table.whole_seconds("every", low=1)
    first = _moment(table, "first", table.raw("first", f"{interval}s"), story)
    lasts: Any = table.whole_seconds("lasts", None, low=1)
    spread = table.whole_seconds("spread", 0)
    if spread + (lasts or 0) > interval:
        table.wrong("every", f"is {interval} s, shorter than lasts and spread together")
    return Every(first, interval, lasts, spread)


def _volume(table: Table, story: Story) -> tuple[tuple[int, float], ...]:
    steps: list[tuple[int, float]] = []
    for step in table.raw("volume", []):
        if not isinstance(step, list) or len(step) != 2:
            table.wrong("volume", 'must be a list of pairs, like [["20s", "+6 dB"]]')
        second = _moment(table, "volume", step[0], story)
        if steps and second <= steps[-1][0]:
            table.wrong("volume", f'has "{step[0]}" out of order; put the times in order')
        steps.append((second, table.read("volume", quantity.level, step[1])))
    return tuple(steps)


def _drift(table: Table) -> tuple[float, float]:
    change, span = table.pair("drift", ("0 dB", "1h"), 'drift = ["+3 dB", "30m"]')
    seconds = table.read("drift", quantity.duration, span)
    if seconds <= 0:
        table.wrong("drift", "takes no time; give the time it takes, or use volume")
    return table.read("drift", quantity.level, change), seconds


def _span(
    table: Table, key: str, default: tuple[str, str], least: float = 0
) -> tuple[float, float]:
    low, high = (
        table.read(key, quantity.duration, end)
        for end in table.pair(key, default, f'{key} = ["{default[0]}", "{default[1]}"]')
    )
    if high < low:
        table.wrong(key, "has its larger value first; write the shorter one first")
    if low < least:
        table.wrong(key, f"begins at {low:g} s; nobody reacts sooner than after {least:g} s")
    return low, high
