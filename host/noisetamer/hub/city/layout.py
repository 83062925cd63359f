"""What every process of a city knows: `city.toml` in its folder.

    parts = 16                     # of the stream of reports; a part's units have one writer
    secret = "..."                 # by which workers and hubs are let in at the brokers
    servers_secret = "..."         # by which brokers know each other

    [[broker]]
    name = "nats-1"
    host = "10.0.0.11"
    hubs = 4222                    # port for workers and hubs
    boxes = 8883                   # port for boxes, MQTT
    servers = 6222                 # port for the other brokers

Beside it in the folder: `database.url`, and `certificates/ca.pem` of the city's authority.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.base.private_file import write_private
from noisetamer.hub.bus.broker import Cluster
from noisetamer.hub.bus.client import Shared

FILE = "city.toml"
PARTS = 16
MOST_REPLICAS = 3


@dataclass(frozen=True)
class Server:
    """One broker; the ports as in the file."""

    name: str
    host: str
    hubs: int
    boxes: int
    servers: int


@dataclass(frozen=True)
class Layout:
    """Where a city's brokers are, and by what its processes know each other."""

    parts: int
    secret: str = field(repr=False)
    servers_secret: str = field(repr=False)
    brokers: tuple[Server, ...]

    @property
    def addresses(self) -> list[str]:
        """For workers and hubs, "host:port"."""
        return [f"{one.host}:{one.hubs}" for one in self.brokers]

    @property
    def shared(self) -> Shared:
        return Shared(min(len(self.brokers), MOST_REPLICAS), self.parts)

    def cluster(self, name: str, bind: str) -> Cluster:
        """For the broker of this name. Raises UserError for a name that is not in the file."""
        own = self.broker(name)
        routes = [f"{one.host}:{one.servers}" for one in self.brokers]
        return Cluster(name, bind, own.servers, routes, self.servers_secret, self.secret)

    def broker(self, name: str) -> Server:
        """Raises UserError for a name that is not in the file."""
        for one in self.brokers:
            if one.name == name:
                return one
        names = ", ".join(one.name for one in self.brokers)
        raise UserError(f"{FILE} names no broker {name!r}: it has {names}.")


def part_of(unit: str, parts: int) -> int:
    """In which part of the stream the brokers put a unit's reports: `partition(n,1)` of a NATS
    subject mapping is FNV-1a, 32 bits, of the token, modulo n."""
    found = 0x811C9DC5
    for byte in unit.encode():
        found = (found ^ byte) * 0x01000193 & 0xFFFFFFFF
    return found % parts


def read(folder: Path) -> Layout:
    """Raises UserError, with what is wrong, where the file cannot be used."""
    file = folder / FILE
    try:
        told = tomllib.loads(file.read_text())
    except FileNotFoundError:
        raise UserError(
            f"{file} is missing: 'noisetamer city prepare' makes the folders of a city."
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(f"{file} cannot be read ({error}).") from None
    servers = [_server(file, one, told) for one in told.get("broker", [])]
    if len(servers) not in (1, 3, 5):
        raise UserError(f"{file}: {len(servers)} brokers; give 3 (or 1, or 5): they outvote one.")
    if len({one.name for one in servers}) < len(servers):
        raise UserError(f"{file}: two brokers have one name.")
    return Layout(
        _wanted(file, told, "parts", int),
        _wanted(file, told, "secret", str),
        _wanted(file, told, "servers_secret", str),
        tuple(servers),
    )


def write(folder: Path, layout: Layout) -> None:
    """For its owner only. Raises OSError."""
    lines = [
        f"parts = {layout.parts}",
        f"secret = {json.dumps(layout.secret)}",
        f"servers_secret = {json.dumps(layout.servers_secret)}",
    ]
    for one in layout.brokers:
        lines += ["", "[[broker]]", f"name = {json.dumps(one.name)}"]
        lines += [f"host = {json.dumps(one.host)}", f"hubs = {one.hubs}"]
        lines += [f"boxes = {one.boxes}", f"servers = {one.servers}"]
    write_private(folder / FILE, ("\n".join(lines) + "\n").encode())


def _server(file: Path, told: object, whole: Mapping[str, Any]) -> Server:
    if not isinstance(told, dict):
        raise UserError(f"{file}: a broker begins with [[broker]].")
    ports: Sequence[int] = [
        _wanted(file, told, name, int) for name in ("hubs", "boxes", "servers")
    ]
    if not all(0 < port < 65536 for port in ports):
        raise UserError(f"{file}: a port is 1 to 65535.")
    return Server(_wanted(file, told, "name", str), _wanted(file, told, "host", str), *ports)


def _wanted(file: Path, told: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    found = told.get(name)
    if type(found) is not kind or not found or (kind is int and found < 0):
        what = "a number" if kind is int else "a text"
        raise UserError(f"{file}: {name} is to be {what}.")
    return found
