"""What a scenario promises: its `[expect]` table, read and held against a finished run.

Every expectation is asked of every unit by itself, so a fleet passes only if each box does.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from noisetamer.base.errors import UserError
from noisetamer.simulate import expected_value as value
from noisetamer.simulate.compliance import as_counted, as_meant
from noisetamer.square import quantity
from noisetamer.square.ground_truth import WorldEventKind
from noisetamer.square.table import nearest
from tamer.judge.stages import FIRM, POLITE

# What `summary.summarise` finds of one unit; its lines that are events or of the world.
UnitSummary: TypeAlias = dict[str, Any]
Lines: TypeAlias = list[dict[str, Any]]

_VOICES = (POLITE, FIRM)

# The box hears in whole seconds, and the square changes within one.
_FIGURES_WITHIN_S = 1


@dataclass(frozen=True)
class Verdict:
    """One expectation held against one unit. `sentence` reads "expected ..., saw ..."."""

    name: str
    unit: str
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Expectations:
    """The checked `[expect]` table: expectation name -> its parsed value, in the file's order."""

    values: dict[str, Any]

    @classmethod
    def from_table(cls, table: dict[str, Any], where: str) -> "Expectations":
        """Check an `[expect]` table.

        `where` names the file, as the user knows it. Raises UserError on an unknown key or a
        value that cannot be meant.
        """
        if not isinstance(table, dict):
            raise UserError(f"{where}: expect must be a table with keys of its own.")
        values = {}
        for name, raw in table.items():
            if name not in KINDS:
                raise UserError(
                    f"{where}: [expect] has the unknown key {name}{nearest(name, KINDS)}."
                )
            try:
                values[name] = KINDS[name].parse(raw)
            except ValueError as why:
                raise UserError(f"{where}: [expect] {name} {why}.") from None
        return cls(values)


class Judgement(NamedTuple):
    """What one expectation comes to for one unit: "expected `expected`, saw `saw`"."""

    passed: bool
    expected: str
    saw: str


Judge: TypeAlias = Callable[[Any, UnitSummary, Lines], Judgement]


@dataclass(frozen=True)
class Kind:
    """One expectation's reader (raises ValueError) and its judge of what was read."""

    parse: Callable[[object], Any]
    judge: Judge


def check(
    expectations: Expectations, summary: dict[str, Any], lines: Iterable[dict[str, Any]]
) -> list[Verdict]:
    """Hold the expectations against a run's summary and trace lines: one Verdict each and unit.

    A run without any unit meets nothing: each expectation then fails once, with unit "".
    """
    events_of: dict[str, Lines] = {unit: [] for unit in summary["units"]}
    for line in lines:
        if "event" in line or "world" in line:
            events_of[line["unit"]].append(line)
    verdicts = []
    for name, wanted in expectations.values.items():
        if not events_of:
            verdicts.append(Verdict(name, "", False, f"expected {name}, saw no unit at all"))
        for unit, events in events_of.items():
            passed, expected, saw = KINDS[name].judge(wanted, summary["units"][unit], events)
            verdicts.append(Verdict(name, unit, passed, f"expected {expected}, saw {saw}"))
    return verdicts


def _stages_seen(wanted: list[str], unit: UnitSummary, events: Lines) -> Judgement:
    seen = list(_seconds_in_stages(unit))
    missing = [stage for stage in wanted if stage not in seen]
    saw = f"no {_or(missing)}, only {_and(seen)}" if missing else _and(seen)
    return Judgement(not missing, f"the stages {_and(wanted)}", saw)


def _never_stages(wanted: list[str], unit: UnitSummary, events: Lines) -> Judgement:
    seen = {stage: s for stage, s in _seconds_in_stages(unit).items() if stage in wanted}
    saw = _and([f"{seconds} s of {stage}" for stage, seconds in seen.items()])
    first = next((change["at"] for change in unit["stage_changes"] if change["to"] in seen), None)
    if first:
        saw += f" (first at {first})"
    return Judgement(not seen, f"never the stage {_or(wanted)}", saw if seen else "none of it")


def _seconds_in_stages(unit: UnitSummary) -> dict[str, int]:
    # A stage entered and left within one second was seen as well.
    entered = {change["to"] for change in unit["stage_changes"]}
    seconds = unit["seconds_per_stage"].items()
    return {stage: count for stage, count in seconds if count or stage in entered}


def _count_of(what: str, count: Callable[[UnitSummary], int]) -> Judge:
    def judge(wanted: tuple[int, int], unit: UnitSummary, events: Lines) -> Judgement:
        low, high = wanted
        expected = f"{low} {what}" if low == high else f"{low} to {high} {what}"
        return Judgement(low <= count(unit) <= high, expected, str(count(unit)))

    return judge


