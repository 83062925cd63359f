"""The check before and after measuring: more than 0.5 dB apart, and the data between is void."""

from collections.abc import Sequence
from dataclasses import dataclass

from noisetamer.workshop.ledger import entries
from noisetamer.workshop.ledger.ledger import Entry

CALIBRATION, CHECK = entries.CALIBRATION, entries.CALIBRATION_CHECK
"""Steps in the ledger."""

LARGEST_DRIFT = 0.5
"""dB: GB 3096-2008 and GB 22337-2008 on calibration before and after measuring."""


@dataclass(frozen=True)
class Verdict:
    """deviation: what the unit reads too much, dB. drift: since the last time it was looked at,
    `since` (ISO 8601); both None where it never was."""

    deviation: float
    drift: float | None
    since: str | None

    @property
    def void(self) -> bool:
        """Whether what was measured since the last look does not count."""
        drift = self.deviation if self.drift is None else self.drift
        return abs(drift) > LARGEST_DRIFT

    def sentence(self, adjusted: bool) -> str:
        """What it means for the data. adjusted: the unit was put right after that."""
        then = "" if adjusted else "; calibrate"
        if self.drift is None:
            read = _read(self.deviation)
            if adjusted:
                return read
            return f"{read}: the calibration " + (f"does not hold{then}" if self.void else "holds")
        drifted = f"since {self.since} it drifted by {self.drift:+z.2f} dB"
        if self.void:
            return (
                f"{drifted}, {LARGEST_DRIFT:g} dB is allowed: what it measured since then does "
                f"not count{then}"
            )
        return f"{drifted}, within {LARGEST_DRIFT:g} dB: what it measured since then counts"


def _read(deviation: float) -> str:
    if f"{abs(deviation):.2f}" == "0.00":
        return "read the tone right to 0.01 dB"
    return f"read {abs(deviation):.2f} dB too {'much' if deviation > 0 else 'little'}"


def verdict(deviation: float, history: Sequence[Entry]) -> Verdict:
    """history: what the ledger holds of the unit, oldest first."""
    looked = [
        entry
        for entry in history
        if entry.step in (CALIBRATION, CHECK) and "deviation" in entry.facts
    ]
    if not looked:
        return Verdict(deviation, None, None)
    last = looked[-1]
    return Verdict(deviation, deviation - last.facts["deviation"], last.at)
