"""Every store that a hub's folder may have, and its tables."""

from noisetamer.base.database import Schema
from noisetamer.hub import registry
from noisetamer.hub.cameras import schema as cameras
from noisetamer.hub.complaints import schema as complaints
from noisetamer.hub.facts import weather
from noisetamer.hub.forward import schema as forward
from noisetamer.hub.incidents import schema as incidents
from noisetamer.hub.log import schema as log
from noisetamer.hub.log import stamps, witness
from noisetamer.hub.open_day import open_day
from noisetamer.hub.orders import ledger
from noisetamer.hub.patrols import schema as patrols
from noisetamer.hub.people import schema as people
from noisetamer.hub.permits import schema as permits
from noisetamer.hub.phones import postbox
from noisetamer.hub.presets import presets
from noisetamer.hub.squares import squares
from noisetamer.hub.store import schema as store
from noisetamer.hub.toolbox import saved
from noisetamer.hub.updates import schema as updates

SCHEMAS: dict[str, Schema] = {
    "complaints.sqlite": complaints.SCHEMA,
    "forward.sqlite": forward.SCHEMA,
    "hub.sqlite": store.SCHEMA,
    "incidents.sqlite": incidents.SCHEMA,
    "log.sqlite": log.SCHEMA,
    "open_day.sqlite": open_day.SCHEMA,
    "orders.sqlite": ledger.SCHEMA,
    "patrols.sqlite": patrols.SCHEMA,
    "people.sqlite": people.SCHEMA,
    "permits.sqlite": permits.SCHEMA,
    "phones.sqlite": postbox.SCHEMA,
    "pictures.sqlite": cameras.SCHEMA,
    "presets.sqlite": presets.SCHEMA,
    "squares.sqlite": squares.SCHEMA,
    "stamps.sqlite": stamps.SCHEMA,
    "toolbox.sqlite": saved.SCHEMA,
    "units.sqlite": registry.SCHEMA,
    "updates.sqlite": updates.SCHEMA,
    "weather.sqlite": weather.SCHEMA,
    "witness.sqlite": witness.SCHEMA,
}
