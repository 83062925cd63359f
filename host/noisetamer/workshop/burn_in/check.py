"""What one check found: a name, a limit, what was measured, and a verdict in one sentence."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from noisetamer.workshop.ledger import entries

PASSED, FAILED = "passed", "failed"
# Nobody has looked, or what was seen is no proof; the unit has no such part, or it is not to use
# it; what the check needs was not there.
NOT_CONFIRMED, NOT_APPLICABLE, NOT_RUN = entries.NOT_CONFIRMED, "not applicable", entries.NOT_RUN

# Outcomes after which nothing is left to do.
SETTLED = (PASSED, NOT_APPLICABLE)
# Nothing failed, and something is left to do.
OPEN = (NOT_CONFIRMED, NOT_RUN)


class Fault(NamedTuple):
    """what is wrong, and what to do about it: a clause each."""

    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.what}: {self.do}"


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
    name: str, limit: str, faults: Sequence[Fault], well: str, measured: dict[str, Any]
) -> Check:
    """Passed with the sentence `well`; failed with the faults where there are any."""
    if faults:
        return Check(name, FAILED, limit, "; ".join(map(str, faults)), measured)
    return Check(name, PASSED, limit, well, measured)
