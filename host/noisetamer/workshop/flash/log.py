"""A run's lines in the ledger: before each step and after it; none where all is well already."""

from typing import Any

from noisetamer.workshop.flash.job import IDENTIFY, FlashOutcome
from noisetamer.workshop.ledger.entries import FLASH
from noisetamer.workshop.ledger.ledger import BEGUN, FAILED, NO_SERIAL, PASSED, Ledger
from noisetamer.workshop.ledger.serials import Batch
from noisetamer.workshop.ledger.standing import SET_ASIDE, of_unit
from noisetamer.workshop.steps import State


class Log:
    """Of one board. Raises UserError when the ledger cannot be written."""

    def __init__(self, ledger: Ledger, batch: Batch, outcome: FlashOutcome) -> None:
        self._ledger = ledger
        self._batch = batch
        self._outcome = outcome

    def settle(self, step: str, state: State) -> None:
        """Do what is lacking, with a line before and one after; a line, too, for what was done
        when the host was killed before it could write one."""
        facts = state.facts
        if not state.lacking and self._has(step, facts):
            return
        if not self._outcome.changed:
            self._outcome.changed = True
            self._record(FLASH, BEGUN, {"port": self._outcome.port})
        if state.lacking:
            self._record(step, BEGUN, {"what": state.lacking})
            facts = {**facts, **state.mend()}
        self._record(step, PASSED, facts)

    def end(self) -> None:
        """The verdict."""
        outcome = self._outcome
        reason = {"port": outcome.port, "reason": outcome.reason}
        if not outcome.serial:
            facts = {"mac": outcome.mac, "batch": str(self._batch), **reason}
            self._ledger.record(NO_SERIAL, IDENTIFY, FAILED, facts)
        elif not outcome.passed:
            self._record(outcome.step, FAILED, reason)
            self._record(FLASH, FAILED, {"step": outcome.step, **reason})
        elif outcome.changed or not self._has(FLASH, {}) or self._is_set_aside():
            facts = {"port": outcome.port, "seconds": round(outcome.seconds, 1)}
            self._record(FLASH, PASSED, facts)

    def _record(self, step: str, outcome: str, facts: dict[str, Any]) -> None:
        self._ledger.record(self._outcome.serial, step, outcome, facts)

    def _is_set_aside(self) -> bool:
        """A unit given up that is good all the same comes back by this line."""
        unit = self._ledger.unit(self._outcome.serial)
        return of_unit(self._ledger, unit).state == SET_ASIDE

    def _has(self, step: str, facts: dict[str, Any]) -> bool:
        """Whether the newest line of a step says that it is done, with these facts."""
        history = self._ledger.history(self._outcome.serial, step)
        if not history or history[-1].outcome != PASSED:
            return False
        return facts.items() <= history[-1].facts.items()