def _first_warning_between(
    wanted: tuple[value.Moment, value.Moment], unit: UnitSummary, events: Lines
) -> Judgement:
    first = unit["first_warning_at"]
    expected = f"the first warning between {wanted[0].text} and {wanted[1].text}"
    if first is None:
        return Judgement(False, expected, "no warning")
    low, high = value.window(*wanted, start=datetime.fromisoformat(unit["begins_at"]))
    return Judgement(low <= datetime.fromisoformat(first) <= high, expected, f"it at {first}")


def _LAeq_between(wanted: tuple[float, float], unit: UnitSummary, events: Lines) -> Judgement:
    low, high = wanted
    expected = f"LAeq between {low:g} and {high:g} dB"
    if unit["LAeq"] is None:
        return Judgement(False, expected, "no valid second")
    return Judgement(low <= unit["LAeq"] <= high, expected, f"{unit['LAeq']} dB")


def _LAFmax_at_most(wanted: float, unit: UnitSummary, events: Lines) -> Judgement:
    expected = f"LAFmax of at most {wanted:g} dB"
    if unit["LAFmax"] is None:
        return Judgement(False, expected, "no valid second")
    return Judgement(unit["LAFmax"] <= wanted, expected, f"{unit['LAFmax']} dB")


def _coverage_at_least(wanted: float, unit: UnitSummary, events: Lines) -> Judgement:
    # The box decides itself when it speaks; what else is lost is the measure of its hearing.
    coverage = unit["coverage_without_own_voice"]
    expected = f"a coverage of at least {wanted:g} besides its own voice"
    if coverage is None:
        return Judgement(False, expected, "no second at all")
    reasons = [f"{n} s {reason}" for reason, n in unit["invalid"].items() if n]
    saw = f"{coverage:g}" + (f" (invalid: {', '.join(reasons)})" if reasons else "")
    return Judgement(coverage >= wanted, expected, saw)


def _invalid_seconds(
    wanted: dict[str, tuple[int, int]], unit: UnitSummary, events: Lines
) -> Judgement:
    expected = [
        f"{low} s {reason}" if low == high else f"{low} to {high} s {reason}"
        for reason, (low, high) in wanted.items()
    ]
    saw = [f"{unit['invalid'][reason]} s {reason}" for reason in wanted]
    passed = all(low <= unit["invalid"][reason] <= high for reason, (low, high) in wanted.items())
    return Judgement(passed, _and(expected), _and(saw))


def _ends_in(wanted: str, unit: UnitSummary, events: Lines) -> Judgement:
    return Judgement(
        unit["ends_in"] == wanted, f"the end in {wanted}", unit["ends_in"] or "no stage"
    )


def _figures_of(wanted: list[str], unit: UnitSummary, events: Lines) -> Judgement:
    meant, counted = as_meant(events, wanted), as_counted(events)
    return Judgement(
        counted.agree(meant, _FIGURES_WITHIN_S), f"{meant} of {_and(wanted)}", str(counted)
    )


def _quiet_heard_within(wanted: float, unit: UnitSummary, events: Lines) -> Judgement:
    expected = f"quiet heard within {wanted:g} s of the box's own silence"
    delays = list(releases(events))
    if not delays:
        return Judgement(False, expected, "no release after a warning")
    slowest, at = max(delays)
    return Judgement(
        slowest <= wanted, expected, f"{slowest:g} s at {at} (of {len(delays)} releases)"
    )


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


KINDS = {
    "stages_seen": Kind(value.stages, _stages_seen),
    "never_stages": Kind(value.stages, _never_stages),
    "warnings": Kind(value.counts, _count_of("warnings", lambda unit: len(unit["warnings"]))),
    "first_warning_between": Kind(value.moments, _first_warning_between),
    "stage_changes": Kind(
        value.counts, _count_of("stage changes", lambda unit: len(unit["stage_changes"]))
    ),
    "LAeq_between": Kind(value.levels, _LAeq_between),
    "LAFmax_at_most": Kind(value.level, _LAFmax_at_most),
    "coverage_at_least": Kind(value.share, _coverage_at_least),
    "invalid_seconds": Kind(value.counts_by_reason, _invalid_seconds),
    "ends_in": Kind(value.stage, _ends_in),
    "quiet_heard_within": Kind(quantity.duration, _quiet_heard_within),
    "complies": Kind(value.counts, _count_of("complies", lambda unit: unit["complies"])),
    "relapses": Kind(value.counts, _count_of("relapses", lambda unit: unit["relapses"])),
    "effective_warnings": Kind(
        value.counts, _count_of("effective warnings", lambda unit: unit["effective_warnings"])
    ),
    "ineffective_warnings": Kind(
        value.counts, _count_of("ineffective warnings", lambda unit: unit["ineffective_warnings"])
    ),
    "relapses_noticed": Kind(
        value.counts, _count_of("relapses noticed", lambda unit: unit["relapses_noticed"])
    ),
    "hand_overs": Kind(
        value.counts, _count_of("hand-overs", lambda unit: len(unit["hand_overs"]))
    ),
    "figures_of": Kind(value.names, _figures_of),
}
