"""Drift across units: what the ledger knows of their calibrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from noisetamer.workshop.calibrate.drift.verdict import CALIBRATION, CHECK, LARGEST_DRIFT
from noisetamer.workshop.ledger.ledger import Entry


@dataclass(frozen=True)
class Point:
    """One look at a unit. drift: what it would read too much, had it only been adjusted the
    first time, dB. as_found: what it read too much just then; None the first time. left: what it
    reads too much since then. U: k = 2, dB."""

    at: datetime
    drift: float
    as_found: float | None
    left: float
    U: float

    @property
    def beyond(self) -> bool:
        """Whether it had drifted by more than is allowed."""
        return self.as_found is not None and abs(self.as_found) > LARGEST_DRIFT


@dataclass(frozen=True)
class Course:
    """One unit over the years. due: None where it was never calibrated."""

    serial: str
    points: Sequence[Point]
    due: date | None

    @property
    def drifted(self) -> bool:
        """Whether it was left off by more than is allowed when it was last looked at."""
        return bool(self.points) and abs(self.points[-1].left) > LARGEST_DRIFT

    def overdue(self, today: date) -> bool:
        """Whether it should have been calibrated before `today`."""
        return self.due is not None and self.due < today


def course(serial: str, history: Sequence[Entry]) -> Course:
    """history: of the ledger, oldest first. Refused runs do not count, nor those per frequency;
    checks do once there was a calibration."""
    points: list[Point] = []
    first = offset = 0.0
    due = None
    for entry in history:
        facts = entry.facts
        if entry.step not in (CALIBRATION, CHECK) or "deviation" not in facts:
            continue
        at = datetime.fromisoformat(entry.at)
        if entry.step == CALIBRATION:
            due = date.fromisoformat(facts["due"])
            offset = facts["offset"]
            # What it read before its first calibration is no drift.
            as_found = facts["as_found"] if points else None
            first = first if points else offset
            points.append(Point(at, first - offset, as_found, facts["deviation"], facts["U"]))
        elif points:
            as_found = facts["deviation"]
            points.append(Point(at, first - offset + as_found, as_found, as_found, facts["U"]))
    return Course(serial, points, due)
