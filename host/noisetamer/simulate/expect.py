"""What a scenario promises: its `[expect]` table, read and held against a finished run.

Every expectation is asked of every unit by itself, so a fleet passes only if each box does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.simulate.expectation_kinds import KINDS, Found, Lines
from noisetamer.square.table import ended, nearest


@dataclass(frozen=True)
class Verdict:
    """One expectation held against one unit. `sentence` reads "expected ..., saw ...".

    undecided: not passed, but the run ended before the story did.
    """

    name: str
    unit: str
    passed: bool
    sentence: str
    undecided: bool = False

    @property
    def failed(self) -> bool:
        """Not passed, and nothing is to come that could change it."""
        return not self.passed and not self.undecided


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
                unknown = f"{where}: [expect] has the unknown key {name}{nearest(name, KINDS)}"
                raise UserError(ended(unknown))
            try:
                values[name] = KINDS[name].parse(raw)
            except ValueError as why:
                raise UserError(ended(f"{where}: [expect] {name} {why}")) from None
        return cls(values)


@dataclass(frozen=True)
class Run:
    """What of the story was run.

    cut: it ended before the story did. late_s: {unit: how much later its story begins, s}.
    """

    cut: bool = False
    late_s: Mapping[str, int] = field(default_factory=dict)


_WHOLE = Run()


def check(
    expectations: Expectations,
    summary: dict[str, Any],
    lines: Iterable[dict[str, Any]],
    run: Run = _WHOLE,
) -> list[Verdict]:
    """Hold the expectations against a run's summary and trace lines: one Verdict each and unit.

    A run without any unit meets nothing: each expectation then fails once, with unit "". What
    a run that was cut has not met, and the rest of the story might, is left undecided.
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
            late = timedelta(seconds=run.late_s.get(unit, 0))
            found = Found(summary["units"][unit], events, late)
            passed, expected, saw, final = KINDS[name].judge(wanted, found)
            undecided = run.cut and not passed and not final
            sentence = f"expected {expected}, saw {saw}"
            verdicts.append(Verdict(name, unit, passed, sentence, undecided))
    return verdicts
