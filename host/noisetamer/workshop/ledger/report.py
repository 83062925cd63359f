"""A batch as a table for spreadsheets: one row a unit."""

import csv
import io

from noisetamer.workshop.ledger.batch import BatchStanding
from noisetamer.workshop.ledger.refused import Refused
from noisetamer.workshop.ledger.standing import (
    BURNED_IN,
    CALIBRATED,
    DONE,
    FLASHED,
    HANDED_OVER,
    LABELLED,
    LAMPS_SEEN,
    Runs,
    Standing,
)

COLUMNS: tuple[str, ...] = (
    "serial",
    "mac",
    "port",
    "chip",
    "state",
    "step",
    "reason",
    "left",
    "failures",
    "failed",
    "firmware",
    "micropython",
    "kernel",
    "square",
    "policy_name",
    "policy",
    "hub",
    "flashed",
    "burned_in",
    "lamps_seen",
    "calibrated",
    "calibration_due",
    "certificate",
    "labelled",
    "handed_over",
    "first",
    "last",
    "replaces",
    "replaced_by",
)
_STEPS = {
    "flashed": FLASHED,
    "burned_in": BURNED_IN,
    "lamps_seen": LAMPS_SEEN,
    "calibrated": CALIBRATED,
    "labelled": LABELLED,
    "handed_over": HANDED_OVER,
}


def to_csv(report: BatchStanding) -> str:
    """With a heading; refused boards without a serial; the finish line is the last row's reason.

    The steps have the time at which they were done (UTC), or nothing.
    """
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    rows.writeheader()
    for unit in report.units:
        rows.writerow(_row(unit))
    for board in report.refused:
        rows.writerow(_refused(board))
    rows.writerow({"serial": str(report.batch), "state": "batch", "reason": report.finish_line})
    return text.getvalue()


def failed(standing: Standing) -> str:
    """What failed, and of how many runs; "" where nothing did."""
    kinds = (("flashing", standing.flashings), ("burn-in", standing.burn_ins))
    return ", ".join(_of(name, runs) for name, runs in kinds if runs.failed)


def _of(name: str, runs: Runs) -> str:
    return f"{name} {runs.failed} of {runs.all}"


def _row(standing: Standing) -> dict[str, object]:
    facts = {name: standing.facts.get(name) or "" for name in COLUMNS}
    return {
        **facts,
        "serial": standing.unit.serial,
        "mac": standing.unit.mac,
        "port": "",
        "state": standing.state,
        "step": standing.step,
        "reason": standing.reason,
        "left": "; ".join(standing.left),
        "failures": standing.failures,
        "failed": failed(standing),
        **{column: _done_at(standing, step) for column, step in _STEPS.items()},
        "calibration_due": standing.facts.get("due") or "",
        "first": standing.first,
        "last": standing.last,
        "replaces": standing.unit.replaces or "",
        "replaced_by": standing.successor or "",
    }


def _done_at(standing: Standing, step: str) -> str:
    word = standing.word(step)
    return word.at if word.state == DONE else ""


def _refused(board: Refused) -> dict[str, object]:
    return {
        "mac": board.mac,
        "port": board.port,
        "state": "refused",
        "step": "identify",
        "reason": board.reason,
        "last": board.at,
    }
