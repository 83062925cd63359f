"""Where every unit stands, read from its lines in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from noisetamer.workshop.ledger.ledger import (
    BEGUN,
    FAILED,
    NO_SERIAL,
    PASSED,
    EnrolledUnit,
    Entry,
    Ledger,
)
from noisetamer.workshop.ledger.serials import Batch

# The step that sums a run up; a unit is good when its newest line says so.
FLASH = "flash"

GOOD, BAD, UNFINISHED, REPLACED = "passed", "failed", "unfinished", "replaced"


@dataclass(frozen=True)
class Standing:
    """One unit. failures: runs that ended badly; reason: of the newest, while it is not good."""

    unit: EnrolledUnit
    state: str
    step: str
    reason: str
    failures: int
    first: str
    last: str
    facts: dict[str, Any]
    successor: str | None


@dataclass(frozen=True)
class Refused:
    """A board that never got a serial, and why."""

    at: str
    port: str
    mac: str
    reason: str


def standings(ledger: Ledger, batch: Batch | None = None) -> list[Standing]:
    """Every unit, or those of a batch, in the order of their serials."""
    return [of_unit(ledger, unit) for unit in ledger.units(batch)]


def of_unit(ledger: Ledger, unit: EnrolledUnit) -> Standing:
    """One unit, by the newest line of its last run."""
    entries = ledger.history(unit.serial)
    successor = ledger.successor(unit.serial)
    state, step, reason = _state(entries)
    if successor:
        state, step, reason = REPLACED, "", f"by {successor.serial}"
    return Standing(
        unit,
        state,
        step,
        reason,
        sum(entry.step == FLASH and entry.outcome == FAILED for entry in entries),
        unit.at,
        entries[-1].at if entries else unit.at,
        _newest_facts(entries),
        successor.serial if successor else None,
    )


def refused(ledger: Ledger) -> list[Refused]:
    """The newest refusal of every board without a serial; none of those that have one by now."""
    boards = {}
    for entry in ledger.history(NO_SERIAL):
        facts = entry.facts
        mac = facts.get("mac", "")
        boards[mac or facts.get("port", "")] = Refused(
            entry.at, facts.get("port", ""), mac, facts.get("reason", "")
        )
    enrolled = {unit.mac for unit in ledger.units()}
    return [board for board in boards.values() if board.mac not in enrolled]


def _state(entries: Sequence[Entry]) -> tuple[str, str, str]:
    """(state, the step it stopped at, reason)."""
    flash = [entry for entry in entries if entry.step == FLASH]
    newest = flash[-1] if flash else None
    if newest is None or newest.outcome == BEGUN:
        return UNFINISHED, _stopped_at(entries), "the run did not end: run it again"
    if newest.outcome == PASSED:
        return GOOD, "", ""
    return BAD, newest.facts.get("step", ""), newest.facts.get("reason", "")


def _stopped_at(entries: Sequence[Entry]) -> str:
    steps = [entry.step for entry in entries if entry.step != FLASH]
    return steps[-1] if steps else ""


def _newest_facts(entries: Sequence[Entry]) -> dict[str, Any]:
    """What every passed step found last, under one name each: chip, image, firmware, ..."""
    facts: dict[str, Any] = {}
    for entry in entries:
        if entry.outcome == PASSED and entry.step != FLASH:
            facts.update(entry.facts)
    return facts
