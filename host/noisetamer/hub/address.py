"""Where units connect: written when a hub starts, read when a unit is set up."""

import json
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from noisetamer.base.errors import UserError
from noisetamer.hub.registry import Units

_FILE = "address.json"


class Connection(TypedDict):
    """All that a unit needs. host, port: of the broker; ca_der_path: the authority it trusts;
    command: the key by which it knows the hub's orders; chain: by which it chains its records.
    """

    host: str
    port: int
    ca_der_path: str
    unit: str
    secret: str
    command: str
    chain: str


def write(data: Path, host: str, port: int) -> None:
    """Note what units are told to connect to. Raises OSError."""
    (data / _FILE).write_text(json.dumps({"host": host, "port": port}))


def told(data: Path) -> tuple[str, int] | None:
    """(host, port) that units were told before; None where no hub has run in `data`, or a power
    cut has spoilt the note: the next start writes it anew."""
    try:
        address = json.loads((data / _FILE).read_bytes())
        return str(address["host"]), int(address["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def connection_for(data: Path, id: str) -> Connection:
    """What this unit needs to report to the hub of `data`; enrols it.

    Raises UserError while the hub has never run there.
    """
    data = data.resolve()
    address = told(data)
    if address is None:
        raise UserError(
            f"No hub has run in {data} yet: start it once with 'noisetamer hub --data {data}'."
        )
    units = Units(data / "units.sqlite")
    secret = units.enrol(id)
    return Connection(
        host=address[0],
        port=address[1],
        ca_der_path=str(data / "certificates" / "ca.der"),
        unit=id,
        secret=secret,
        command=units.command_key(id) or "",
        chain=units.chain_key(id),
    )


def is_url(text: str) -> bool:
    """Whether this can be asked by HTTP."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
