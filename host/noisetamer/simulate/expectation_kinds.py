"""What can be expected of a run: the keys of `[expect]`, how each is read, judged and explained.

`KINDS` at the end is the only list of them; `square/scenarios/README.md` shows it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

from noisetamer.simulate import expected_value as value
from noisetamer.simulate.compliance import as_counted, as_meant
from noisetamer.square import quantity
from noisetamer.square.ground_truth import WorldEventKind
from tamer.judge.stages import FIRM, POLITE

Lines: TypeAlias = list[dict[str, Any]]

_VOICES = (POLITE, FIRM)

# The box hears in whole seconds, and the square changes within one.
_FIGURES_WITHIN_S = 1


class Found(NamedTuple):
    """What a run has shown of one unit.

    unit: what `summary.summarise` finds of it. events: its lines that are events or of the world.
    late: how much later than the scenario says its story begins.
    """

    unit: dict[str, Any]
    events: Lines
    late: timedelta = timedelta(0)


class Judgement(NamedTuple):
    """What one expectation comes to for one unit: "expected `expected`, saw `saw`".

    final: where it has not passed, no more of the story could change that.
    """

    passed: bool
    expected: str
    saw: str
    final: bool = False


Judge: TypeAlias = Callable[[Any, Found], Judgement]


@dataclass(frozen=True)
class Kind:
    """One expectation: its reader (raises ValueError), its judge, and what people are told.

    example: its value as TOML. meaning: what it asks for, a phrase.
    """

    parse: Callable[[object], Any]
    judge: Judge
    example: str
    meaning: str


def _stages_seen(wanted: list[str], found: Found) -> Judgement:
    seen = list(_seconds_in_stages(found.unit))
    missing = [stage for stage in wanted if stage not in seen]
    saw = f"no {_or(missing)}, only {_and(seen)}" if missing else _and(seen)
    return Judgement(not missing, f"the stages {_and(wanted)}", saw)


def _never_stages(wanted: list[str], found: Found) -> Judgement:
    unit = found.unit
    seen = {stage: s for stage, s in _seconds_in_stages(unit).items() if stage in wanted}
    saw = _and([f"{seconds} s of {stage}" for stage, seconds in seen.items()])
    first = next((change["at"] for change in unit["stage_changes"] if change["to"] in seen), None)
    if first:
        saw += f" (first at {first})"
    expected = f"never the stage {_or(wanted)}"
    return Judgement(not seen, expected, saw if seen else "none of it", final=bool(seen))


def _seconds_in_stages(unit: dict[str, Any]) -> dict[str, int]:
    # A stage entered and left within one second was seen as well.
    entered = {change["to"] for change in unit["stage_changes"]}
    seconds = unit["seconds_per_stage"].items()
    return {stage: count for stage, count in seconds if count or stage in entered}


def _count_of(what: str, count: Callable[[dict[str, Any]], int]) -> Judge:
    def judge(wanted: tuple[int, int], found: Found) -> Judgement:
        (low, high), seen = wanted, count(found.unit)
        expected = f"{low} {what}" if low == high else f"{low} to {high} {what}"
        return Judgement(low <= seen <= high, expected, str(seen), final=seen > high)

    return judge


def _first_warning_between(wanted: tuple[value.Moment, value.Moment], found: Found) -> Judgement:
    begin = datetime.fromisoformat(found.unit["begins_at"])
    low, high = value.window(*wanted, start=begin)
    expected = f"the first warning between {wanted[0].text} and {wanted[1].text}"
    if late := found.late:
        low, high = low + late, high + late
        expected += f", {value.span(late)} later for this unit"
    first = found.unit["first_warning_at"]
    if first is None:
        over = begin + timedelta(seconds=found.unit["seconds"]) > high
        return Judgement(False, expected, "no warning", final=over)
    at = datetime.fromisoformat(first)
    saw = (
        f"it at {value.clock(at, begin)}"
        if wanted[0].clock
        else f"it after {value.span(at - begin)}"
    )
    return Judgement(low <= at <= high, expected, saw, final=True)


def _LAeq_between(wanted: tuple[float, float], found: Found) -> Judgement:
    (low, high), unit = wanted, found.unit
    expected = f"LAeq between {low:g} and {high:g} dB"
    if unit["LAeq"] is None:
        return Judgement(False, expected, "no valid second")
    return Judgement(low <= unit["LAeq"] <= high, expected, f"{unit['LAeq']} dB")


def _LAFmax_at_most(wanted: float, found: Found) -> Judgement:
    expected, loudest = f"LAFmax of at most {wanted:g} dB", found.unit["LAFmax"]
    if loudest is None:
        return Judgement(False, expected, "no valid second")
    return Judgement(loudest <= wanted, expected, f"{loudest} dB", final=True)


def _coverage_at_least(wanted: float, found: Found) -> Judgement:
    # The box decides itself when it speaks; what else is lost is the measure of its hearing.
    coverage = found.unit["coverage_without_own_voice"]
    expected = f"a coverage of at least {wanted:g} besides its own voice"
    if coverage is None:
        return Judgement(False, expected, "no second at all")
    reasons = [f"{n} s {reason}" for reason, n in found.unit["invalid"].items() if n]
    saw = f"{coverage:g}" + (f" (invalid: {', '.join(reasons)})" if reasons else "")
    return Judgement(coverage >= wanted, expected, saw)


def _invalid_seconds(wanted: dict[str, tuple[int, int]], found: Found) -> Judgement:
    lost = found.unit["invalid"]
    expected = [
        f"{low} s {reason}" if low == high else f"{low} to {high} s {reason}"
        for reason, (low, high) in wanted.items()
    ]
    saw = [f"{lost[reason]} s {reason}" for reason in wanted]
    passed = all(low <= lost[reason] <= high for reason, (low, high) in wanted.items())
    more = any(lost[reason] > high for reason, (_, high) in wanted.items())
    return Judgement(passed, _and(expected), _and(saw), final=more)


def _ends_in(wanted: str, found: Found) -> Judgement:
    last = found.unit["ends_in"]
    return Judgement(last == wanted, f"the end in {wanted}", last or "no stage")


def _figures_of(wanted: list[str], found: Found) -> Judgement:
    meant, counted = as_meant(found.events, wanted), as_counted(found.events)
    return Judgement(
        counted.agree(meant, _FIGURES_WITHIN_S), f"{meant} of {_and(wanted)}", str(counted)
    )


def _quiet_heard_within(wanted: float, found: Found) -> Judgement:
    expected = f"quiet heard within {wanted:g} s of the box's own silence"
    delays = list(releases(found.events))
    if not delays:
        return Judgement(False, expected, "no release after a warning")
    slowest, at = max(delays)
    saw = f"{slowest:g} s at {at} (of {len(delays)} releases)"
    return Judgement(slowest <= wanted, expected, saw, final=True)


def releases(events: Iterable[dict[str, Any]]) -> Iterator[tuple[float, str]]:
    """Yield (seconds, local time) for each release of one unit from its voices' stages.

    The seconds count from the end of the last speech. Where the world says that the square
    turned down, they are the longest silence of the box since then: a box that talks over a
    quiet square is as slow as the pause in which it could have heard it, and nobody can hear a
    quiet that is not there yet.
    """
    silent_since, longest, quiet, speaking = None, 0, False, False
    for line in events:
        event, t = line.get("event"), line["t"]
        if event == "stage" and line["to"] in _VOICES:
            if line["from"] not in _VOICES:
                silent_since, longest, quiet = None, 0, False
        elif event == "stage" and line["from"] in _VOICES:
            if silent_since is not None:
                yield max(longest, t - silent_since), line["at"]
        elif event == "warning":
            if quiet and silent_since is not None:
                longest = max(longest, t - silent_since)
            silent_since, speaking = None, True
        elif event == "spoken":
            silent_since, speaking = t, False
        elif _turns_down(line):
            silent_since, longest, quiet = None if speaking else t, 0, True
        elif "world" in line:
            longest, quiet = 0, False


def _turns_down(line: dict[str, Any]) -> bool:
    return (
        line.get("world") in (WorldEventKind.COMPLY, WorldEventKind.OFF)
        or (line.get("change_dB") or 0) < 0
    )


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) or "nothing"


def _or(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _count(what: str, key: str, example: str, meaning: str) -> Kind:
    def count(unit: dict[str, Any]) -> int:
        return unit[key] if isinstance(unit[key], int) else len(unit[key])

    return Kind(value.counts, _count_of(what, count), example, meaning)


KINDS = {
    "stages_seen": Kind(
        value.stages, _stages_seen, '["green", "red", "polite"]', "each of these stages comes"
    ),
    "never_stages": Kind(
        value.stages, _never_stages, '["polite", "firm"]', "none of these stages comes"
    ),
    "stage_changes": _count(
        "stage changes", "stage_changes", "[0, 0]", "[least, most] changes of the stage"
    ),
    "ends_in": Kind(value.stage, _ends_in, '"green"', "the stage of the last second"),
    "warnings": _count("warnings", "warnings", "[1, 3]", "[least, most] spoken warnings"),
    "first_warning_between": Kind(
        value.moments,
        _first_warning_between,
        '["19:14", "19:16"]',
        "when the first warning begins: local time, or spans from the start of the story "
        '(["2m", "3m"])',
    ),
    "effective_warnings": _count(
        "effective warnings",
        "effective_warnings",
        "[1, 9]",
        "[least, most] warnings that the box found obeyed",
    ),
    "ineffective_warnings": _count(
        "ineffective warnings",
        "ineffective_warnings",
        "[0, 5]",
        "[least, most] warnings that it found in vain",
    ),
    "relapses_noticed": _count(
        "relapses noticed",
        "relapses_noticed",
        "[0, 2]",
        "[least, most] incidents that it took for a relapse",
    ),
    "hand_overs": _count(
        "hand-overs",
        "hand_overs",
        "[3, 3]",
        "[least, most] calls of people: leader, property, police",
    ),
    "quiet_heard_within": Kind(
        quantity.duration,
        _quiet_heard_within,
        '"3 s"',
        "the slowest release after a warning, counted from where the box is silent and the "
        "square quiet",
    ),
    "complies": _count(
        "complies", "complies", "[1, 2]", "[least, most] times that a group turned down"
    ),
    "relapses": _count(
        "relapses", "relapses", "[0, 2]", "[least, most] times that a group turned up again"
    ),
    "figures_of": Kind(
        value.names,
        _figures_of,
        '["east"]',
        "the box counts what these groups did: each compliance, within 1 s, and each relapse",
    ),
    "LAeq_between": Kind(
        value.levels, _LAeq_between, '["50 dB", "75 dB"]', "LAeq over all valid seconds"
    ),
    "LAFmax_at_most": Kind(value.level, _LAFmax_at_most, '"90 dB"', "the highest valid LAFmax"),
    "coverage_at_least": Kind(
        value.share,
        _coverage_at_least,
        "0.99",
        "share of valid seconds, those of the box's own voice left out",
    ),
    "invalid_seconds": Kind(
        value.counts_by_reason,
        _invalid_seconds,
        "{ wind = [60, 120], gap = [0, 0] }",
        "[least, most] seconds lost by these reasons",
    ),
}
