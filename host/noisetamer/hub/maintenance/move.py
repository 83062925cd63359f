"""Moves all stores of a hub from files to a PostgreSQL server, or back, and compares each table.

No hub may run meanwhile. The side they come from stays as it is, and counts until everything on
the other is the same; the last step, which is one, says that the other counts. Killed before it,
the move begins anew. Keys, certificates and pictures are files in both.
"""

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.database import moving, place
from noisetamer.base.database.moving import Sum
from noisetamer.base.errors import UserError
from noisetamer.base.private_file import write_private
from noisetamer.hub.maintenance.stores import SCHEMAS

FILES = "sqlite"
"""As a place: in files of the hub's folder."""
BEFORE = "before-move"
"""A folder in the hub's, of files that were moved to a server; kept until somebody deletes it."""
TOKEN = "move.token"
"""By it a folder knows on a server what it has put there itself, in a move that did not end."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Moved:
    """One table, as it was and as it is now."""

    store: str
    table: str
    old: Sum
    new: Sum

    @property
    def same(self) -> bool:
        return self.old == self.new


def move(data: Path, to: str, told: Progress = lambda line: None) -> list[Moved]:
    """Move the stores of `data`; what was moved. to: the URL of a database, or FILES.

    Raises UserError where that cannot be: then the hub is where it was.
    """
    try:
        return _moved(data, to, told)
    except (database.Error, OSError) as error:
        raise UserError(
            f"{data}: cannot be moved ({error}): nothing is changed, the hub is where it was;"
            " once that is mended, move again"
        ) from None


def _moved(data: Path, to: str, told: Progress) -> list[Moved]:
    url = place.url_of(data)
    if to == FILES:
        if not url:
            raise UserError(f"{data}: its stores are in files already")
        return _to_files(data, url, told)
    place.checked(to)
    if url:
        raise UserError(
            f"{data}: its stores are in {place.told(url)} already;"
            " move them back first: --to sqlite"
        )
    return _to_server(data, to, told)


def _to_server(data: Path, url: str, told: Progress) -> list[Moved]:
    strange = [one.name for one in data.glob("*.sqlite") if one.name not in SCHEMAS]
    if strange:
        raise UserError(f"{data}: {', '.join(strange)}: is none of a hub's stores; take it away")
    names = [name for name in SCHEMAS if (data / name).is_file()]
    if "hub.sqlite" not in names:
        raise UserError(f"{data}: no hub has run there; name its folder with --data")
    with _staging(data) as staging:
        place.put_url(staging, url)
        _claim(data, staging, url)
        found = _copied(data, staging, names, told)
        place.put_url(data, url)
    aside = _kept_aside(data, names)
    _give_up_claim(data, url)
    told(f"the stores are in {place.told(url)} now; the files are kept: {aside}")
    return found


def _to_files(data: Path, url: str, told: Progress) -> list[Moved]:
    with _staging(data) as staging:
        names = [name for name in SCHEMAS if database.exists(data / name)]
        found = _copied(data, staging, names, told)
        stale = [name for name in SCHEMAS if (data / name).exists()]
        if stale:
            _kept_aside(data, stale)
        for name in names:
            (staging / name).rename(data / name)
        # what is there now may be replaced, if this folder moves to it again
        _mark(url, _token(data))
        (data / place.FILE).unlink()
    told(f"the stores are files of {data} now; {place.told(url)} keeps what it has")
    return found


def _copied(old: Path, new: Path, names: list[str], told: Progress) -> list[Moved]:
    found: list[Moved] = []
    for number, name in enumerate(names):
        schema = SCHEMAS[name]
        with (
            closing(database.opened(old / name, schema)) as source,
            closing(database.opened(new / name, schema)) as target,
        ):
            moving.make_days(source, target, schema)
            with database.one_moment(source):
                for table in moving.tables(schema):
                    what = f"{number + 1}/{len(names)} {name} {table.name}"
                    told(f"{what} ...")
                    last = moving.last_number(source, table)
                    rows = moving.rows(source, table)
                    before = moving.fill(
                        target, table, rows, last, lambda n, what=what: told(f"{what} {n} rows")
                    )
                    with database.one_moment(target):
                        after = moving.summed(target, table)
                    found.append(Moved(name, table.name, before, after))
    wrong = [one for one in found if not one.same]
    if wrong:
        one = wrong[0]
        raise UserError(
            f"{one.store}, table {one.table}: {one.new.rows} rows there, {one.old.rows} here, or"
            " others: nothing is changed, and the hub is where it was"
        )
    return found


@contextmanager
def _staging(data: Path) -> Iterator[Path]:
    """A folder beside the stores, until the move is done or has failed."""
    for left in data.glob(".move-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".move-", dir=data) as folder:
        yield Path(folder)


def _kept_aside(data: Path, names: list[str]) -> Path:
    """The files, where nothing reads them."""
    number = 1
    while (aside := data / BEFORE / str(number)).exists():
        number += 1
    aside.mkdir(mode=0o700, parents=True)
    for name in names:
        for end in ("", "-wal", "-shm"):
            beside = data / f"{name}{end}"
            if beside.exists():
                beside.rename(aside / beside.name)
    return aside


def _token(data: Path) -> str:
    file = data / TOKEN
    if not file.is_file():
        write_private(file, secrets.token_hex(16).encode())
    return file.read_text()


def _claim(data: Path, staging: Path, url: str) -> None:
    """The database is empty, or has only what this folder left there. Raises UserError."""
    from noisetamer.base.database import making

    token = _token(data)
    with database.told(data / "hub.sqlite", SCHEMAS["hub.sqlite"]):
        there = making.stores(url)
        if there and making.mark_of(url) != token:
            raise UserError(
                f"{place.told(url)} holds the stores of a hub already ({', '.join(there)}):"
                " name a database of its own"
            )
        making.drop(url, there)
        making.put_mark(url, token)


def _mark(url: str, token: str) -> None:
    from noisetamer.base.database import making

    making.put_mark(url, token)


def _give_up_claim(data: Path, url: str) -> None:
    _mark(url, "")
    (data / TOKEN).unlink(missing_ok=True)


def in_words(found: list[Moved]) -> Iterator[str]:
    """A table of what was moved, a line a table that has rows, and the sum."""
    wide = max(len(f"{one.store} {one.table}") for one in found)
    yield f"{'table':{wide}}  {'rows':>9}  {'there':>9}  digest"
    for one in found:
        if one.old.rows or one.new.rows:
            name = f"{one.store} {one.table}"
            yield (
                f"{name:{wide}}  {one.old.rows:>9}  {one.new.rows:>9}  {one.new.digest[:16]}"
                f"  {'same' if one.same else 'DIFFERS'}"
            )
    rows = sum(one.new.rows for one in found)
    yield f"{len(found)} tables, {rows} rows: the same on both sides"
