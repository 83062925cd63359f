"""What all checks of a run share: the unit, who looks on, for how long, by which clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from noisetamer.workshop.burn_in.operator import Technician
from noisetamer.workshop.burn_in.session import Session


@dataclass(frozen=True)
class Desk:
    """minutes: of listening under load. seed: of the pattern on flash. clock: this computer's,
    s, which the unit's is held against. told: hears what is under way.
    """

    unit: Session
    technician: Technician
    minutes: float
    seed: int
    told: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
