"""Makes damaged databases of a hub whole again: from what can be read of them, from a backup, and
from what the store holds twice. What is gone all the same is noted with its span.
"""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.database import place
from noisetamer.base.errors import UserError
from noisetamer.hub.log import schema as log_schema
from noisetamer.hub.log.beginning import note_repaired
from noisetamer.hub.maintenance import backup
from noisetamer.hub.maintenance.salvage import salvage
from noisetamer.hub.store import losses, mending, soundness
from noisetamer.hub.store.writer import Store


def repair(data: Path, archive: Path | None, now: float | None = None) -> Iterator[str]:
    """A sentence for each database that was damaged, and one for each hole that is left.

    No hub may run in `data`. archive: a backup of it, for what cannot be read any more. A damaged
    file is kept beside the new one. Raises UserError.
    """
    at = time.time() if now is None else now
    if url := place.url_of(data):
        raise UserError(
            f"{data}: its stores are in {place.told(url)}; what is damaged there its own tools "
            "mend (a standby, pg_dump and pg_restore, point-in-time recovery)"
        )
    with tempfile.TemporaryDirectory(prefix=".repair-", dir=data) as folder:
        spare = Path(folder)
        kept = backup.databases_of(archive, spare) if archive else {}
        for file in sorted({*backup.databases(data), *(data / name for name in kept)}):
            if file.parent != data or _is_sound(file):
                continue
            yield from _repaired(file, kept.get(file.name), spare, at)


def _is_sound(file: Path) -> bool:
    try:
        with database.untouched(file) as connection:
            return not any(soundness.of(connection, file))
    except sqlite3.Error:
        return False


def _repaired(file: Path, copy: Path | None, spare: Path, at: float) -> Iterator[str]:
    new = spare / f"new-{file.name}"
    aside = file.parent / backup.DAMAGED / f"{file.name}-{int(at)}"
    sources = [one for one in (file, copy) if one and one.is_file()]
    if copy and file.name == soundness.STORE:
        Store(copy).close()  # of an older hub: brought to today's version
    try:
        salvage(sources, new)
    except sqlite3.Error as error:
        raise UserError(
            f"{file}: nothing of it can be read ({error}): name a backup with --from"
        ) from None
    said = f"{file.name} was damaged and is made anew" + (
        f" with {copy.name} of the backup" if copy else "; there was no backup to ask"
    )
    if file.name == soundness.STORE:
        with closing(sqlite3.connect(new, isolation_level=None)) as connection:
            mending.mend(connection)
            losses.note_wound(connection, at, said)
            holes = mending.note_what_is_missing(connection, at)
    else:
        holes = []
    if file.name == log_schema.FILE:
        note_repaired(new)
    aside.parent.mkdir(mode=0o700, exist_ok=True)
    for end in ("-wal", "-shm"):
        beside = file.with_name(file.name + end)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + end))
    if file.exists():
        file.rename(aside)
    new.rename(file)
    yield f"{said}; the damaged one is kept: {aside}"
    yield from (losses.in_words(hole) for hole in holes)
