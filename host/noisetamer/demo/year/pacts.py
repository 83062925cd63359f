"""Groups, what each asks for, and the policy that a square's box decides by. Pure."""

from datetime import date, timedelta

from noisetamer.demo.year.town import Site
from noisetamer.hub.permits import venues
from noisetamer.hub.permits.permit import Group, Permit

LIMIT = 650
_LONGEST = timedelta(365)


def asked(site: Site, first: date) -> list[tuple[Group, Permit]]:
    """Of each group in turn, with the numbers that they will have. first: of the year."""
    found = []
    for number, dancers in enumerate(site.dancers, site.first_permit):
        contact = account(site) if dancers is site.dancers[1] else ""
        group = Group(number, site.square, dancers.name, dancers.leader, contact, "拉杆音箱")
        hours = dancers.days, dancers.since, dancers.until
        until = first + _LONGEST
        permit = Permit(number, number, site.square, dancers.place, *hours, first, until, LIMIT)
        found.append((group, permit))
    return found


def account(site: Site) -> str:
    """Of the leader who has one."""
    return f"leader-{site.number + 1:02}"


def policy(site: Site, first: date) -> str:
    """The policy of its box, as TOML, with the pacts of those that may play."""
    text = f"""\
name = "{site.square}"

[limit]
day = 65
night = 55

[firm]
gap = 20

[speaking]
least_gap = 20
"""
    if site.arms:
        text += f'\n[trial]\nname = "{site.trial}"\n'
    for arm in site.arms:
        text += f'\n[[trial.arm]]\nname = "{arm.name}"\npolite = "{arm.first}"\n'
    allowed = [
        pact
        for pact, dancers in zip(asked(site, first), site.dancers, strict=True)
        if not dancers.hidden
    ]
    return venues.with_pacts(text, allowed)
