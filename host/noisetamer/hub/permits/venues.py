"""Pacts as rules of a square's policy: what is to stand there, put in, and found missing. Pure.

A pact's rule is named "GROUP #NUMBER" by its permit, which is how it is known again; rules that
people wrote are left as they are. Pacts come first, the older before the newer: of several rules
that hold at a time a box takes the first (`tamer.judge.rules`). A rule has no dates, so it is put
in on the permit's first day and taken out after its last: by a person, with a policy that is sent.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

from noisetamer.base.errors import UserError
from noisetamer.hub.permits.hours import text_of_minute
from noisetamer.hub.permits.permit import Group, Permit
from tamer.judge import readers
from tamer.judge.calendar import DAYS
from tamer.judge.policy import Policy, Venue

_OURS = re.compile(r".* #[1-9][0-9]*\Z", re.DOTALL)


def name_of(group: Group, permit: Permit) -> str:
    """Of the rule; it stands in what a box tells of its limit."""
    return f"{group.name} #{permit.id}"


def in_force(pacts: Iterable[tuple[Group, Permit]], today: date) -> list[tuple[Group, Permit]]:
    """Those whose rule is to stand in the policy today, in the order of their numbers."""
    found = [
        (group, permit)
        for group, permit in pacts
        if permit.state == "approved" and permit.first <= today <= permit.last
    ]
    return sorted(found, key=lambda pair: pair[1].id)


def with_pacts(text: str, pacts: Sequence[tuple[Group, Permit]]) -> str:
    """The policy with these pacts and no others; comments and all other rules stay.

    pacts: of `in_force`. Raises UserError for what is no TOML, or has no room for rules.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise UserError(f"the text is not valid TOML: {error}") from None
    rules = document.get("venue")
    if rules is None:
        if not pacts:
            return text
        rules = tomlkit.aot()
        document.append("venue", rules)
    if not isinstance(rules, AoT):
        raise UserError("write [[venue]] with two brackets, one for each")
    for at in range(len(rules) - 1, -1, -1):
        if _OURS.match(str(rules[at].get("name", ""))):
            del rules[at]
    for at, (group, permit) in enumerate(pacts):
        rules.insert(at, _rule(group, permit))
    if not rules:
        del document["venue"]
    return tomlkit.dumps(document)


def missing(policy: Policy, pacts: Sequence[tuple[Group, Permit]]) -> list[str]:
    """Names of the rules that should stand in a policy and do not, or with other hours."""
    there = {venue for venue in policy.venues if _OURS.match(venue.name)}
    return [wanted.name for wanted in map(_venue, pacts) if wanted not in there]


def left_over(policy: Policy, pacts: Sequence[tuple[Group, Permit]]) -> list[str]:
    """Names of pacts' rules that stand in a policy and should not any more."""
    wanted = {venue.name for venue in map(_venue, pacts)}
    return [
        venue.name
        for venue in policy.venues
        if _OURS.match(venue.name) and venue.name not in wanted
    ]


def _rule(group: Group, permit: Permit) -> Any:
    rule = tomlkit.table()
    rule["name"] = name_of(group, permit)
    if permit.days:
        rule["days"] = list(permit.days)
    rule["from"] = text_of_minute(permit.since)
    rule["to"] = text_of_minute(permit.until)
    rule["limit"] = permit.limit // 10 if permit.limit % 10 == 0 else permit.limit / 10
    rule.add(tomlkit.nl())
    return rule


def _venue(pact: tuple[Group, Permit]) -> Venue:
    group, permit = pact
    days = readers.days(permit.days or DAYS[:7])
    return Venue(name_of(group, permit), days, permit.since, permit.until, permit.limit)
