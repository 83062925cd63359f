"""Where the console's pages are: the one list of its navigation."""

from dataclasses import dataclass

from noisetamer.hub.people.roles import Account
from noisetamer.hub.words.i18n import Texts

# path, key of its words, what an account must be allowed to see it; in the order shown
PLACES = (
    ("/", "to_squares", "see"),
    ("/incidents", "to_incidents", "see"),
    ("/duty", "to_duty", "acknowledge"),
    ("/fleet", "to_fleet", "fleet"),
    ("/updates", "to_updates", "fleet"),
    ("/calls", "to_calls", "policy.see"),
    ("/cameras", "to_cameras", "squares.change"),
    ("/people", "to_people", "people"),
    ("/audit", "to_audit", "audit"),
    ("/log", "to_log", "audit"),
)


@dataclass(frozen=True)
class Place:
    """One link. here: it is the page that shows it."""

    path: str
    words: str
    here: bool


def places(account: Account, path: str, texts: Texts) -> list[Place]:
    """The pages that an account may open. path: of the page that asks."""
    return [
        Place(to, texts[key], to == path)
        for to, key, permission in PLACES
        if account.may(permission)
    ]
