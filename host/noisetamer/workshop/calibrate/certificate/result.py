"""What a method found, in the shape that page, ledger and unit share."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from noisetamer.workshop.calibrate.certificate.uncertainty import Component, combined
from noisetamer.workshop.calibrate.unit.instrument import Equaliser


@dataclass(frozen=True)
class Result:
    """What a method found. change: dB to add to the calibration, None where it tells none.

    deviation: what the unit read too much with the calibration that held, dB. summary: names
    and values for the page. readings: columns of numbers of one length, for plot and JSON.
    notes: sentences.
    """

    method: str
    budget: Sequence[Component]
    summary: dict[str, str]
    readings: dict[str, list[float]]
    change: float | None = None
    deviation: float | None = None
    equaliser: Equaliser | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def U(self) -> float | None:
        """Expanded uncertainty (k = 2) of `change`, dB; None without a budget."""
        return combined(self.budget) if self.budget else None
