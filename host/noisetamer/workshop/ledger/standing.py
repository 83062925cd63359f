"""Where every unit stands: the newest word on each step of its road, read from its lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from noisetamer.base.counted import counted
from noisetamer.workshop.ledger import entries
from noisetamer.workshop.ledger.ledger import (
    BEGUN,
    FAILED,
    PASSED,
    EnrolledUnit,
    Entry,
    Ledger,
    utc_now,
)
from noisetamer.workshop.ledger.serials import Batch

GOOD, BAD, UNFINISHED, REPLACED = "passed", "failed", "unfinished", "replaced"
NOT_BURNED_IN, LAMPS_NOT_SEEN = "not burned in", "lamps not seen"
SET_ASIDE = "set aside"
STATES = (GOOD, LAMPS_NOT_SEEN, NOT_BURNED_IN, UNFINISHED, BAD, REPLACED, SET_ASIDE)
GONE = (REPLACED, SET_ASIDE)
"""Nothing is left to be done with such a unit."""

FLASHED, BURNED_IN, LAMPS_SEEN = "flashed", "burned in", "lamps seen"
CALIBRATED, LABELLED, HANDED_OVER = "calibrated", "labelled", "handed over"
ROAD = (FLASHED, BURNED_IN, LAMPS_SEEN, CALIBRATED, LABELLED, HANDED_OVER)
"""What is done to a unit, in this order; `passed` says that the first three are."""

DONE, OPEN = "done", "open"  # and FAILED


@dataclass(frozen=True)
class Word:
    """The newest on one step. name: in ROAD; state: DONE, FAILED or OPEN; at: UTC, ISO 8601, ""
    where nothing was done; step, reason: where and why it failed or stopped; todo: what is to be
    done, "" where nothing is, or where the step before settles it; remark: worth knowing though
    done."""

    name: str
    state: str
    at: str = ""
    step: str = ""
    reason: str = ""
    todo: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Runs:
    """How many ended badly, of how many."""

    failed: int
    all: int


@dataclass(frozen=True)
class Standing:
    """One unit. words: one for each step of ROAD; step, reason: why it is not good; facts: what
    every passed step found last; successor: its serial, where the unit was replaced."""

    unit: EnrolledUnit
    state: str
    step: str
    reason: str
    words: tuple[Word, ...]
    flashings: Runs
    burn_ins: Runs
    first: str
    last: str
    facts: dict[str, Any]
    successor: str | None

    def word(self, name: str) -> Word:
        """On one step of ROAD."""
        return self.words[ROAD.index(name)]

    @property
    def left(self) -> list[str]:
        """What is to be done yet, in the order in which to do it."""
        if self.state in GONE:
            return []
        return [word.todo for word in self.words if word.todo]

    @property
    def may_go_on(self) -> bool:
        """Whether it may get a label and be handed over: nothing failed, if not all is done."""
        return self.state not in (BAD, UNFINISHED, *GONE)

    @property
    def said(self) -> str:
        """Its state, and why where it is not good; without a full stop."""
        at = f" at {self.step}" if self.step else ""
        return f"{self.state}{at}" + (f": {self.reason}" if self.reason else "")

    @property
    def failures(self) -> int:
        """Runs that ended badly, of every kind."""
        return self.flashings.failed + self.burn_ins.failed


def standings(ledger: Ledger, batch: Batch | None = None) -> list[Standing]:
    """Every unit, or those of a batch, in the order of their serials."""
    return [of_unit(ledger, unit) for unit in ledger.units(batch)]


def of_unit(ledger: Ledger, unit: EnrolledUnit, today: date | None = None) -> Standing:
    """One unit, by the newest word on each step. today: None for today, UTC."""
    lines = ledger.history(unit.serial)
    successor = ledger.successor(unit.serial)
    burned_in = _burned_in(lines)
    words = (
        _flashed(lines, burned_in),
        burned_in,
        _lamps(lines, burned_in),
        _calibrated(lines, today or utc_now().date()),
        _labelled(lines),
        _handed_over(lines),
    )
    state, step, reason = _set_aside(lines) or _state(words)
    if successor:
        state, step, reason = REPLACED, "", f"by {successor.serial}"
    return Standing(
        unit,
        state,
        step,
        reason,
        words,
        _flashings(lines),
        _runs(lines, entries.BURN_IN),
        unit.at,
        lines[-1].at if lines else unit.at,
        _newest_facts(lines),
        successor.serial if successor else None,
    )


def _state(words: Sequence[Word]) -> tuple[str, str, str]:
    """(state, the step it stopped at, reason)."""
    flashed, burned_in, lamps = words[:3]
    # What is broken comes before what was not done.
    for word in (flashed, burned_in):
        if word.state == FAILED:
            return BAD, word.step, word.reason
    if flashed.state == OPEN:
        return UNFINISHED, flashed.step, flashed.reason
    if burned_in.state == OPEN:
        return NOT_BURNED_IN, burned_in.step, burned_in.reason
    if lamps.state == OPEN:
        return LAMPS_NOT_SEEN, "", lamps.reason
    return GOOD, "", ""


def _set_aside(lines: Sequence[Entry]) -> tuple[str, str, str] | None:
    """As `_state`; None for a unit that is in use, or was flashed since."""
    newest = _newest(lines, entries.SET_ASIDE)
    flashed = _newest(lines, entries.FLASH)
    if newest is None or (flashed is not None and lines.index(newest) < lines.index(flashed)):
        return None
    return SET_ASIDE, "", newest.facts["reason"]


def _flashed(lines: Sequence[Entry], burned_in: Word) -> Word:
    again = "flash it again"
    newest = _newest(lines, entries.FLASH)
    if newest is None or newest.outcome == BEGUN:
        at = newest.at if newest else ""
        steps = [line.step for line in lines if line.step != entries.FLASH]
        step, reason = steps[-1] if steps else "", "the run did not end: run it again"
        return Word(FLASHED, OPEN, at, step, reason, again)
    if newest.outcome == PASSED:
        return Word(FLASHED, DONE, newest.at)
    step, reason = newest.facts.get("step", ""), newest.facts.get("reason", "")
    if step != entries.BURN_IN:
        return Word(FLASHED, FAILED, newest.at, step, reason, f"{again}: {reason}")
    if burned_in.state == FAILED:
        # Burn-in's own word says it all; the start comes after it.
        return Word(FLASHED, OPEN, newest.at, entries.START, "burn-in stopped it", "")
    reason = "burn-in stopped the run before it: flash it again"
    return Word(FLASHED, OPEN, newest.at, entries.START, reason, again)


def _burned_in(lines: Sequence[Entry]) -> Word:
    """The newest word on each check counts, and then that on the whole."""
    whole = _newest(lines, entries.BURN_IN)
    checks = _checks(lines)
    at = whole.at if whole else ""
    again = "then 'noisetamer burn-in' again"
    bad = [f"{name}: {check['verdict']}" for name, check in checks if check["outcome"] == FAILED]
    if bad:
        reason = "; ".join(bad)
        return Word(BURNED_IN, FAILED, at, entries.BURN_IN, reason, f"{reason}; {again}")
    if whole and whole.outcome == FAILED:
        # Lines from before the reason was kept name the checks only.
        reason = whole.facts.get("reason") or ", ".join(whole.facts.get("burn_in_failed", ()))
        return Word(BURNED_IN, FAILED, at, entries.BURN_IN, reason, f"{reason}; {again}")
    if whole is None or whole.outcome == BEGUN:
        if whole is None and not checks:
            return Word(BURNED_IN, OPEN, todo="burn it in")
        reason = "the run did not end: run it again"
        return Word(BURNED_IN, OPEN, at, entries.BURN_IN, reason, "burn it in: it was cut off")
    return Word(BURNED_IN, DONE, at, todo=_checks_left(checks))


def _checks_left(checks: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """Those that could not be run yet or proved nothing, such as the hub's before it knows the
    unit; "" where there is none. Lamps have a word of their own."""
    waits = (entries.NOT_CONFIRMED, entries.NOT_RUN)
    left = {
        name: check["verdict"]
        for name, check in checks
        if check["outcome"] in waits and name not in entries.LAMPS
    }
    if not left:
        return ""
    count = counted(len(left), "1 check left", "{} checks left")
    # What one waits for, the others do, too: no Wi-Fi, no hub.
    return f"{count} ({', '.join(left)}): {next(iter(left.values()))}"


def _lamps(lines: Sequence[Entry], burned_in: Word) -> Word:
    lamps = {name: check["outcome"] for name, check in _checks(lines) if name in entries.LAMPS}
    dark = [name for name, outcome in lamps.items() if outcome == FAILED]
    if dark:
        # Burn-in's word says what to do.
        return Word(LAMPS_SEEN, FAILED, burned_in.at, entries.BURN_IN, ", ".join(dark))
    unseen = [name for name, outcome in lamps.items() if outcome == entries.NOT_CONFIRMED]
    if lamps and not unseen:
        return Word(LAMPS_SEEN, DONE, burned_in.at)
    if burned_in.state != DONE:
        # It asks for them.
        return Word(LAMPS_SEEN, OPEN)
    reason = f"nobody looked at {', '.join(unseen) or 'any'}"
    todo = "look at its lamps: 'noisetamer burn-in' asks for them"
    return Word(LAMPS_SEEN, OPEN, burned_in.at, "", reason, todo)


def _calibrated(lines: Sequence[Entry], today: date) -> Word:
    # Per frequency is no calibration of the level; what was refused changed nothing.
    looked = [
        line
        for line in lines
        if line.step in (entries.CALIBRATION, entries.CALIBRATION_CHECK)
        and "deviation" in line.facts
    ]
    done = [line for line in looked if line.step == entries.CALIBRATION]
    if not done:
        return Word(CALIBRATED, OPEN, todo="calibrate it")
    newest = done[-1]
    if looked[-1].outcome == entries.VOID:
        reason = f"its calibration does not hold since {looked[-1].at[:10]}"
    elif date.fromisoformat(newest.facts["due"]) < today:
        reason = f"its calibration was due on {newest.facts['due']}"
    else:
        return Word(CALIBRATED, DONE, newest.at)
    return Word(CALIBRATED, OPEN, newest.at, "", reason, f"calibrate it: {reason}")


def _labelled(lines: Sequence[Entry]) -> Word:
    newest = _newest(lines, entries.LABEL)
    if newest is None:
        return Word(LABELLED, OPEN, todo="label it")
    return Word(LABELLED, DONE, newest.at)


def _handed_over(lines: Sequence[Entry]) -> Word:
    newest = _newest(lines, entries.HAND_OVER)
    if newest is None:
        # From before the ledger kept that, or by another copy of it.
        let_in = [check["at"] for name, check in _checks(lines) if _is_let_in(name, check)]
        if let_in:
            return Word(HANDED_OVER, DONE, let_in[-1], remark="a hub lets it in")
        return Word(HANDED_OVER, OPEN, todo="hand it over")
    although = newest.facts.get("although", "")
    remark = although and f"handed over although it was not to be: {although}"
    return Word(HANDED_OVER, DONE, newest.at, remark=remark)


def _is_let_in(name: str, check: dict[str, Any]) -> bool:
    return name == entries.HUB and check["outcome"] == PASSED


def _checks(lines: Sequence[Entry]) -> list[tuple[str, dict[str, Any]]]:
    """(name, newest word) of each check of burn-in."""
    newest: dict[str, dict[str, Any]] = {}
    for line in _of(lines, entries.BURN_IN_CHECK):
        check = line.facts["burn_in"]["check"]
        newest[check["name"]] = check
    return list(newest.items())


def _flashings(lines: Sequence[Entry]) -> Runs:
    """Without those that burn-in stopped: they count as burn-ins."""
    ended = [
        line
        for line in _of(lines, entries.FLASH)
        if line.outcome in (PASSED, FAILED) and line.facts.get("step") != entries.BURN_IN
    ]
    return Runs(sum(line.outcome == FAILED for line in ended), len(ended))


def _runs(lines: Sequence[Entry], step: str) -> Runs:
    ended = [line.outcome for line in _of(lines, step) if line.outcome in (PASSED, FAILED)]
    return Runs(ended.count(FAILED), len(ended))


def _newest(lines: Sequence[Entry], step: str) -> Entry | None:
    found = list(_of(lines, step))
    return found[-1] if found else None


def _of(lines: Sequence[Entry], step: str) -> Iterator[Entry]:
    return (line for line in lines if line.step == step)


def _newest_facts(lines: Sequence[Entry]) -> dict[str, Any]:
    """What every passed step found last, under one name each: chip, image, firmware, ..."""
    facts: dict[str, Any] = {}
    for line in lines:
        if line.outcome == PASSED and line.step not in (entries.FLASH, entries.BURN_IN_CHECK):
            facts.update(line.facts)
    return facts
