"""Boards that were refused before they got a serial."""

from dataclasses import dataclass

from noisetamer.workshop.ledger.entries import FLASH
from noisetamer.workshop.ledger.ledger import NO_SERIAL, Ledger
from noisetamer.workshop.ledger.serials import Batch


@dataclass(frozen=True)
class Refused:
    """A board that never got a serial, and why. mac: "" where it did not even tell that."""

    at: str
    port: str
    mac: str
    reason: str


def refused(ledger: Ledger, batch: Batch | None = None) -> list[Refused]:
    """The newest refusal of every board, oldest first; none of those that became a unit since.

    batch: only boards that were to become units of it, and those of before the ledger kept that.
    A board that did not tell its MAC is known by its port: the next unit there takes its place.
    """
    boards: dict[str, tuple[Refused, str]] = {}
    for entry in ledger.history(NO_SERIAL):
        facts = entry.facts
        board = Refused(
            entry.at, facts.get("port", ""), facts.get("mac", ""), facts.get("reason", "")
        )
        # Out and in again, or told its MAC at last: this one is newer.
        key = board.mac or board.port
        boards.pop(key, None)
        if board.mac and board.port in boards and not boards[board.port][0].mac:
            del boards[board.port]
        boards[key] = board, str(facts.get("batch", ""))
    if not boards:
        return []
    enrolled = {unit.mac for unit in ledger.units()}
    worked_at = _last_work(ledger)
    return [
        board
        for board, wanted in boards.values()
        if board.mac not in enrolled
        and (board.mac or worked_at.get(board.port, "") < board.at)
        and (batch is None or wanted in ("", str(batch)))
    ]


def _last_work(ledger: Ledger) -> dict[str, str]:
    """When a unit was last worked on, by port."""
    at: dict[str, str] = {}
    for entry in ledger.step(FLASH):
        port = entry.facts.get("port", "")
        at[port] = max(entry.at, at.get(port, ""))
    return at
