"""A whole city on one machine, for tests and to look at: `noisetamer city up --local DIR`.

Each program is the one that runs on a machine of its own in a real city, as its own process; the
ports are free ones of the loopback interface and stay the same from start to start. All of them
end with this process, in order after Ctrl-C, at once when it is killed.
"""

import asyncio
import json
import secrets
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.base.private_file import write_private
from noisetamer.hub.bus import ports
from noisetamer.hub.city import layout, services
from noisetamer.hub.city.layout import Layout, Server
from noisetamer.hub.city.prepare import prepare
from noisetamer.hub.city.processes import Child, Program
from noisetamer.hub.city.services import Passwords, Place
from noisetamer.hub.process import alone_in, stop_on_signal
from noisetamer.hub.registry import Units

HERE = "127.0.0.1"
BROKERS = 3
ENDING_SECONDS = 10.0


@dataclass(frozen=True)
class Size:
    """How many processes of each kind."""

    workers: int = 2
    hubs: int = 2


@dataclass(frozen=True)
class Ports:
    """etcd: for clients and for peers; database: of haproxy; pages: of the hubs."""

    etcd: tuple[int, int]
    database: int
    postgres: tuple[tuple[int, int, int], ...]
    pages: tuple[int, ...]


class City:
    """All of it, in a folder. data: what the city's own processes have in common."""

    def __init__(self, folder: Path, size: Size, tell: Callable[[str], None]) -> None:
        """tell: said of each step. Raises UserError for what is missing."""
        services.must_be_there()
        self.folder = folder
        self.data = folder / "data"
        self.children: dict[str, Child] = {}
        self._size = size
        self._tell = tell
        self._logs = folder / "logs"
        for made in (self.data, self._logs):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
        # PostgreSQL's user has to pass, and may not look
        folder.chmod(0o711)
        services.must_be_reached(folder)
        self._ports, self.layout, self._passwords = self._prepared()
        self.places = [
            Place(f"postgres-{number}", *three)
            for number, three in enumerate(self._ports.postgres, 1)
        ]

    @property
    def pages(self) -> list[str]:
        return [f"http://{HERE}:{port}/" for port in self._ports.pages]

    async def start(self, units: int = 0) -> None:
        """Start everything; units: SIM-0001 and so on, to be let in. Raises UserError."""
        await self._etcd_and_postgres()
        await asyncio.to_thread(self._make_database)
        for place in self.places:
            program = services.pgbouncer(self.folder, place, self._passwords)
            await self._start(program, lambda place=place: _open(place.pooled))
        program = services.haproxy(self.folder, self.places, self._ports.database)
        await self._start(program, lambda: asyncio.to_thread(self._is_written))
        registry = await asyncio.to_thread(Units, self.data / "units.sqlite")
        await asyncio.to_thread(_enrol, registry, units)
        await asyncio.gather(*(self._broker(one) for one in self.layout.brokers))
        workers = [f"worker-{number + 1}" for number in range(self._size.workers)]
        await asyncio.gather(*(self._ours(name, ["worker"]) for name in workers))
        # the first makes the files that all of them use
        for number in range(self._size.hubs):
            await self._hub(number)

    async def stop(self) -> None:
        """What was started last ends first."""
        kinds: dict[str, list[Child]] = {}
        for name, child in self.children.items():
            kinds.setdefault(name.rpartition("-")[0] or name, []).append(child)
        for children in reversed(kinds.values()):
            await asyncio.gather(*(child.stop() for child in children))

    async def primary(self) -> Place | None:
        """The PostgreSQL server that is written now; None where there is none."""
        for place in self.places:
            if await _answers(f"http://{HERE}:{place.api}/primary"):
                return place
        return None

    async def _etcd_and_postgres(self) -> None:
        client, peer = self._ports.etcd
        await self._start(
            services.etcd(self.folder, client, peer),
            lambda: _answers(f"http://{HERE}:{client}/health"),
        )
        for place, role in zip(self.places, ("primary", "sync"), strict=False):
            program = services.patroni(self.folder, place, client, self._passwords)
            # which of them is the primary may be another than at the last start
            await self._start(program, lambda place=place: _answers(f"{_api(place)}/health"))
            if role == "primary":
                continue
            await self._until(self._replicates, "a standby that has all that the primary has")

    async def _replicates(self) -> bool:
        for place in self.places:
            if await _answers(f"{_api(place)}/synchronous"):
                return await self.primary() is not None
        return False

    async def _broker(self, one: Server) -> None:
        words = ["broker", "--name", one.name, "--bind", HERE]
        await self._ours(one.name, words, lambda: _open(one.hubs))

    async def _hub(self, number: int) -> None:
        port = self._ports.pages[number]
        name = f"hub-{number + 1}"
        await self._ours(
            name,
            ["hub", "--name", name, "--port", str(port)],
            lambda: _answers(f"http://{HERE}:{port}/health"),
        )

    async def _ours(
        self,
        name: str,
        words: Sequence[str],
        ready: Callable[[], Coroutine[Any, Any, bool]] | None = None,
    ) -> None:
        told = [sys.executable, "-m", "noisetamer", "city", *words]
        program = Program(name, [*told, "--data", str(self.data), "--with-parent"], stdin=True)
        log = self._logs / f"{name}.log"
        begin = log.stat().st_size if log.exists() else 0

        async def said() -> bool:
            return b"ready: " in log.read_bytes()[begin:]

        await self._start(program, ready or said)

    async def _start(
        self, program: Program, ready: Callable[[], Coroutine[Any, Any, bool]]
    ) -> None:
        began = time.monotonic()
        child = self.children[program.name] = Child(program, self._logs)
        await child.start(ready)
        self._tell(f"{program.name} ({time.monotonic() - began:.1f} s)")

    async def _until(self, true: Callable[[], Coroutine[Any, Any, bool]], what: str) -> None:
        began = time.monotonic()
        while not await true():
            if time.monotonic() - began > 60:
                raise UserError(f"The city waited 60 s in vain for {what} (logs: {self._logs}).")
            await asyncio.sleep(0.2)
        self._tell(f"{what} ({time.monotonic() - began:.1f} s)")

    def _is_written(self) -> bool:
        """Whether the address leads to the primary, for longer than haproxy takes to ask: until
        then any server is one to it."""
        import psycopg

        url = services.url(self._ports.database, self._passwords)
        for _ in range(12):
            try:
                with psycopg.connect(url) as connection:
                    row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
            except psycopg.Error:
                return False
            if row != (False,):
                return False
            time.sleep(0.25)
        return True

    def _make_database(self) -> None:
        import psycopg
        from psycopg import sql

        hosts = ",".join(HERE for _ in self.places)
        numbers = ",".join(str(place.port) for place in self.places)
        with psycopg.connect(
            host=hosts,
            port=numbers,
            user="postgres",
            password=self._passwords.superuser,
            dbname="postgres",
            target_session_attrs="read-write",
            connect_timeout=5,
            autocommit=True,
        ) as connection:
            name = sql.Identifier(services.USER)
            if not connection.execute(
                "SELECT 1 FROM pg_roles WHERE rolname=%s", (services.USER,)
            ).fetchone():
                password = sql.Literal(self._passwords.hub)
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, password)
                )
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname=%s", (services.DATABASE,)
            ).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(services.DATABASE), name
                    )
                )

    def _prepared(self) -> tuple[Ports, Layout, Passwords]:
        """Ports, secrets and certificates: those of the last start, or new ones."""
        file = self.folder / services.LOCAL
        if file.exists():
            found, passwords = _kept(file)
            if len(found.pages) < self._size.hubs:
                raise UserError(
                    f"{self.folder} was made for {len(found.pages)} hubs: name another folder."
                )
            city = layout.read(self.data)
            _must_be_free(found, city, self.folder)
            return found, city, passwords
        free = iter(ports.several(HERE, 3 * BROKERS + 2 + 1 + 6 + self._size.hubs))
        brokers = tuple(
            Server(f"nats-{number}", HERE, next(free), next(free), next(free))
            for number in range(1, BROKERS + 1)
        )
        city = Layout(layout.PARTS, secrets.token_urlsafe(32), secrets.token_urlsafe(32), brokers)
        found = Ports(
            (next(free), next(free)),
            next(free),
            tuple((next(free), next(free), next(free)) for _ in range(2)),
            tuple(next(free) for _ in range(self._size.hubs)),
        )
        passwords = Passwords(*(secrets.token_urlsafe(24) for _ in range(3)))
        prepare(self.data, city, [HERE, "localhost"])
        url = services.url(found.database, passwords)
        write_private(self.data / "database.url", url.encode())
        kept = {"ports": asdict(found), "passwords": asdict(passwords)}
        write_private(file, json.dumps(kept).encode())
        return found, city, passwords


