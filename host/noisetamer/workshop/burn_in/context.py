"""What all checks of a run share: the unit, who looks on, for how long, by which clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from noisetamer.workshop.burn_in.operator import Operator
from noisetamer.workshop.burn_in.turns import Turns
from noisetamer.workshop.port.session import Session, Snippet

_ON_BOX = Path(__file__).with_name("on_box")
MADE = Snippet(_ON_BOX / "made.py")
"""The unit's hardware, made as its firmware makes it; all checks need it."""

HEARS, KEEPS, LIGHTS, REACHES = (
    Snippet(_ON_BOX / f"{name}.py", (MADE,)) for name in ("hears", "keeps", "lights", "reaches")
)
SIGNS = Snippet(_ON_BOX / "signs.py")


@dataclass(frozen=True)
class Context:
    """about: what the unit says it is (on_box/made.py). minutes: of listening under load. seed:
    of the pattern on flash. begins: hears of each check as it begins. clock: this computer's, s,
    which the unit's is held against. turns: what this unit shares with others on the bench.
    alive: called while the run waits, and ends it by raising.
    """

    unit: Session
    about: dict[str, Any]
    operator: Operator
    minutes: float
    seed: int
    begins: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    turns: Turns = field(default_factory=Turns)
    alive: Callable[[], None] = lambda: None

    def feed(self) -> None:
        """Keep the unit's watchdog quiet, while somebody thinks."""
        self.alive()
        self.unit.call(MADE, "feed")
