"""What there is to say of an incident, from the incident and its timeline. Pure."""

from collections.abc import Callable, Sequence

from noisetamer.hub.incidents.incident import Entry, Incident
from noisetamer.hub.phones.message import Situation, local_time
from noisetamer.hub.words.i18n import Texts
from tamer.record.events import STAGES


def situation(
    incident: Incident, timeline: Sequence[Entry], unit_name: Callable[[str], str]
) -> Situation:
    """unit_name: what people call a box, by its id, "" for nothing."""
    unit = incident.units[-1] if incident.units else ""
    reached = [entry.fields["to"] for entry in timeline if entry.what == "stage"]
    playing = [entry.fields["groups"] for entry in timeline if entry.what == "playing"]
    stages = [stage for stage in (*reached, incident.stage) if stage in STAGES]
    return Situation(
        kind=incident.kind,
        place=incident.square,
        opened=incident.opened,
        unit=(unit_name(unit) or unit) if unit else "",
        resolved=incident.resolved if incident.resolved is not None else incident.closed,
        level=None if incident.level is None else incident.level / 10,
        limit=None if incident.limit is None else incident.limit / 10,
        stage=max(stages, key=STAGES.index, default=""),
        warnings=sum(entry.what == "warning" for entry in timeline),
        groups=tuple(playing[-1]) if playing else (),
    )


def in_hand(
    incident: Incident,
    texts: Texts,
    utc_offset: float,
    now: float,
    person: Callable[[str], str],
) -> str:
    """Who has it in hand, or that it is over; "" while nobody has. person: how an account of that
    name is called."""
    if incident.state == "acknowledged" and incident.acknowledged_at:
        at = local_time(incident.acknowledged_at, texts, utc_offset, now)
        return texts["link_in_hand"].format(person=person(incident.acknowledged_by), time=at)
    if not incident.living:
        at = incident.resolved or incident.closed or now
        return texts["link_was_over"].format(time=local_time(at, texts, utc_offset, now))
    return ""
