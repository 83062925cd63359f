"""Whom a step of a plan reaches at a time. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from noisetamer.hub.incidents.plan import ON_CALL, Plan, Step
from noisetamer.hub.people.accounts import key_of
from noisetamer.hub.people.roles import ROLES
from tamer.judge.calendar import within

LEADER = "leader"
"""The role of whoever leads a group."""


@dataclass(frozen=True)
class Reachable:
    """One way to one person. person, contact: ids of account and contact; squares: the person's,
    None: all; quiet: (from, to), minutes after midnight, in which it is not used, None: never;
    within: the squares of the person's district, None: of the city, for whom there is no other.
    """

    person: int
    name: str
    role: str
    squares: frozenset[str] | None
    contact: int
    channel: str
    quiet: tuple[int, int] | None = None
    within: frozenset[str] | None = None


@dataclass(frozen=True)
class Playing:
    """A group that may play now, by its permit. account: its leader's, "" without one."""

    group: str
    account: str = ""


@dataclass(frozen=True)
class Reached:
    """ways: to whom it goes; why nobody, where there are none: "hours" (the step's), "quiet"
    (theirs), "none" (there is no such person, or none with a contact)."""

    ways: tuple[Reachable, ...]
    why: str = ""


def reached(
    step: Step,
    plan: Plan,
    square: str,
    directory: Iterable[Reachable],
    at: float,
    playing: Sequence[Playing] = (),
) -> Reached:
    """at: Unix s; playing: in the square then: of leaders, theirs are meant and no others. Each
    contact once, in the order of the directory."""
    if not plan.within(step.hours, at):
        return Reached((), "hours")
    on_call = plan.on_call_at(at) if ON_CALL in step.who else frozenset()
    wanted = [
        way
        for way in directory
        if _is_meant(way, step, square, on_call, playing)
        and (not step.channels or way.channel in step.channels)
    ]
    if not wanted:
        return Reached((), "none")
    if not step.wakes:
        minute = (int(at) + plan.utc_offset) % 86_400 // 60
        wanted = [way for way in wanted if not (way.quiet and within(*way.quiet, minute))]
    return Reached(tuple(wanted), "" if wanted else "quiet")


def _is_meant(
    way: Reachable,
    step: Step,
    square: str,
    on_call: frozenset[str],
    playing: Sequence[Playing],
) -> bool:
    """By role only in the person's own squares; by name wherever in the district the plan says
    so."""
    if way.within is not None and square not in way.within:
        return False
    named = {key_of(one) for one in (*on_call, *step.who) if one not in ROLES}
    if key_of(way.name) in named:
        return True
    if playing and LEADER in step.who:
        # whoever leads a group that is not here is not rung for one that is
        leads = key_of(way.name) in {key_of(one.account) for one in playing if one.account}
        if leads or way.role == LEADER:
            return leads
    return way.role in step.who and (way.squares is None or square in way.squares)
