"""The batch report as PDF, A4 across."""

from pathlib import Path
from typing import Any

from noisetamer.base.paper import pages
from noisetamer.workshop.ledger.report import Report
from noisetamer.workshop.ledger.standing import GOOD, Standing

_TEMPLATE = Path(__file__).with_name("report_page.typ")
_COLUMNS = (
    "unit",
    "state",
    "MAC",
    "firmware",
    "MicroPython",
    "square",
    "policy",
    "failed",
    "reason",
)


def write(report: Report, at: str, file: Path) -> None:
    """at: when it was made, UTC. The same ledger gives the same bytes. Raises OSError."""
    rows = [_unit(standing) for standing in report.units]
    rows += [_refused(board.mac or board.port, board.reason) for board in report.refused]
    words = {
        "batch": str(report.batch),
        "headline": report.headline,
        "at": at,
        "columns": _COLUMNS,
        "rows": rows,
    }
    file.write_bytes(pages.pdf(_TEMPLATE, words))


def _unit(standing: Standing) -> dict[str, Any]:
    facts = standing.facts
    texts = (
        standing.unit.serial,
        standing.state,
        standing.unit.mac,
        str(facts.get("firmware", "")),
        str(facts.get("micropython", "")),
        str(facts.get("square", "")),
        str(facts.get("policy", "")),
        str(standing.failures or ""),
        f"{standing.step}: {standing.reason}" if standing.step else standing.reason,
    )
    return {"texts": texts, "colour": "good" if standing.state == GOOD else "bad"}


def _refused(who: str, reason: str) -> dict[str, Any]:
    return {"texts": ("-", "refused", who, "", "", "", "", "", reason), "colour": "bad"}
