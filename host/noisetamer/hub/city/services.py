"""The database's part of a city on one machine: etcd, PostgreSQL twice under Patroni, pgbouncer.

The same settings stand in `host/deploy` for machines of their own.

- `synchronous_mode`: a commit is answered when it is on the standby's disk too
  (`synchronous_commit = on`), so that an acknowledged second survives the primary's death; and
  only a standby that has all of it is ever promoted. Not `synchronous_mode_strict`: with the
  standby away the primary alone goes on, and then nobody is promoted in its place.
- No `statement_timeout` for whoever commits: a commit that waits for the standby and is cancelled
  is reported as done (PostgreSQL's documentation, 27.2.8: a warning says so), and is on one disk.
- pgbouncer beside each server, whole sessions: a connection costs no new process then.
- haproxy before both leads to the one whose Patroni says that it is the primary. libpq's own
  choice (several hosts, `target_session_attrs=read-write`) does not get past a pgbouncer: that
  one lets a client in while its server is dead, and keeps it waiting.
"""

import http.client
import json
import os
import pwd
import shutil
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from noisetamer.base.errors import UserError
from noisetamer.base.private_file import write_private
from noisetamer.hub.city.processes import Program

DATABASE = USER = "noisetamer"
SCOPE = "noisetamer"
LOCAL = "local.json"
"""What a city on one machine keeps: its ports and passwords."""
TTL_SECONDS = 20
"""How long a primary that says nothing stays the primary; Patroni takes no less."""
LOOK_SECONDS = 2
_PACKAGES = {
    "etcd": "etcd-server",
    "patroni": "patroni",
    "pgbouncer": "pgbouncer",
    "haproxy": "haproxy",
}


@dataclass(frozen=True)
class Passwords:
    superuser: str
    replication: str
    hub: str


@dataclass(frozen=True)
class Place:
    """Where one PostgreSQL server is. port: its own; pooled: pgbouncer's; api: Patroni's."""

    name: str
    port: int
    pooled: int
    api: int


def missing() -> list[str]:
    """Debian's packages that a city on one machine needs and this one has not."""
    found = [package for program, package in _PACKAGES.items() if _program(program) is None]
    return found + ([] if _binaries() else ["postgresql"])


def must_be_there() -> None:
    """Raises UserError, saying what to install."""
    if packages := missing():
        raise UserError(
            "A city on one machine needs Debian's own database and fail-over: "
            f"apt-get install {' '.join(packages)}"
        )


def must_be_reached(folder: Path) -> None:
    """By PostgreSQL's user. Raises UserError, naming the folder that shuts it out."""
    if not _user():
        return
    for one in (folder, *folder.parents):
        if not one.stat().st_mode & 0o001:
            raise UserError(
                f"PostgreSQL runs as {_user()}, who may not pass {one}: "
                "name a folder elsewhere, or let others pass there (chmod o+x)."
            )


