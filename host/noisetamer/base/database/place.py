"""Where the stores of a folder are: files in it, or schemas of a PostgreSQL database."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from noisetamer.base.errors import UserError
from noisetamer.base.private_file import write_private

FILE = "database.url"
SUFFIX = ".sqlite"

_URL = re.compile(r"postgres(?:ql)?://(?:[^@/?]*@)?([^/?]*)/?([^?]*)")


@dataclass(frozen=True)
class Server:
    """One store on a server. url: of the database; schema: what the store is called there."""

    url: str
    schema: str

    def __str__(self) -> str:
        return told(self.url)


def server_of(path: Path) -> Server | None:
    """Where the store with this path is, if its folder says that it is on a server. Raises
    UserError where it says so and does not say where; OSError."""
    if path.suffix != SUFFIX:
        return None
    url = url_of(path.parent)
    return Server(url, path.stem) if url else None


def url_of(folder: Path) -> str:
    """Of the database that holds a folder's stores; "": they are files. Raises UserError,
    OSError."""
    file = folder / FILE
    if not file.is_file():  # asked without opening it: a process may have no file left
        return ""
    url = file.read_text("utf-8", "replace").strip()
    try:
        return checked(url)
    except UserError as error:
        raise UserError(f"{file}: {error}") from None


def put_url(folder: Path, url: str) -> None:
    """From now on its stores are there. It may hold a password: for its owner only. Raises
    UserError, OSError."""
    write_private(folder / FILE, checked(url).encode() + b"\n")


def checked(url: str) -> str:
    """The same. Raises UserError where it is no PostgreSQL URL."""
    if not _URL.match(url) or not url.isprintable():
        raise UserError(
            "is no address of a PostgreSQL database: give postgresql://USER:PASSWORD@HOST/NAME"
        )
    return url


def pooled(url: str) -> tuple[str, bool]:
    """The address as libpq takes it, and whether a pooler (PgBouncer) gives each transaction
    another connection: it says so by `pgbouncer=true`."""
    left = re.sub(r"(?<=[?&])pgbouncer=true(&|$)", "", url).rstrip("?&")
    return left, left != url.rstrip("?&")


def told(url: str) -> str:
    """In a sentence, without password."""
    found = _URL.match(url)
    assert found
    hosts, name = found.groups()
    hosts = hosts or ",".join(parse_qs(urlsplit(url).query).get("host", ["this machine"]))
    return f"PostgreSQL at {hosts}" + (f", database {name}" if name else "")
