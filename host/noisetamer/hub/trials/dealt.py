"""What one incident of a randomised ladder was dealt, and what came of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dealt:
    """One incident of one unit.

    trial, arm: their names in the policy; probability: with which it was dealt, 0 to 1; start:
    Unix s of the first warning; complied: s from there to the release, None where the square was
    not released; watched: s from there to the last that is known of it (a music that ended, a box
    that went silent: nobody knows what would have come); relapse: s from the release to the next
    incident within the trial's time, None where there was none; people: whether somebody was
    called.
    """

    unit: str
    square: str
    trial: str
    arm: str
    probability: float
    start: int
    complied: float | None
    watched: float
    relapse: float | None
    people: bool
