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
_GOVERN = ("people", "audit", "backup")

PERMISSIONS = (
    *(_LOOK + _ANSWER + _STEP_IN + _PROVE + _WALK + _MANAGE),
    *(_TECHNICAL + _RULE + _PERMIT + _ROLL_OUT + _GOVERN),
)
"""What can be allowed. say: a stored message; speak: a typed sentence, hold to talk; evidence: a
bundle of an incident, with its pictures and who did what; update: stop a roll-out, let it go
on; patrol: check in on a round; patrols: points and rounds, and who walked them; open_day: what
residents asked; permits: decide what groups apply for, and see who leads them; complaints: read,
bring in and forget what residents complained of; public: what everybody sees of a square;
toolbox: the five ways of looking."""

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


OF_THE_HUB = frozenset(_ROLL_OUT + _GOVERN)
"""Those that no square has of its own: whoever is for some squares only may not do it anywhere,
or could make himself one who is for all, and rolls nothing out to boxes of others."""


@dataclass(frozen=True)
class Account:
    """One person who can log in. squares: those it is for; None: all of them."""

    id: int
    name: str
    display: str
    role: str
    squares: frozenset[str] | None = None
    language: str = "zh"

    def may(self, permission: str, square: str | None = None) -> bool:
        """Whether it may do that, in that square; without one: in any."""
        here = self.squares is None or (
            permission not in OF_THE_HUB and (square is None or square in self.squares)
        )
        return here and permission in ROLES[self.role]


EVERYTHING = Account(0, "", "", "admin")
"""May do everything: who works at the hub's own computer."""
