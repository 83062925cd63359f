"""One file that holds all of a hub: made while it runs, and made a hub again in an empty folder.

A tar archive, readable by its owner only: it holds the units' secrets and the authority's key. Its
last member, manifest.json, says of every other how long it is and its SHA-256. Databases are
copied by SQLite's own online backup, one moment of each, and looked through before they count.
"""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from noisetamer import __version__
from noisetamer.base import database
from noisetamer.base.database import place
from noisetamer.base.errors import UserError
from noisetamer.hub.log import schema as log_schema
from noisetamer.hub.log.beginning import note_restored
from noisetamer.hub.people.people import People
from noisetamer.hub.store.writer import Store, StoreError

MANIFEST = "manifest.json"
NOTE = "last_backup.json"
_FORM = 1
_SQLITE = b"SQLite format 3\0"
_BESIDE_A_DATABASE = ("-wal", "-shm", "-journal")
DAMAGED = "damaged"
OLD_DAYS = 8
"""As old as that, the last one is to be followed by another."""
# What is made anew at every start, belongs to the hub that runs, or is kept to look at only.
# And the key of links in messages: one that was sent would name an incident whose number may be
# another's in the hub that is brought back. And key and memory of the witness, which would cosign
# again what it has forgotten that it cosigned. And the log's files, which follow from log.sqlite,
# and bundles of evidence, reports and the facts, which are made anew.
_LEFT_OUT = {"lock", "broker", NOTE, DAMAGED, "links.key", "witness.key", "witness.sqlite", "log"}
_LEFT_OUT |= {
    "before-move",
    "move.token",
    "evidence",
    "month-reports",
    "facts.duckdb",
    "facts.duckdb.wal",
    "facts.duckdb.tmp",
}
_CHUNK = 1 << 20


def make(data: Path, folder: Path, now: datetime | None = None) -> Path:
    """Back up the hub of `data` into a new file in `folder`; the file.

    Raises UserError where that cannot be, or where a database is damaged; then there is none.
    """
    if not database.exists(data / "hub.sqlite"):
        raise UserError(f"{data}: no hub has run there; name its folder with --data")
    now = now or datetime.now(UTC)
    target = folder / f"noisetamer-hub-{now:%Y%m%d-%H%M%S}.tar"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as staging:
            partial = Path(staging) / target.name
            with partial.open("xb") as file:
                partial.chmod(0o600)
                _write(data, Path(staging), file, now)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
    except OSError as error:
        raise UserError(f"{target}: cannot be written ({error.strerror or error})") from None
    verify(target)
    _note(data, target, now)
    return target


def restore(archive: Path, data: Path) -> int:
    """Make `data`, a folder that is empty or not there, the hub that is in `archive`.

    How many files it has. What was acknowledged since the backup was made the boxes do not have
    any more: that is noted in the store, and so is what was gone when they report again. Whoever
    was logged in logs in again, and no link that was sent opens any more: some were used since.
    Raises UserError for a folder in use and for an archive that is damaged; then nothing is there.
    """
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise UserError(f"{data}: is not empty; name an empty folder with --data")
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=data.parent) as staging:
            whole = Path(staging) / "data"
            whole.mkdir(mode=0o700)
            count = 0
            for name, content in _members(archive):
                path = whole / name
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.touch(0o600, exist_ok=False)
                with path.open("wb") as new:
                    for chunk in content:
                        new.write(chunk)
                    new.flush()
                    os.fsync(new.fileno())
                count += 1
            made = _manifest(archive)["made"]
            # on a server the stores are as they are
            if not place.url_of(whole):
                _note_restored(whole, made)
            if data.exists():
                data.rmdir()
            whole.rename(data)
    except (OSError, StoreError) as error:
        raise UserError(f"{data}: cannot be written ({error})") from None
    return count


def _note_restored(whole: Path, made: str) -> None:
    store = Store(whole / "hub.sqlite")
    store.hurt(time.time(), f"restored from the backup of {made}")
    store.close()
    if (whole / log_schema.FILE).is_file():
        note_restored(whole / log_schema.FILE, time.time())
    if database.exists(whole / "people.sqlite"):
        with closing(People(whole / "people.sqlite")) as people:
            people.restored(made)


def verify(archive: Path) -> datetime:
    """When it was made. Raises UserError unless it holds every byte that its manifest names."""
    for _, content in _members(archive):
        for _ in content:
            pass
    return datetime.fromisoformat(_manifest(archive)["made"])


