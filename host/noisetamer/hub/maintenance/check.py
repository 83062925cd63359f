"""Whether a hub's folder is sound: every database, the log against what is kept, the certificates,
the room, the last backup.

Reads only, and beside a hub that runs.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.database import place
from noisetamer.base.errors import UserError
from noisetamer.base.zones import in_utc
from noisetamer.hub import registry
from noisetamer.hub.bus.authority import look_at
from noisetamer.hub.log import comparison
from noisetamer.hub.maintenance import backup
from noisetamer.hub.people.people import People
from noisetamer.hub.store import chain_check, losses, minutes_check, soundness
from noisetamer.hub.store.schema import SCHEMA

# Less is little: months of a few units.
LEAST_FREE = 1_000_000_000
_MOST = 20
_SCHEMAS = {"hub.sqlite": SCHEMA, "units.sqlite": registry.SCHEMA}


@dataclass(frozen=True)
class Finding:
    """ill: something is to be done; else it is only told."""

    what: str
    said: str
    ill: bool


def check(data: Path, now: datetime | None = None) -> Iterator[Finding]:
    """What is found, one after the other. Raises UserError where no hub has run."""
    if not database.exists(data / "hub.sqlite"):
        raise UserError(f"{data}: no hub has run there; name its folder with --data")
    now = now or datetime.now(UTC)
    for path in backup.databases(data):
        yield from _database(path)
    if url := place.url_of(data):
        said = f"in {place.told(url)}: their pages and their backup are that server's"
        yield Finding("stores", said, ill=False)
        # what is in it is the hub's
        yield from _database(data / soundness.STORE)
    yield from _history(data)
    yield from _audit(data / "people.sqlite")
    yield from (Finding("log", said.text, said.ill) for said in comparison.compare(data))
    yield from _certificates(data / "certificates", now)
    yield from _room(data)
    yield from _backup(data, now)


def _database(path: Path) -> Iterator[Finding]:
    name = path.name
    try:
        with database.untouched(path) as connection:
            schema = _SCHEMAS.get(name)
            with database.told(path, schema or SCHEMA):
                version = database.version_of(connection, path, schema) if schema else None
            yield from _few(name, soundness.of(connection, path), _sound(schema, version))
            if soundness.is_store(connection, path):
                yield from _losses(connection)
    except (database.Error, UserError) as error:
        yield Finding(name, str(error), ill=True)


def _history(data: Path) -> Iterator[Finding]:
    """Whether records and minutes still are what the boxes told."""
    store = data / soundness.STORE
    try:
        keys = registry.chain_keys(data / "units.sqlite")
        with database.untouched(store) as connection:
            if not soundness.is_store(connection, store):
                return
            chains = chain_check.problems(connection, lambda unit: keys.get(unit, ()))
            good = "every record with a seal follows from the one before"
            yield from _few("records", chains, good)
            remade = minutes_check.problems(connection)
            yield from _few("minutes", remade, "are what their records say")
    except (database.Error, UserError):
        return  # what is damaged is said of the file itself


def _few(what: str, problems: Iterator[str], good: str) -> Iterator[Finding]:
    """The first of them, and how many more there are; `good` where there is none."""
    found = 0
    for problem in filter(None, problems):
        found += 1
        if found <= _MOST:
            yield Finding(what, problem, ill=True)
    if found > _MOST:
        yield Finding(what, f"and {found - _MOST} more", ill=True)
    if not found:
        yield Finding(what, good, ill=False)


def _audit(path: Path) -> Iterator[Finding]:
    """Whether each row of the audit log follows from the one before."""
    if database.exists(path):
        try:
            found = People(path).log.verify()
        except UserError as error:
            found = str(error)
        yield Finding("audit log", found or "every row follows from the one before", bool(found))


def _sound(schema: database.Schema | None, version: int | None) -> str:
    if schema and version is not None and version < schema.version:
        return f"sound, of an older hub (format {version}); brought to today's at the next start"
    return "sound"


def _losses(connection: database.Connection) -> Iterator[Finding]:
    """What was hurt before, and what is gone since. Nothing is to be done any more."""
    hurt = losses.wounds(connection)
    for wound in hurt:
        yield Finding("hub.sqlite", f"{in_utc(wound.at)}: {wound.what}", ill=False)
    if hurt:
        for hole in losses.holes(connection, hurt[0].at):
            yield Finding("hub.sqlite", losses.in_words(hole), ill=False)


def _certificates(folder: Path, now: datetime) -> Iterator[Finding]:
    try:
        ends = look_at(folder)
    except (OSError, ValueError) as error:
        yield Finding("certificates", f"cannot be used: {error}", ill=True)
        return
    for what, end in ends.items():
        days = (end - now).days
        said = f"{what} ends on {end:%Y-%m-%d}"
        yield Finding("certificates", said, ill=days < 7)


def _room(data: Path) -> Iterator[Finding]:
    usage = shutil.disk_usage(data)
    said = f"{usage.free / 1e9:.1f} GB of {usage.total / 1e9:.0f} GB free"
    yield Finding("disk", said, ill=usage.free < LEAST_FREE)


def _backup(data: Path, now: datetime) -> Iterator[Finding]:
    last = backup.last_made(data)
    if last is None:
        yield Finding("backup", "none was made yet: noisetamer hub backup FOLDER", ill=False)
        return
    file, made = last
    if not file.is_file():
        yield Finding("backup", f"{file} of {made:%Y-%m-%d} is not there any more", ill=False)
        return
    try:
        backup.verify(file)
    except UserError as error:
        yield Finding("backup", str(error), ill=True)
        return
    old = (now - made).days >= backup.OLD_DAYS
    yield Finding("backup", f"{file} of {made:%Y-%m-%d %H:%M} UTC is whole", ill=old)
