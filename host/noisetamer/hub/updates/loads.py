"""What is rolled out: a release, a policy or a message, each by an order of its own. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

UPDATE, POLICY, VOICE = "update", "policy", "voice"


@dataclass(frozen=True)
class Body:
    """What one kind of box gets. board: its board file's name, "": any; fields: of the order,
    without size and digest; sha256, size: of what is sent in parts.
    """

    board: str
    fields: dict[str, Any]
    sha256: str
    size: int


@dataclass(frozen=True)
class Load:
    """name: for people; number: of a release, 0 of anything else; until: how long its stamp
    holds, Unix s, None: it has none; about: what else people are shown.
    """

    verb: str
    name: str
    bodies: tuple[Body, ...]
    number: int = 0
    until: int | None = None
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def boards(self) -> list[str]:
        """Each as its body has it."""
        return [body.board for body in self.bodies]

    @property
    def digests(self) -> set[str]:
        return {body.sha256 for body in self.bodies}

    def of(self, board: str) -> Body:
        """The one of that board. Raises StopIteration where there is none."""
        return next(body for body in self.bodies if body.board == board)

    def for_unit(self, board: str) -> tuple[str, str]:
        """(the board of its body, why it gets none). board: of the unit, "" where not known."""
        if board in self.boards:
            return board, ""
        if "" in self.boards:
            return "", ""
        if not board and len(self.bodies) == 1:
            # it refuses what is for another
            return self.bodies[0].board, ""
        return "", "other board" if board else "board unknown"


def to_fields(load: Load) -> dict[str, Any]:
    """For JSON."""
    return asdict(load)


def from_fields(found: Mapping[str, Any]) -> Load:
    return Load(**{**found, "bodies": tuple(Body(**body) for body in found["bodies"])})
