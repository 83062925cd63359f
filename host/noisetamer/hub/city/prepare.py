"""The folder that each machine of a city gets a copy of, and its certificates anew."""

import datetime
from collections.abc import Sequence
from pathlib import Path

from noisetamer.base.database import place
from noisetamer.base.errors import UserError
from noisetamer.hub import address
from noisetamer.hub.bus import authority
from noisetamer.hub.city import layout
from noisetamer.hub.city.layout import Layout


def prepare(data: Path, city: Layout, names: Sequence[str], database: str = "") -> None:
    """Into `data`: city.toml, the authority, a certificate of each broker, and where units
    connect. names: by which units reach a broker besides its own; they are told the first;
    database: its URL, where it is known already. Raises UserError for what is no name or address;
    then nothing is made.
    """
    for name in (*names, *(one.host for one in city.brokers)):
        authority.general_name(name)
    now = datetime.datetime.now(datetime.UTC)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if database:
        place.put_url(data, database)
    folder = data / "certificates"
    for one in city.brokers:
        authority.issue(folder, folder / one.name, [one.host, *names], now)
    host = names[0] if names else city.brokers[0].host
    address.write(data, host, city.brokers[0].boxes)
    # last: without it, this was not finished
    layout.write(data, city)


def renew(data: Path, now: datetime.datetime) -> dict[str, datetime.datetime]:
    """A certificate for each broker in `data`, with the names it has, for two years from now:
    {name of a broker: when it ends}. Raises UserError where the authority's key is not there, or a
    certificate that says the names; then nothing is made."""
    folder = data / "certificates"
    brokers = layout.read(data).brokers
    if not (folder / "ca.key").is_file():
        raise UserError(
            f"{folder}/ca.key, the authority's key, is not there: renew in the folder that"
            " 'noisetamer city prepare' made, and copy from it."
        )
    names = {}
    for one in brokers:
        file = folder / one.name / "server.pem"
        try:
            names[one.name] = authority.names_in(file)
        except (OSError, ValueError) as error:
            raise UserError(
                f"{file} cannot be read ({error}): copy it from the broker's machine, it says by"
                " which names boxes know it."
            ) from None
    for name in names:
        authority.issue(folder, folder / name, names[name], now)
    return {name: authority.issued(folder / name).server_ends for name in names}
