"""What speaks against an application: other groups, quiet days, the policy's hours. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from noisetamer.hub.permits import hours
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.unit.policy.days import Calendar
from tamer.judge.calendar import DAY, stretch
from tamer.judge.policy import Policy
from tamer.judge.rules import ruling

KINDS = ("place", "near", "quiet", "closed", "limit")
"""place: another group has the same place at the same time; near: another place of the square, so
both are heard; quiet: a quiet day of the policy, such as of exams; closed: outside the policy's
allowed hours; limit: the policy is stricter then than what is asked for."""

_OUTSIDE = "outside the allowed hours"


@dataclass(frozen=True)
class Conflict:
    """kind: of KINDS; at: when first, Unix s; times: on how many of its days, 0: not counted;
    name: of the group or the quiet day; waiting: the other is not decided either; limit: the
    policy's, 0.1 dB."""

    kind: str
    at: int
    times: int = 0
    name: str = ""
    waiting: bool = False
    limit: int = 0


def conflicts(
    asked: Permit,
    others: Sequence[tuple[Group, Permit]],
    calendar: Calendar,
    policy: Policy | None,
) -> list[Conflict]:
    """The gravest kind first. others: groups and permits of the square; those that were refused
    or revoked, and the asked one itself, stand in nobody's way."""
    found = []
    for group, permit in others:
        if permit.state not in ("applied", "approved") or permit.id == asked.id:
            continue
        if (at := hours.meet(asked, permit, calendar)) is not None:
            kind = "place" if permit.place.strip() == asked.place.strip() else "near"
            found.append(Conflict(kind, at, 0, group.name, permit.state == "applied"))
    found += _of_policy(asked, calendar, policy) if policy else []
    return sorted(found, key=lambda one: KINDS.index(one.kind))


def _of_policy(asked: Permit, calendar: Calendar, policy: Policy) -> list[Conflict]:
    first: dict[tuple[str, str], Conflict] = {}
    for begin, end in hours.spans(asked, calendar, asked.first, asked.last):
        today: set[tuple[str, str]] = set()
        at = begin
        while at < end:
            now = ruling(policy, at)
            day = (at + stretch(policy.clock, at)[0]) // DAY
            quiet = next((one for one in policy.quiet if one.first <= day <= one.last), None)
            kind = name = ""
            if quiet:
                kind, name = "quiet", quiet.name
            elif now.why.startswith(_OUTSIDE):
                kind = "closed"
            elif now.limit < asked.limit and not now.why.startswith("venue rule"):
                kind = "limit"
            if kind and (kind, name) not in today:
                today.add((kind, name))
                one = first.get((kind, name)) or Conflict(kind, at, 0, name, limit=now.limit)
                limit = min(one.limit, now.limit)
                first[kind, name] = Conflict(kind, one.at, one.times + 1, name, limit=limit)
            at = end if now.until is None else now.until
    return list(first.values())