def last_made(data: Path) -> tuple[Path, datetime] | None:
    """The last backup of this hub, as far as it knows of one: where, and when."""
    try:
        note = json.loads((data / NOTE).read_bytes())
        return Path(note["file"]), datetime.fromisoformat(note["made"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def databases(data: Path) -> list[Path]:
    """Every SQLite file in a hub's folder."""
    return [path for path in _files(data) if _is_database(path)]


def databases_of(archive: Path, folder: Path) -> dict[str, Path]:
    """Put the databases of a backup into `folder`; {name: file}. Raises UserError."""
    found: dict[str, Path] = {}
    for name, content in _members(archive):
        if "/" not in name and name.endswith(".sqlite"):
            found[name] = folder / name
            with found[name].open("wb") as file:
                for chunk in content:
                    file.write(chunk)
    return found


def _write(data: Path, staging: Path, file: IO[bytes], now: datetime) -> None:
    listed: dict[str, Any] = {}
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in _files(data):
            name = path.relative_to(data).as_posix()
            if _is_database(path):
                copy = staging / "copy.sqlite"
                _copy_database(path, copy)
                listed[name] = _add(tar, name, copy)
                copy.unlink()
            else:
                try:
                    listed[name] = _add(tar, name, path)
                except FileNotFoundError:
                    continue  # a picture whose time was over
        manifest = {"form": _FORM, "made": now.isoformat(), "by": __version__, "files": listed}
        raw = json.dumps(manifest, indent=1).encode()
        tar.addfile(_header(MANIFEST, len(raw)), io.BytesIO(raw))


def _files(data: Path) -> Iterator[Path]:
    # the log first: what it says of the others they have then, and not the other way round
    for path in sorted(data.rglob("*"), key=lambda path: (path.name != log_schema.FILE, path)):
        first = path.relative_to(data).parts[0]
        beside = path.name.endswith(_BESIDE_A_DATABASE)
        if first not in _LEFT_OUT and not beside and path.is_file() and not path.is_symlink():
            yield path


def _is_database(path: Path) -> bool:
    if path.suffix == ".sqlite":
        return True  # damaged or not
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def _copy_database(path: Path, copy: Path) -> None:
    """One moment of a database that others may be writing. Raises UserError if it is damaged."""
    try:
        with (
            closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            # All pages at once: a writer then does not make it begin again.
            source.backup(target)
            # A copy that stands alone, without a write-ahead log.
            target.execute("PRAGMA journal_mode=DELETE")
            found = target.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except database.Error as error:
        found = str(error)
    if found != "ok":
        raise UserError(
            f"{path}: is damaged ({_line(found)}), so there is no new backup; keep the last one, "
            "and see what 'noisetamer hub check' says"
        )


def _line(text: str) -> str:
    return " ".join(text.split())[:100]


def _add(tar: tarfile.TarFile, name: str, path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        reader = _Hashed(file, size)
        tar.addfile(_header(name, size), reader)  # pyright: ignore[reportArgumentType]
    return {"bytes": size, "sha256": reader.digest.hexdigest()}


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    return header


class _Hashed:
    """The first `size` bytes of a file, with the digest of what was read."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._left = size
        self.digest = hashlib.sha256()

    def read(self, count: int = -1) -> bytes:
        chunk = self._file.read(self._left if count < 0 else min(count, self._left))
        self._left -= len(chunk)
        self.digest.update(chunk)
        return chunk


def _manifest(archive: Path) -> dict[str, Any]:
    try:
        with tarfile.open(archive, "r:") as tar:
            member = tar.extractfile(MANIFEST)
            manifest = json.loads(member.read()) if member else {}
        if manifest["form"] != _FORM:
            raise UserError(
                f"{archive}: was made by a newer Noise Tamer ({manifest['by']}): use that one"
            )
        for name, told in manifest["files"].items():
            pure = PurePosixPath(name)
            if pure.is_absolute() or ".." in pure.parts or not isinstance(told["sha256"], str):
                raise ValueError
        datetime.fromisoformat(manifest["made"])
    except OSError as error:
        raise UserError(f"{archive}: cannot be read ({error.strerror or error})") from None
    except (tarfile.TarError, KeyError, ValueError, TypeError, AttributeError):
        raise UserError(f"{archive}: is no backup of a hub, or its end is missing") from None
    return manifest


def _members(archive: Path) -> Iterator[tuple[str, Iterator[bytes]]]:
    """(name, content) of every file that the manifest names.

    Raises UserError where one is missing; the content does where it is another.
    """
    wanted: dict[str, Any] = dict(_manifest(archive)["files"])
    try:
        with tarfile.open(archive, "r:") as tar:
            for member in tar:
                told = wanted.pop(member.name, None)
                if told and member.isreg():
                    file = tar.extractfile(member)
                    assert file is not None
                    yield member.name, _checked(archive, member.name, file, told["sha256"])
    except (tarfile.TarError, OSError) as error:
        raise UserError(f"{archive}: is damaged ({error})") from None
    if wanted:
        raise UserError(f"{archive}: is damaged ({next(iter(wanted))} is missing)")


def _checked(archive: Path, name: str, file: IO[bytes], sha256: str) -> Iterator[bytes]:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != sha256:
        raise UserError(f"{archive}: is damaged ({name} is not what was backed up)")


def _note(data: Path, target: Path, now: datetime) -> None:
    """For the hub, which says when the last one is old; one that cannot be written is no harm."""
    note = json.dumps({"file": str(target.resolve()), "made": now.isoformat()})
    try:
        (data / NOTE).write_text(note)
    except OSError:
        return
