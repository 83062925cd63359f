"""A batch as a table: one row a unit, for people (PDF) and for spreadsheets (CSV)."""

import csv
import io
from collections import Counter
from dataclasses import dataclass

from noisetamer.base.counted import counted
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.refused import Refused, refused
from noisetamer.workshop.ledger.serials import Batch
from noisetamer.workshop.ledger.standing import STATES, Standing, standings

COLUMNS: tuple[str, ...] = (
    "serial",
    "mac",
    "chip",
    "state",
    "step",
    "reason",
    "failures",
    "firmware",
    "micropython",
    "kernel",
    "square",
    "policy",
    "hub",
    "first",
    "last",
    "replaces",
    "replaced_by",
)


@dataclass(frozen=True)
class Report:
    """One batch: its units, and boards refused before they got a serial (of any batch)."""

    batch: Batch
    units: list[Standing]
    refused: list[Refused]

    @property
    def headline(self) -> str:
        """How many units stand how, and how many boards were refused; without a full stop."""
        states = Counter(unit.state for unit in self.units)
        said = ", ".join(f"{states[state]} {state}" for state in STATES if states[state])
        line = f"{counted(len(self.units), '1 unit', '{} units')}: {said}"
        if self.refused:
            line += f"; {counted(len(self.refused), '1 board refused', '{} boards refused')}"
        return line


def gather(ledger: Ledger, batch: Batch) -> Report:
    """A batch as the ledger has it now."""
    return Report(batch, standings(ledger, batch), refused(ledger, batch))


def to_csv(report: Report) -> str:
    """With a heading; refused boards last, without a serial."""
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    rows.writeheader()
    for unit in report.units:
        rows.writerow(_row(unit))
    for board in report.refused:
        rows.writerow(
            {
                "mac": board.mac,
                "state": "refused",
                "reason": f"{board.reason} (on {board.port})",
                "last": board.at,
            }
        )
    return text.getvalue()


def _row(standing: Standing) -> dict[str, object]:
    facts = {name: standing.facts.get(name) or "" for name in COLUMNS}
    return {
        **facts,
        "serial": standing.unit.serial,
        "mac": standing.unit.mac,
        "state": standing.state,
        "step": standing.step,
        "reason": standing.reason,
        "failures": standing.failures,
        "first": standing.first,
        "last": standing.last,
        "replaces": standing.unit.replaces or "",
        "replaced_by": standing.successor or "",
    }