def etcd(folder: Path, client: int, peer: int) -> Program:
    peers, clients = f"http://127.0.0.1:{peer}", f"http://127.0.0.1:{client}"
    options = {
        "name": "etcd-1",
        "data-dir": str(folder / "etcd"),
        "listen-client-urls": clients,
        "advertise-client-urls": clients,
        "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers,
        "initial-cluster": f"etcd-1={peers}",
        "logger": "zap",
        "log-level": "error",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    return Program("etcd-1", [str(_program("etcd")), *words])


def patroni(folder: Path, place: Place, etcd_port: int, passwords: Passwords) -> Program:
    """One PostgreSQL server; the first that starts is the primary. folder: made, for its user."""
    own = _made(folder / place.name)
    configuration = {
        "scope": SCOPE,
        "name": place.name,
        "restapi": {
            "listen": f"127.0.0.1:{place.api}",
            "connect_address": f"127.0.0.1:{place.api}",
        },
        "etcd3": {"host": f"127.0.0.1:{etcd_port}"},
        "bootstrap": {
            "dcs": settings(),
            "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
            "pg_hba": [
                "local all all trust",
                "host replication all 127.0.0.1/32 scram-sha-256",
                "host all all 127.0.0.1/32 scram-sha-256",
            ],
        },
        "postgresql": {
            "listen": f"127.0.0.1:{place.port}",
            "connect_address": f"127.0.0.1:{place.port}",
            "data_dir": str(own / "data"),
            "bin_dir": str(_binaries()),
            "pgpass": str(own / "pgpass"),
            "authentication": {
                "superuser": {"username": "postgres", "password": passwords.superuser},
                "replication": {"username": "replicator", "password": passwords.replication},
            },
            "parameters": {"unix_socket_directories": str(own)},
        },
    }
    file = own / "patroni.yml"
    # JSON is YAML
    _write_for(file, json.dumps(configuration, indent=1))
    return Program(place.name, [str(_program("patroni")), str(file)], _user(), dies_by="TERM")


def settings() -> dict[str, object]:
    """Of all servers together, as Patroni keeps them in etcd; why: see above."""
    return {
        "ttl": TTL_SECONDS,
        "loop_wait": LOOK_SECONDS,
        "retry_timeout": 5,
        # a primary that died is not waited for where there is a standby
        "primary_start_timeout": 0,
        "synchronous_mode": True,
        "postgresql": {
            "use_pg_rewind": True,
            "parameters": {
                "synchronous_commit": "on",
                "password_encryption": "scram-sha-256",
                "max_connections": 200,
                "wal_keep_size": "256MB",
                "idle_in_transaction_session_timeout": "60s",
                # whoever holds a lock and is gone is noticed
                "tcp_keepalives_idle": 5,
                "tcp_keepalives_interval": 2,
                "tcp_keepalives_count": 3,
            },
        },
    }


def pgbouncer(folder: Path, place: Place, passwords: Passwords) -> Program:
    own = _made(folder / f"{place.name}-pool")
    _write_for(own / "users.txt", f'"{USER}" "{passwords.hub}"\n')
    _write_for(
        own / "pgbouncer.ini",
        f"""\
[databases]
{DATABASE} = host=127.0.0.1 port={place.port} dbname={DATABASE}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {place.pooled}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {own / "users.txt"}
pool_mode = session
max_client_conn = 1000
default_pool_size = 150
; a dead primary is noticed at the next try, not after the pool's usual rest
server_login_retry = 1
server_connect_timeout = 3
ignore_startup_parameters = extra_float_digits
""",
    )
    program = [str(_program("pgbouncer")), str(own / "pgbouncer.ini")]
    return Program(f"{place.name}-pool", program, _user())


def haproxy(folder: Path, places: Sequence[Place], port: int) -> Program:
    """Leads to the primary's pgbouncer; whoever is connected to one that is none is let go."""
    servers = "\n".join(
        f"  server {one.name} 127.0.0.1:{one.pooled} check port {one.api}" for one in places
    )
    file = folder / "haproxy.cfg"
    write_private(
        file,
        f"""\
global
  maxconn 4000
defaults
  mode tcp
  timeout connect 3s
  timeout client 24h
  timeout server 24h
  timeout check 2s
listen primary
  bind 127.0.0.1:{port}
  option httpchk GET /primary
  http-check expect status 200
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
""".encode(),
    )
    return Program("haproxy-1", [str(_program("haproxy")), "-db", "-f", str(file)])


def url(port: int, passwords: Passwords) -> str:
    """For workers and hubs. port: haproxy's."""
    password = quote(passwords.hub, safe="")
    return f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}?connect_timeout=5"


def is_in_role(place: Place, role: str) -> bool:
    """Whether its Patroni says so: "primary", "synchronous", "health". Blocks."""
    return answers(f"http://127.0.0.1:{place.api}/{role}")


def answers(url: str) -> bool:
    """Whether a page there says yes. Blocks for 2 s at most."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False


def _user() -> str:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return ""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise UserError("PostgreSQL does not run as root: make a user 'postgres', or be another one.")


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _give(folder)
    return folder


def _write_for(file: Path, text: str) -> None:
    write_private(file, text.encode())
    _give(file)


def _give(path: Path) -> None:
    if user := _user():
        known = pwd.getpwnam(user)
        os.chown(path, known.pw_uid, known.pw_gid)


def _program(name: str) -> Path | None:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    return Path(found) if found else None


def _binaries() -> Path | None:
    """Of the newest PostgreSQL that Debian has installed."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(path.parts[4]) if path.parts[4].isdigit() else 0,
    )
    return found[-1].parent if found else None
