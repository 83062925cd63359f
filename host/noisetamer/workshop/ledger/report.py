"""A batch as a table: one row a unit, for people (PDF) and for spreadsheets (CSV)."""

import csv
import io
from dataclasses import dataclass

from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.serials import Batch
from noisetamer.workshop.ledger.standing import GOOD, Refused, Standing, refused, standings

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
    def good(self) -> int:
        """How many units passed."""
        return sum(unit.state == GOOD for unit in self.units)

    @property
    def headline(self) -> str:
        """One sentence: how many units, passed or not, and boards refused."""
        bad = len(self.units) - self.good
        line = f"{len(self.units)} units: {self.good} passed, {bad} not"
        return line + (f"; boards refused: {len(self.refused)}" if self.refused else "")


def gather(ledger: Ledger, batch: Batch) -> Report:
    """A batch as the ledger has it now."""
    return Report(batch, standings(ledger, batch), refused(ledger))


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