def _kept(file: Path) -> tuple[Ports, Passwords]:
    """Those of the last start. Raises UserError."""
    try:
        told = json.loads(file.read_text())
        found = Ports(
            tuple(told["ports"]["etcd"]),
            told["ports"]["database"],
            tuple(tuple(three) for three in told["ports"]["postgres"]),
            tuple(told["ports"]["pages"]),
        )
        return found, Passwords(**told["passwords"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{file} cannot be read ({error!r}): name another folder.") from None


def _must_be_free(found: Ports, city: Layout, folder: Path) -> None:
    """Said at once, and not by whichever program meets it. What a city that was killed has left
    behind ends by itself, a little later. Raises UserError."""
    end = time.monotonic() + ENDING_SECONDS
    wanted = [*found.etcd, found.database, *found.pages]
    wanted += [port for three in found.postgres for port in three]
    wanted += [port for one in city.brokers for port in (one.hubs, one.boxes, one.servers)]
    for port in wanted:
        while not _is_free(port):
            if time.monotonic() < end:
                time.sleep(0.2)
                continue
            raise UserError(
                f"Port {port}, which is of the city in {folder}, is taken: "
                "end what uses it, or name another folder."
            )


def _is_free(port: int) -> bool:
    try:
        ports.listen(HERE, port, "--local").close()
    except UserError:
        return False
    return True


def run(folder: Path, units: int, size: Size, with_parent: bool) -> None:
    """Until SIGINT or SIGTERM. Raises UserError."""
    with alone_in(folder, option="--local"):
        asyncio.run(_up(folder.resolve(), units, size, with_parent))


async def _up(folder: Path, units: int, size: Size, with_parent: bool) -> None:
    began = time.monotonic()
    city = City(folder, size, lambda what: print(f"  {what}", flush=True))
    stopping = asyncio.Event()
    stop_on_signal(stopping, with_parent)
    waiting = asyncio.ensure_future(stopping.wait())
    starting = asyncio.ensure_future(city.start(units))
    print(f"starting, in {folder}", flush=True)
    try:
        await asyncio.wait({waiting, starting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            boxes = ", ".join(f"{one.host}:{one.boxes}" for one in city.layout.brokers)
            print(f"boxes: {boxes} (authority {city.data / 'certificates' / 'ca.der'})")
            print(f"database: {city.data / 'database.url'}; logs: {folder / 'logs'}")
            print(f"ready: {' '.join(city.pages)} ({time.monotonic() - began:.0f} s)", flush=True)
            await waiting
    finally:
        for task in (starting, waiting):
            task.cancel()
        await asyncio.gather(starting, waiting, return_exceptions=True)
        print("ending", flush=True)
        await city.stop()
    print(f"ended: all that was acknowledged is in {folder}", flush=True)


def _enrol(units: Units, count: int) -> None:
    known = {unit.id for unit in units.all()}
    for number in range(1, count + 1):
        if (id := f"SIM-{number:04}") not in known:
            units.enrol(id, square=f"Square {1 + (number - 1) // 10}")


def _api(place: Place) -> str:
    return f"http://{HERE}:{place.api}"


async def _answers(url: str) -> bool:
    return await asyncio.to_thread(services.answers, url)


async def _open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HERE, port)
    except OSError:
        return False
    writer.close()
    return True
