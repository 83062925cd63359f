"""What the page of whoever is on duty shows: the calls to this person, and whether to ring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from noisetamer.hub.incidents.incident import CALLS, Effect, Entry, Incident
from noisetamer.hub.people.roles import Account
from noisetamer.hub.phones import message
from noisetamer.hub.phones.situation import in_hand, situation
from noisetamer.hub.words.i18n import Texts

SHOWN_SECONDS = 3600.0
"""What is over stays to be seen for so long."""


class Calls(Protocol):
    """What is asked of the incidents; blocks."""

    def list(self, *, since: float, most: int) -> Sequence[Incident]: ...
    def timeline(self, id: int) -> Sequence[Entry]: ...
    def effects(self, id: int) -> Sequence[Effect]: ...


@dataclass(frozen=True)
class Call:
    """One incident that called this person. state: of the incident; ring: nobody has it in hand;
    note: who has, or that it is over.
    """

    incident: int
    title: str
    lines: tuple[str, ...]
    state: str
    ring: bool
    note: str


def calls(
    incidents: Calls,
    account: Account,
    texts: Texts,
    utc_offset: float,
    now: float,
    unit_name: Callable[[str], str],
    person: Callable[[str], str],
) -> list[Call]:
    """Those that called this person and go on, or ended lately; those that ring first. Blocks."""
    found = []
    for incident in incidents.list(since=now - SHOWN_SECONDS, most=50):
        made = [
            effect
            for effect in incidents.effects(incident.id)
            if effect.person == account.id and effect.kind in CALLS
        ]
        made = [effect for effect in made if effect.state != "withdrawn"]
        if not made or not account.may("see", incident.square):
            continue
        about = situation(incident, incidents.timeline(incident.id), unit_name)
        if incident.living:
            said = message.call(about, texts, utc_offset, now)
        else:
            said = message.all_clear(about, texts, utc_offset, now)
        note = in_hand(incident, texts, utc_offset, now, person)
        ring = incident.state == "open"
        found.append(Call(incident.id, said.title, said.lines, incident.state, ring, note))
    return sorted(found, key=lambda one: (not one.ring, one.state != "acknowledged"))
