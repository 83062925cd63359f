"""Points, rounds and check-ins."""

from dataclasses import dataclass

PROOFS = ("panel", "rotating", "weak")
"""What a check-in proves: the digits of a box's panel, or of a phone's page at that minute, were
typed; or a printed code was scanned, which a photograph can be too."""


@dataclass(frozen=True)
class Point:
    """Where a guard comes by. id: 0 before it is kept; kind: the strongest of PROOFS it can give;
    unit: of a box's panel; x, y: on the square's plan, 0 to 1."""

    id: int
    square: str
    name: str
    kind: str
    unit: str = ""
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True)
class Round:
    """Points to be visited in a time of day. id: 0 before it is kept; days: as in a policy, none:
    every day; since, until: minutes after local midnight."""

    id: int
    square: str
    name: str
    points: tuple[int, ...]
    days: tuple[str, ...]
    since: int
    until: int


@dataclass(frozen=True)
class CheckIn:
    """A guard was at a point. at: the minute that its digits prove, or what the phone's clock said
    of a weak one, Unix s; told: when the hub heard of it; by: account's name; proof: of PROOFS."""

    id: int
    point: int
    square: str
    at: int
    told: int
    by: str
    proof: str
