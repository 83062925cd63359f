"""The album: pictures as files that are written once, and a row for each that was asked for.

A picture's file is named by its SHA-256 and read-only. Its row says what was taken, or why
nothing was; both stay for ever but the file, which is deleted after so many days, and then the
row says that.
"""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from noisetamer.base import database
from noisetamer.hub.cameras.logins import Logins
from noisetamer.hub.cameras.schema import SCHEMA
from noisetamer.hub.cameras.take import Taken, Why

DAY = 86_400

_MODE = 0o444


@dataclass(frozen=True)
class Asked:
    """What is wanted. key: names it for ever; moment: "start", "peak" or a stage; due: Unix s."""

    key: str
    incident: int
    square: str
    moment: str
    due: float


@dataclass(frozen=True)
class Kept:
    """A row. at: when it was taken, or not, Unix s; way: how; sha256: None where there is no
    picture, then why says it, and so it does of ways tried before; deleted: when its file was,
    Unix s; blur: what was done to it, one of blur.DONE, or what was wanted where there is none.
    """

    id: int
    key: str
    incident: int
    square: str
    moment: str
    due: float
    at: float
    way: str
    sha256: str | None
    bytes: int | None
    width: int | None
    height: int | None
    clock_error: float | None
    blur: str
    why: tuple[Why, ...]
    keep_days: int
    deleted: float | None
    deleted_why: str | None

    @property
    def there(self) -> bool:
        """Whether it can be looked at."""
        return self.sha256 is not None and self.deleted is None


_COLUMNS = tuple(field.name for field in fields(Kept))


class Album:
    """Of one hub; from any thread. Methods raise UserError where the files cannot be used."""

    def __init__(self, data: Path, sweep: bool = True) -> None:
        """data: the hub's folder: `pictures/` (folder) and `pictures.sqlite` in it; sweep: delete
        what a hub that was killed left behind; not beside one that runs."""
        self._file = data / "pictures.sqlite"
        self.folder = data / "pictures"
        with database.told(self._file, SCHEMA):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        database.opened(self._file, SCHEMA).close()
        self.logins = Logins(self._open)
        # a file is not deleted between being written and being wanted
        self._files = threading.Lock()
        if sweep:
            self._sweep()

    def keep(self, asked: Asked, taken: Taken, blur: str, keep_days: int) -> Kept:
        """The row of what was asked for: the first that came, however often it is asked."""
        picture = taken.picture
        with self._files:
            digest = self._write(picture.jpeg) if picture else None
            self._insert(asked, taken, digest, blur, keep_days)
        kept = self.of_key(asked.key)
        assert kept
        return kept

    def _insert(
        self, asked: Asked, taken: Taken, digest: str | None, blur: str, keep_days: int
    ) -> None:
        picture = taken.picture
        row = (
            *(asked.key, asked.incident, asked.square, asked.moment, asked.due, taken.at),
            *(taken.way, digest, len(picture.jpeg) if picture else None),
            *((picture.width, picture.height) if picture else (None, None)),
            *(taken.clock_error, blur, json.dumps([astuple(one) for one in taken.why])),
            keep_days,
        )
        with self._open() as connection:
            connection.execute(
                "INSERT INTO picture(key, incident, square, moment, due, at, way,"
                " sha256, bytes, width, height, clock_error, blur, why, keep_days)"
                f" VALUES({', '.join('?' * len(row))}) ON CONFLICT(key) DO NOTHING",
                row,
            )

    def of_key(self, key: str) -> Kept | None:
        return next(self._rows("WHERE key=?", key), None)

    def one(self, id: int) -> Kept | None:
        return next(self._rows("WHERE id=?", id), None)

    def of_incident(self, incident: int) -> list[Kept]:
        """In the order of their moments."""
        return list(self._rows("WHERE incident=? ORDER BY due, id", incident))

    def last_of(self, square: str) -> Kept | None:
        """The last that was asked for there."""
        return next(self._rows("WHERE square=? ORDER BY at DESC, id DESC LIMIT 1", square), None)

    def read(self, kept: Kept) -> bytes | None:
        """The JPEG; None where it is not there, or not what was taken."""
        if not kept.there or kept.sha256 is None:
            return None
        try:
            found = self._path(kept.sha256).read_bytes()
        except OSError:
            return None
        return found if hashlib.sha256(found).hexdigest() == kept.sha256 else None

    def delete_old(self, now: float, keep_days: Callable[[str], int | None]) -> list[Kept]:
        """Delete what was kept long enough, and say of each row that it was.

        keep_days: of a square today; where that is shorter than when a picture was taken, it
        holds. Returns what was deleted.
        """
        old: list[Kept] = []
        days: dict[str, int | None] = {}
        for kept in self._rows("WHERE sha256 IS NOT NULL AND deleted IS NULL ORDER BY at"):
            if kept.square not in days:
                days[kept.square] = keep_days(kept.square)
            today = days[kept.square]
            most = kept.keep_days if today is None else min(today, kept.keep_days)
            if now - kept.at >= most * DAY:
                old.append(kept)
        for kept in old:
            with self._files:
                self._delete(kept, now, "time")
        return old

    def _delete(self, kept: Kept, now: float, why: str) -> None:
        assert kept.sha256
        # said before it is done: a file that is gone without a word would look like a loss
        with self._open() as connection:
            connection.execute(
                "UPDATE picture SET deleted=?, deleted_why=? WHERE id=? AND deleted IS NULL",
                (now, why, kept.id),
            )
        if not any(other.there for other in self._rows("WHERE sha256=?", kept.sha256)):
            with database.told(self.folder, SCHEMA):
                self._path(kept.sha256).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Delete files without a row that wants them: of a hub that was killed between the two."""
        with self._open() as connection:
            wanted = {
                digest
                for (digest,) in connection.execute(
                    "SELECT sha256 FROM picture WHERE sha256 IS NOT NULL AND deleted IS NULL"
                )
            }
        with database.told(self.folder, SCHEMA):
            for file in self.folder.glob("*/*"):
                if file.stem not in wanted:
                    file.unlink()
                elif file.stat().st_mode & 0o777 != _MODE:
                    file.chmod(_MODE)  # from a backup

    def _write(self, jpeg: bytes) -> str:
        digest = hashlib.sha256(jpeg).hexdigest()
        path = self._path(digest)
        new = path.with_suffix(".new")
        with database.told(self.folder, SCHEMA):
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with suppress(FileNotFoundError):
                new.unlink()
            with os.fdopen(
                os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE), "wb"
            ) as file:
                file.write(jpeg)
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(new, path)
            new.unlink()
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return digest

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}.jpg"

    def _rows(self, where: str, *values: object) -> Iterator[Kept]:
        with self._open() as connection:
            rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM picture {where}", values)
            found = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        for row in found:
            why = tuple(Why(*one) for one in json.loads(row["why"]))
            yield Kept(**{**row, "why": why})

    def _open(self) -> AbstractContextManager[database.Connection]:
        return database.connected(self._file, SCHEMA)
