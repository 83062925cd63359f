"""The policies that units decide by, of those whose text this hub has."""

from noisetamer.hub.orders import policies
from noisetamer.hub.orders.policies import Reading
from noisetamer.hub.web.context import Context
from noisetamer.hub.web.step_in import units_of
from tamer.judge.policy import Policy


def texts_of_units(hub: Context, square: str) -> list[tuple[str, Policy | None]]:
    """(name, policy) of each unit of a square: what it decides by, None where this hub does not
    have the text; blocks."""
    return [
        (state.unit.name or state.unit.id, policy_of(hub, square, state.unit.id))
        for state in units_of(hub, square)
    ]


def policy_of(hub: Context, square: str, unit: str) -> Policy | None:
    """What a unit decides by; None where it never said, or this hub does not have the text;
    blocks."""
    found = decides_by(hub, square, unit)
    return found.policy if found else None


def decides_by(hub: Context, square: str, unit: str) -> Reading | None:
    """The same, with its text."""
    told = hub.queries.policy(unit)
    if told is None:
        return None
    sent = [each.body["text"] for each in hub.squares.history(square, policies.SETTING)]
    readings = map(policies.read_once, (*sent, "", *policies.shipped().values()))
    return next((one for one in readings if one.hash == told[0]), None)
