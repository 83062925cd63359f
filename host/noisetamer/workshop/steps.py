"""Steps of work on a board: each idempotent, it looks first and applies only what is missing.

So the same run begins a unit, resumes one that was cut off, and leaves a good one as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from noisetamer.base.keys.vault import UnitSecrets
from noisetamer.workshop.ledger.ledger import PASSED, Ledger
from noisetamer.workshop.port.connection import Connection

Ask = Callable[[str], str]
"""Puts a question to the technician, and returns the line typed. Raises EOFError where nobody is
there."""


@dataclass(frozen=True)
class Bench:
    """A board that has a serial, and the ledger that knows it. doing: hears of each part of a long
    step as it begins, and ends the work by raising; ask: None where nobody is there; chain_keys:
    of its chain, oldest first.
    """

    connection: Connection
    serial: str
    secrets: UnitSecrets = field(repr=False)
    ledger: Ledger
    doing: Callable[[str], None]
    ask: Ask | None
    chain_keys: tuple[str, ...] = field(repr=False)

    def passed(self, step: str) -> bool:
        """Whether the ledger's newest word on a step is that it is done."""
        history = self.ledger.history(self.serial, step)
        return bool(history) and history[-1].outcome == PASSED

    def ever_passed(self, step: str) -> bool:
        """Whether any run finished a step, though a later one may have failed."""
        return any(entry.outcome == PASSED for entry in self.ledger.history(self.serial, step))


@dataclass(frozen=True)
class State:
    """What a look found. facts: what the ledger keeps of it once it is so; lacking: what is to
    be done, "" where nothing is; mend: does it, and returns what it found besides.
    """

    facts: dict[str, Any]
    lacking: str = ""
    mend: Callable[[], dict[str, Any]] = dict


AnyBench = TypeVar("AnyBench", bound=Bench, contravariant=True)


@dataclass(frozen=True)
class Step(Generic[AnyBench]):
    """name: in the ledger; look: changes nothing that stays; left: what the step leaves to be done
    though it passed, a clause, "" where nothing.
    """

    name: str
    look: Callable[[AnyBench], State]
    left: Callable[[AnyBench], str] = lambda bench: ""
