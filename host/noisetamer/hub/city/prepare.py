"""The folder that each machine of a city gets a copy of."""

import datetime
from collections.abc import Sequence
from pathlib import Path

from noisetamer.hub import address
from noisetamer.hub.bus import authority
from noisetamer.hub.city import layout
from noisetamer.hub.city.layout import Layout


def prepare(data: Path, city: Layout, names: Sequence[str]) -> None:
    """Into `data`: city.toml, the authority, a certificate of each broker, and where units
    connect. names: by which units reach a broker besides its own; they are told the first."""
    now = datetime.datetime.now(datetime.UTC)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    layout.write(data, city)
    folder = data / "certificates"
    for one in city.brokers:
        authority.issue(folder, folder / one.name, [one.host, *names], now)
    host = names[0] if names else city.brokers[0].host
    address.write(data, host, city.brokers[0].boxes)
