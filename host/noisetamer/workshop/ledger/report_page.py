"""The batch report as PDF, A4 across."""

from pathlib import Path
from typing import Any

from noisetamer.base.language import say
from noisetamer.base.paper import pages
from noisetamer.workshop.ledger.batch import BatchStanding
from noisetamer.workshop.ledger.refused import Refused
from noisetamer.workshop.ledger.report import failed
from noisetamer.workshop.ledger.standing import (
    BAD,
    BURNED_IN,
    CALIBRATED,
    DONE,
    FAILED,
    GONE,
    GOOD,
    ROAD,
    Standing,
    Word,
)

_TEMPLATE = Path(__file__).with_name("report_page.typ")
_COLUMNS = (
    "unit",
    "state",
    "board",
    "software",
    "square",
    "policy",
    *ROAD[1:],
    "failed runs",
    "left to do",
)
_COLOURS = {GOOD: "good", BAD: "bad", **dict.fromkeys(GONE, "faint")}


def write(report: BatchStanding, at: str, file: Path) -> None:
    """at: when it was made, UTC. The same ledger gives the same bytes. Raises OSError."""
    words = {
        "batch": str(report.batch),
        "headline": say(report.headline),
        "finish": say(report.finish_line),
        "finished": report.finished,
        "at": say("Made on {at}", at=at),
        "columns": [say(name) for name in _COLUMNS],
        "rows": [*map(_unit, report.units), *map(_refused, report.refused)],
    }
    file.write_bytes(pages.pdf(_TEMPLATE, words))


def _unit(standing: Standing) -> dict[str, Any]:
    facts = standing.facts
    # The MAC tells a board from its like, its package does not.
    board = (standing.unit.mac, str(facts.get("chip") or "").partition(" (")[0])
    software = (facts.get("firmware"), facts.get("micropython"))
    texts = (
        standing.unit.serial,
        say(f"{standing.state} at {standing.step}" if standing.state == BAD else standing.state),
        *("\n".join(str(fact) for fact in pair if fact) for pair in (board, software)),
        str(facts.get("square", "")),
        str(facts.get("policy_name") or facts.get("policy") or ""),
        *(_done(word, standing) for word in standing.words[1:]),
        say(failed(standing)),
        _left(standing),
    )
    return {"texts": texts, "colour": _COLOURS.get(standing.state, "open")}


def _done(word: Word, standing: Standing) -> str:
    """The day on which it was, of what one asks for later; else whether."""
    if standing.state in GONE:
        return ""
    if word.state != DONE:
        return say("failed" if word.state == FAILED else "no")
    return word.at[:10] if word.name in (BURNED_IN, CALIBRATED) else say("yes")


def _left(standing: Standing) -> str:
    if standing.state in GONE:
        return say(standing.reason)
    return say("; ").join(map(say, standing.left)) or say("nothing")


def _refused(board: Refused) -> dict[str, Any]:
    empty = [""] * (len(_COLUMNS) - 4)
    who = board.mac or say("MAC not told")
    return {
        "texts": ("-", say("refused"), who, *empty, f"{say(board.reason)} ({board.port})"),
        "colour": "bad",
    }
