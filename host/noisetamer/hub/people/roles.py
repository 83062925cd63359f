"""The roles, as a table of data, and what an account may do by its role. Pure."""

from dataclasses import dataclass

_LOOK = ("see",)
_ANSWER = ("acknowledge",)
_STEP_IN = ("pictures", "close", "silence", "say", "speak", "spotlight", "mute", "policy.see")
_PROVE = ("evidence", "toolbox")
_WALK = ("patrol",)
_MANAGE = ("patrols", "open_day", "complaints", "public")
_TECHNICAL = ("fleet", "examine", "calibrate", "restart", "volume", "voices")
_RULE = ("policy.change", "squares.change")
_PERMIT = ("permits",)
_ROLL_OUT = ("update",)
_GOVERN = ("people", "audit")
_OWN = ("backup", "log", "districts")

PERMISSIONS = (
    *(_LOOK + _ANSWER + _STEP_IN + _PROVE + _WALK + _MANAGE),
    *(_TECHNICAL + _RULE + _PERMIT + _ROLL_OUT + _GOVERN + _OWN),
)
"""What can be allowed. say: a stored message; speak: a typed sentence, hold to talk; evidence: a
bundle of an incident, with its pictures and who did what; update: stop a roll-out, let it go
on; patrol: check in on a round; patrols: points and rounds, and who walked them; open_day: what
residents asked; permits: decide what groups apply for, and see who leads them; complaints: read,
bring in and forget what residents complained of; public: what everybody sees of a square;
toolbox: the five ways of looking; log: what the hub has committed to; districts: make them."""

ROLES: dict[str, frozenset[str]] = {
    "viewer": frozenset(_LOOK),
    "leader": frozenset(_LOOK + _ANSWER),
    "guard": frozenset(_LOOK + _ANSWER + _WALK),
    "property": frozenset(_LOOK + _ANSWER + _STEP_IN + _PROVE + _WALK + _MANAGE + _PERMIT),
    "officer": frozenset(
        (*_LOOK, *_ANSWER, *_STEP_IN, *_PROVE, *_WALK, *_MANAGE, *_PERMIT, "fleet")
    ),
    "operator": frozenset(
        (*_LOOK, *_TECHNICAL, *_RULE, *_PERMIT, *_ROLL_OUT, "policy.see", "say", "public")
    ),
    "admin": frozenset(PERMISSIONS),
}
"""{role: its permissions}"""


OF_A_DISTRICT = frozenset(_GOVERN)
"""Those that no square has of its own, and a district does: whoever is for some squares only may
not do it anywhere, or could make himself one who is for all."""

OF_THE_CITY = frozenset(_ROLL_OUT + _OWN)
"""Those that no district has either: the hub has one log, one backup, and releases that are
everybody's."""


@dataclass(frozen=True)
class District:
    """A part of the city that sees its own and nothing else. squares: all that are in it."""

    id: int
    name: str
    squares: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Account:
    """One person who can log in.

    squares: those it is for; None: all of the hub. district: to which it belongs, None: to the
    city; all_of_district: it is for whatever is put into that.
    """

    id: int
    name: str
    display: str
    role: str
    squares: frozenset[str] | None = None
    language: str = "zh"
    district: District | None = None
    all_of_district: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is for all there is where it belongs."""
        return self.squares is None or (self.district is not None and self.all_of_district)

    def may(self, permission: str, square: str | None = None) -> bool:
        """Whether it may do that, in that square; without one: in any."""
        if permission not in ROLES[self.role]:
            return False
        if self.squares is None:
            return True
        if permission in OF_THE_CITY or (permission in OF_A_DISTRICT and not self.whole):
            return False
        return square is None or square in self.squares

    def knows(self, other: "Account") -> bool:
        """Whether the other is one whose work it sees: of its own district, or of the city."""
        return self.district is None or other.district is None or self.governs(other)

    def governs(self, other: "Account") -> bool:
        """Whether the other is one of those whom it may see, and change where it may anybody."""
        return self.squares is None or (
            self.district is not None
            and other.district is not None
            and self.district.id == other.district.id
        )


EVERYTHING = Account(0, "", "", "admin")
"""May do everything: who works at the hub's own computer."""
