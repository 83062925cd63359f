"""What one incident of a randomised ladder was dealt, and what came of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One warning of an incident. stage: that it was given in; message: that was said, "light"
    for a minute of red and spotlight; number: within the incident, from 1; after: s from its end
    to the release, or to where it proved to be ineffective.
    """

    stage: str
    message: str
    number: int
    effective: bool
    after: float


@dataclass(frozen=True)
class Dealt:
    """One incident of one unit.

    trial, arm: their names in the policy; probability: with which it was dealt, 0 to 1; start:
    Unix s at which the incident began, and with it red, its first warning; complied: s from there
    to the release, None where the square was not released; watched: s from there to the last that
    is known of it (the release; or the box went silent or deaf: nobody knows what would have
    come); relapse: s from the release to the next incident within the ladder's RELAPSE, None
    where there was none; people: whether somebody was called; outcomes: of its warnings; followed:
    s after the release in which a relapse would have been seen, at most RELAPSE.

    A release is what the box hears: quiet. Whether somebody turned the music down or went home
    anyway it cannot know. That goes home by chance in all arms alike, so arms can be compared,
    and a share of one arm alone proves nothing of its warnings.
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
    outcomes: tuple[Outcome, ...] = ()
    followed: float = 0.0
