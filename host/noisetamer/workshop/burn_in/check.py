"""What one check found: a name, a limit, what was measured, and a verdict in one sentence."""

from dataclasses import asdict, dataclass, field
from typing import Any

PASSED, FAILED = "passed", "failed"
# Nobody has looked; the unit has no such part; what it needs was not set.
NOT_CONFIRMED, NOT_APPLICABLE, NOT_RUN = "not confirmed", "not applicable", "not run"

# Outcomes that hold for as long as the firmware does.
SETTLED = (PASSED, NOT_APPLICABLE)


@dataclass(frozen=True)
class Check:
    """measured: JSON, by names of quantities with their units. at: when, UTC, ISO 8601."""

    name: str
    outcome: str
    limit: str
    verdict: str
    measured: dict[str, Any] = field(default_factory=dict)
    at: str = ""

    def to_table(self) -> dict[str, Any]:
        """Its fields by name, as JSON carries them."""
        return asdict(self)


def from_table(table: dict[str, Any]) -> Check:
    """Undoes `Check.to_table`. Raises TypeError where a field is missing or unknown."""
    return Check(**table)


def judged(
    name: str, limit: str, reasons: list[str], well: str, measured: dict[str, Any]
) -> Check:
    """Passed with the sentence `well`; failed with the reasons where there are any."""
    if reasons:
        return Check(name, FAILED, limit, "; ".join(reasons), measured)
    return Check(name, PASSED, limit, well, measured)
