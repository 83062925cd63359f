"""What an authority outside stamped of this hub's log, and what waits for it: stamps.sqlite.

A stamp is on the SHA-256 of a checkpoint's text, so it holds for all that was logged before.
"""

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from noisetamer.base import json_text
from noisetamer.base.database import FileOnDemand, Schema
from noisetamer.base.errors import UserError
from noisetamer.base.whole_file import write_whole
from noisetamer.hub.address import is_url
from noisetamer.proof import notes
from noisetamer.proof.checkpoint import checkpoint_of

FILE, AUTHORITY_FILE = "stamps.sqlite", "stamp-authority.json"
HOUR, BUNDLE = "hour", "bundle"
HOUR_SECONDS = 3600.0
# An authority that is away is asked again after pauses that double, from one to the other.
PAUSE_SECONDS, LONGEST_SECONDS = 60.0, 7200.0
_ASK_SECONDS = 20.0
_MOST_BYTES = 64 * 1024

SCHEMA = Schema(
    name="list of time stamps",
    application=0x4E545453,  # NTTS
    option="--data",
    steps=(
        (
            # text: of the checkpoint; why: "hour", "bundle"; asked, since, due, stamped: Unix s,
            # since: when the first was wanted in whose place this one is; said: why it is not
            # stamped yet; tsr: in its one form; root: PEM of the authority.
            """CREATE TABLE stamp(
              id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
              why TEXT NOT NULL, asked REAL NOT NULL, since REAL NOT NULL,
              tries INTEGER NOT NULL, due REAL NOT NULL,
              said TEXT NOT NULL, refused INTEGER NOT NULL,
              stamped INTEGER, tsr BLOB, root TEXT)""",
            "CREATE INDEX stamp_waiting ON stamp(due) WHERE tsr IS NULL",
        ),
        # note: the checkpoint as it was signed: the log does not keep every one.
        ("ALTER TABLE stamp ADD COLUMN note TEXT NOT NULL DEFAULT ''",),
    ),
)


@dataclass(frozen=True)
class Authority:
    """chain: the root first."""

    url: str
    chain: Sequence[x509.Certificate]

    @property
    def root(self) -> str:
        """PEM."""
        return self.chain[0].public_bytes(Encoding.PEM).decode("ascii")


@dataclass(frozen=True)
class Stamped:
    """text, size: of the checkpoint; note: it with the log's signature, '' where an older hub
    asked; why: it was asked for; at: Unix s, as the authority says; tsr: TimeStampResp; root: PEM
    of the authority's certificate."""

    text: str
    size: int
    why: str
    at: int
    tsr: bytes
    root: str
    note: str


@dataclass(frozen=True)
class Waiting:
    """since: when it, or an earlier in its place, was wanted, Unix s; tries: so far; said: what
    came of the last, '' before the first; refused: the authority answered, and not with a stamp
    of it."""

    text: str
    size: int
    why: str
    since: float
    tries: int
    said: str
    refused: bool


