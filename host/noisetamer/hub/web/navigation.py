"""Where the console's pages are: the one list of its navigation."""

from dataclasses import dataclass

from noisetamer.hub.people.roles import Account
from noisetamer.hub.words.i18n import Texts

_Group = tuple[tuple[str, str, str], ...]

# path, key of its words, what an account must be allowed to see it; in the order shown
_DAILY: _Group = (
    ("/", "to_squares", "see"),
    ("/incidents", "to_incidents", "see"),
    ("/duty", "to_duty", "acknowledge"),
)
_AROUND: _Group = (
    ("/patrol", "to_patrol", "patrol"),
    ("/patrols", "to_patrols", "patrol"),
    ("/permits", "to_permits", "permits"),
    ("/open-day", "to_open_day", "open_day"),
    ("/complaints", "to_complaints", "complaints"),
    ("/public", "to_public", "public"),
)
_LOOKING_BACK: _Group = (
    ("/toolbox", "to_toolbox", "toolbox"),
    ("/trial", "to_trial", "policy.see"),
)
_BOXES = (
    ("/fleet", "to_fleet", "fleet"),
    ("/updates", "to_updates", "fleet"),
    ("/calls", "to_calls", "policy.see"),
    ("/presets", "to_presets", "policy.see"),
    ("/cameras", "to_cameras", "squares.change"),
)
_OFFICE = (
    ("/people", "to_people", "people"),
    ("/audit", "to_audit", "audit"),
    ("/districts", "to_districts", "districts"),
    ("/log", "to_log", "log"),
    ("/forward", "to_forward", "backup"),
)

GROUPS = (
    ("group_daily", _DAILY),
    ("group_around", _AROUND),
    ("group_looking_back", _LOOKING_BACK),
    ("group_boxes", _BOXES),
    ("group_office", _OFFICE),
)
PLACES = tuple(place for _, group in GROUPS for place in group)
ALL = "/all"
"""Where all of them stand, in their groups."""

_IN_A_LINE = 6


@dataclass(frozen=True)
class Place:
    """One link. here: it is the page that shows it."""

    path: str
    words: str
    here: bool


def places(account: Account, path: str, texts: Texts) -> list[Place]:
    """What stands above every page: all that an account may open, or, where that is more than a
    phone's line holds, what is needed daily, the way to all, and the page that asks.

    path: of the page that asks.
    """
    open_to = [place for place in PLACES if account.may(place[2])]
    if len(open_to) > _IN_A_LINE:
        daily = [place for place in open_to if place in _DAILY]
        here = [place for place in open_to if place[0] == path and place not in daily]
        open_to = [*daily, (ALL, "to_all", "see"), *here]
    return [Place(to, texts[key], to == path) for to, key, _ in open_to]


def grouped(account: Account, texts: Texts) -> list[tuple[str, list[Place]]]:
    """(what a group is called, the pages of it that an account may open), of each that has any."""
    found = [
        (
            texts[name],
            [Place(to, texts[key], False) for to, key, asks in group if account.may(asks)],
        )
        for name, group in GROUPS
    ]
    return [(name, pages) for name, pages in found if pages]
