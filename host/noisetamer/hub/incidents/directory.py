"""Who there is to call, as people's accounts and contacts say."""

from noisetamer.hub.incidents.roster import Reachable
from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.people.people import People
from tamer.judge.readers import time_of_day


def directory(people: People) -> list[Reachable]:
    """Every contact of every account that is not disabled, in the order they came."""
    found = []
    for person in people.accounts.all():
        if person.disabled:
            continue
        account = person.account
        for contact in people.contacts.of(account.id):
            way = account.id, account.name, account.role, account.squares
            within = account.district.squares if account.district else None
            found.append(Reachable(*way, contact.id, contact.channel, _quiet(contact), within))
    return found


def _quiet(contact: Contact) -> tuple[int, int] | None:
    if not contact.quiet_from:
        return None
    return time_of_day(contact.quiet_from), time_of_day(contact.quiet_to)
