"""Where a batch stands: its units, the boards refused, and how far it is from finished."""

from collections import Counter
from dataclasses import dataclass

from noisetamer.base.counted import counted
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.refused import Refused, refused
from noisetamer.workshop.ledger.serials import Batch
from noisetamer.workshop.ledger.standing import (
    DONE,
    GONE,
    ROAD,
    STATES,
    Standing,
    standings,
)


@dataclass(frozen=True)
class BatchStanding:
    """One batch. units: in the order of their serials; refused: boards that never got a serial;
    wanted: how many units it is to have, None where nobody said."""

    batch: Batch
    units: list[Standing]
    refused: list[Refused]
    wanted: int | None

    @property
    def counting(self) -> list[Standing]:
        """Its units without those that were replaced or set aside."""
        return [unit for unit in self.units if unit.state not in GONE]

    @property
    def of(self) -> int:
        """How many there are to finish."""
        return max(len(self.counting), self.wanted or 0)

    @property
    def lacking(self) -> int:
        """How many boards are yet to become units."""
        return self.of - len(self.counting)

    def done(self, step: str) -> int:
        """How many units have a step of ROAD behind them."""
        return sum(unit.word(step).state == DONE for unit in self.counting)

    @property
    def finished(self) -> bool:
        """Whether nothing is left for any unit, and none is lacking."""
        return not self.lacking and not any(unit.left for unit in self.counting)

    @property
    def headline(self) -> str:
        """How many units stand how, and how many boards were refused; without a full stop."""
        states = Counter(unit.state for unit in self.units)
        said = ", ".join(f"{states[state]} {state}" for state in STATES if states[state])
        line = counted(len(self.units), "1 unit", "{} units") + (f": {said}" if said else "")
        if self.refused:
            line += f"; {counted(len(self.refused), '1 board refused', '{} boards refused')}"
        return line

    @property
    def finish_line(self) -> str:
        """All that was to be done is done, or how far it has come; a sentence."""
        if self.finished:
            return f"{self.of} of {self.of} {', '.join(ROAD[:-1])} and {ROAD[-1]}."
        ended = sum(not unit.left for unit in self.counting)
        steps = ", ".join(f"{step} {self.done(step)}" for step in ROAD)
        line = f"{ended} of {self.of} finished: {steps}."
        if self.lacking:
            line += " " + counted(
                self.lacking, "1 board is yet to be flashed.", "{} boards are yet to be flashed."
            )
        return line


def gather(ledger: Ledger, batch: Batch) -> BatchStanding:
    """A batch as the ledger has it now."""
    return BatchStanding(
        batch, standings(ledger, batch), refused(ledger, batch), ledger.wanted(batch)
    )
