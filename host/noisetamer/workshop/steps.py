"""Steps of work on a board: each idempotent, it looks first and applies only what is missing.

So the same run begins a unit, resumes one that was cut off, and leaves a good one as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from noisetamer.base.keys.vault import UnitSecrets
from noisetamer.workshop.ledger.ledger import PASSED, Ledger
from noisetamer.workshop.port.connection import Connection


@dataclass(frozen=True)
class Bench:
    """A board that has a serial, and the ledger that knows it."""

    connection: Connection
    serial: str
    secrets: UnitSecrets = field(repr=False)
    ledger: Ledger

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
    """name: in the ledger; look: changes nothing that stays."""

    name: str
    look: Callable[[AnyBench], State]