class Stamps:
    """Of the hub in a folder; from any thread, beside other processes. Methods raise UserError,
    database.Error where a file cannot be used."""

    def __init__(self, data: Path, clock: Callable[[], float] = time.time) -> None:
        """clock: Unix s."""
        self._data = data
        self._clock = clock
        self._file = FileOnDemand(data / FILE, SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def authority(self) -> Authority | None:
        """Whom we ask; None where nobody is."""
        return authority_of(self._data)

    def want(self, note: str, why: str) -> None:
        """Have this checkpoint stamped. Of those an hour, the newest is enough."""
        text = notes.parse(note).text
        size, now = checkpoint_of(text).size, self._clock()
        with self._file.writing() as connection:
            if connection.execute("SELECT 1 FROM stamp WHERE text=?", (text,)).fetchone():
                # what a bundle waits for, no later hour takes the place of
                if why == BUNDLE:
                    connection.execute("UPDATE stamp SET why=? WHERE text=?", (BUNDLE, text))
                return
            row = (note, text, size, why, now, now, 0, now, "", 0)
            before = "FROM stamp WHERE tsr IS NULL AND why=?"
            if why == HOUR and (
                waited := connection.execute(
                    f"SELECT since, tries, due, said, refused {before}", (HOUR,)
                ).fetchone()
            ):
                row = (note, text, size, why, now, *waited)
                connection.execute(f"DELETE {before}", (HOUR,))
            connection.execute(
                "INSERT INTO stamp(note, text, size, why, asked, since, tries, due, said, refused)"
                " VALUES(?,?,?,?,?,?,?,?,?,?)",
                row,
            )

    def hourly(self, checkpoint: Callable[[], str]) -> None:
        """Want the log's checkpoint where an hour has gone by since the last that was wanted,
        and something was logged in it. checkpoint: makes it."""
        last = self._rows("SELECT asked FROM stamp WHERE why=? ORDER BY id DESC LIMIT 1", HOUR)
        # a clock that was set back must not keep it waiting
        if not last or not 0 <= self._clock() - last[0][0] < HOUR_SECONDS:
            self.want(checkpoint(), HOUR)

    def ask(self) -> int:
        """Ask for all that is due; how many were stamped. Takes as long as the authority does."""
        authority = self.authority()
        if authority is None:
            return 0
        due = self._rows(
            "SELECT text FROM stamp WHERE tsr IS NULL AND due<=? ORDER BY id DESC", self._clock()
        )
        return sum(self._ask(authority, text) for (text,) in due)

    def ask_again(self, text: str) -> bool:
        """Now, for a checkpoint that waits; whether it is stamped. False where nobody is asked."""
        authority = self.authority()
        return authority is not None and self._ask(authority, text)

    def ask_for(self, note: str, why: str = BUNDLE) -> Stamped | None:
        """Now, whenever it would be due; None where it is not stamped yet."""
        self.want(note, why)
        text = notes.parse(note).text
        if self.of(text) is None:
            self.ask_again(text)
        return self.of(text)

    def of(self, text: str) -> Stamped | None:
        """The stamp on the checkpoint with this text; None where it is not stamped yet."""
        found = self._stamped("text=?", text)
        return found[0] if found else None

    def all(self, below: int | None = None) -> list[Stamped]:
        """The largest checkpoint first. below: of those of at most that size."""
        return self._stamped("size<=?", below if below is not None else 2**62)

    def latest(self) -> Stamped | None:
        """The last that was stamped, of those kept."""
        found = self._stamped(
            "id=(SELECT id FROM stamp WHERE tsr IS NOT NULL ORDER BY id DESC LIMIT ?)", 1
        )
        return found[0] if found else None

    def waiting(self) -> list[Waiting]:
        """Not stamped yet, the newest first."""
        rows = self._rows(
            "SELECT text, size, why, since, tries, said, refused FROM stamp WHERE tsr IS NULL "
            "ORDER BY id DESC"
        )
        return [Waiting(*row[:-1], refused=bool(row[-1])) for row in rows]

    def _ask(self, authority: Authority, text: str) -> bool:
        # only now, here and below: a hub that starts need not wait for what reads stamps
        from noisetamer.proof import time_stamp

        asked = time_stamp.question(text.encode())
        refused = False
        try:
            answer = _post(authority.url, asked.der)
            stamp = time_stamp.judged(answer, asked, text.encode(), authority.chain, self._clock())
        except time_stamp.StampError as error:
            said, refused = str(error), True
        except (httpx.HTTPError, OSError, ValueError) as error:
            said = str(error) or type(error).__name__
        else:
            with self._file.writing() as connection:
                connection.execute(
                    "UPDATE stamp SET tsr=?, stamped=?, root=?, said='', refused=0 WHERE text=?",
                    (stamp.tsr, stamp.at, authority.root, text),
                )
            return True
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE stamp SET said=?, refused=?, tries=tries+1, "
                "due=?+min(?, ?*(1<<min(tries, 20))) WHERE text=?",
                (said[:500], refused, self._clock(), LONGEST_SECONDS, PAUSE_SECONDS, text),
            )
        return False

    def _stamped(self, where: str, value: object) -> list[Stamped]:
        rows = self._rows(
            "SELECT text, size, why, stamped, tsr, root, note FROM stamp "
            f"WHERE tsr IS NOT NULL AND {where} ORDER BY size DESC, id DESC",
            value,
        )
        return [Stamped(*row) for row in rows]

    def _rows(self, query: str, *values: object) -> list[tuple]:
        with self._file.reading() as connection:
            return connection.execute(query, values).fetchall()


def authority_of(data: Path) -> Authority | None:
    """Raises UserError for a file that is spoilt."""
    file = data / AUTHORITY_FILE
    try:
        table = json_text.loads(file.read_bytes())
        return _authority(table["url"], table["chain"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror or error}).") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            f"{file} names no authority: name it again with 'noisetamer hub stamps by'."
        ) from None


def named(url: str, chain: bytes) -> Authority:
    """chain: PEM. Raises UserError for what can be no authority."""
    return _authority(url, chain.decode("ascii", "replace"))


def set_authority(data: Path, url: str, chain: bytes) -> Authority:
    """Ask this one from now on. chain: PEM. Raises UserError."""
    authority = named(url, chain)
    file = data / AUTHORITY_FILE
    pem = "".join(one.public_bytes(Encoding.PEM).decode("ascii") for one in authority.chain)
    try:
        write_whole(file, f"{json.dumps({'url': url, 'chain': pem}, indent=1)}\n".encode())
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror or error}).") from None
    return authority


def _authority(url: str, chain: str) -> Authority:
    if not is_url(url):
        raise UserError(f"{url!r} is no address of an authority; give http://HOST/...")
    from noisetamer.proof import time_stamp

    return Authority(url, time_stamp.certificates(chain.encode()))


def _post(url: str, query: bytes) -> bytes:
    """Raises httpx.HTTPError, OSError, ValueError."""
    return asyncio.run(_posted(url, query))


async def _posted(url: str, query: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query"}
    # most authorities speak HTTP: what they answer is signed
    tls = ssl.create_default_context() if url.startswith("https:") else False
    async with (
        # of all together: an answer that drips would never be over
        asyncio.timeout(_ASK_SECONDS),
        httpx.AsyncClient(timeout=_ASK_SECONDS, verify=tls) as client,
        client.stream("POST", url, content=query, headers=headers) as answer,
    ):
        answer.raise_for_status()
        found = b""
        async for piece in answer.aiter_bytes():
            found += piece
            if len(found) > _MOST_BYTES:
                raise ValueError("its answer is too long")
    return found
