"""Hours of a unit, as the box summed them up or by the same arithmetic. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from noisetamer.hub.store.minutes import Columns
from noisetamer.hub.store.periods import summed_up, told_better

LEVELS = ("LAeq", "LAFmax", "L10", "L50", "L90")
"""Of an hour: fields of the box's event, of `Hour`, and of Statistics."""


@dataclass(frozen=True)
class Hour:
    """One hour of the clock, from Unix time t on.

    Levels over its valid seconds in 0.1 dB, MISSING without one; LN: exceeded in N % of them.
    valid: how many.
    """

    t: int
    LAeq: int
    LAFmax: int
    L10: int
    L50: int
    L90: int
    valid: int


def hour(t: int, columns: Columns, told: Iterable[dict[str, Any]]) -> Hour | None:
    """The hour from t on; None when nothing is known of it.

    columns: shape (5, 3600), its seconds as stored; told: fields of the box's own `hour` events
    of it (several, when the box started anew).
    """
    better = told_better(columns, told)
    if better is not None:
        return Hour(t, *(better[name] for name in LEVELS), valid=better["valid_seconds"])
    found = summed_up(t, columns)
    return found and Hour(t, *(getattr(found, name) for name in LEVELS), valid=found.valid)
