"""Where units connect: written when a hub starts, read when a unit is set up."""

import json
from pathlib import Path
from typing import TypedDict

from noisetamer.base.errors import UserError
from noisetamer.hub.registry import Units

_FILE = "address.json"


class Connection(TypedDict):
    """All that a unit needs. host, port: of the broker; ca_der_path: the authority it trusts."""

    host: str
    port: int
    ca_der_path: str
    unit: str
    secret: str


def write(data: Path, host: str, port: int) -> None:
    """Note what units are told to connect to. Raises OSError."""
    (data / _FILE).write_text(json.dumps({"host": host, "port": port}))


def last_port(data: Path) -> int:
    """The port that units were told before; 0 when no hub has run in `data`."""
    try:
        return json.loads((data / _FILE).read_bytes())["port"]
    except OSError:
        return 0


def connection_for(data: Path, id: str) -> Connection:
    """What this unit needs to report to the hub of `data`; enrols it.

    Raises UserError while the hub has never run there.
    """
    data = data.resolve()
    try:
        address = json.loads((data / _FILE).read_bytes())
    except OSError:
        raise UserError(
            f"No hub has run in {data} yet: start it once with 'noisetamer hub --data {data}'."
        ) from None
    return Connection(
        host=address["host"],
        port=address["port"],
        ca_der_path=str(data / "certificates" / "ca.der"),
        unit=id,
        secret=Units(data / "units.sqlite").enrol(id),
    )
