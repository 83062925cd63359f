"""The districts of a city: each has its squares and its people, and sees nothing else.

Which squares are in which stands beside the accounts, in people.sqlite: an account and what it may
see are read at one moment. A hub without districts is all the city's.
"""

from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path

from noisetamer.base import database
from noisetamer.hub.people import audit
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.file import PeopleFile
from noisetamer.hub.people.names import AccountError, cleaned, key_of
from noisetamer.hub.people.roles import District

LONGEST_NAME = 64


class Districts:
    """Those in the register. changed: is called after whatever may change what somebody sees."""

    def __init__(
        self, file: PeopleFile, changed: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        """clock: Unix s."""
        self._file = file
        self._changed = changed
        self._clock = clock

    def all(self) -> list[District]:
        """In the order they were made."""
        with self._file.reading() as connection:
            return list(districts_in(connection).values())

    def one(self, id: int) -> District | None:
        """None where there is none."""
        with self._file.reading() as connection:
            return district_in(connection, id)

    def named(self, name: str) -> District | None:
        """However it is written."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT id FROM district WHERE key=?", (key_of(name),)
            ).fetchone()
            return district_in(connection, row[0]) if row else None

    def of_square(self, square: str) -> District | None:
        """None where it is the city's."""
        with self._file.reading() as connection:
            id = district_of_square(connection, square)
            return None if id is None else district_in(connection, id)

    def make(self, name: str, by: By) -> District:
        """Raises AccountError for a name that is none, or taken."""
        name = _checked(name)
        with self._file.writing() as connection:
            _must_be_free(connection, name, 0)
            audit.append(connection, self._clock(), by, "district_made", name)
            (id,) = connection.execute(
                "INSERT INTO district(name, key) VALUES(?,?) RETURNING id", (name, key_of(name))
            ).fetchone()
        return District(id, name)

    def rename(self, id: int, name: str, by: By) -> None:
        """Raises AccountError."""
        name = _checked(name)
        with self._file.writing() as connection:
            before = _there(connection, id)
            _must_be_free(connection, name, id)
            detail = {"name": [before.name, name]}
            audit.append(
                *(connection, self._clock(), by, "district_renamed", name),
                detail=detail,
                district=id,
            )
            connection.execute(
                "UPDATE district SET name=?, key=? WHERE id=?", (name, key_of(name), id)
            )
        self._changed()

    def put(self, id: int, squares: Collection[str], by: By) -> None:
        """These squares, and no others, are in it; each leaves where it was. Raises AccountError
        for no district."""
        with self._file.writing() as connection:
            before = _there(connection, id)
            for square in sorted(before.squares ^ set(squares)):
                here = square in before.squares
                detail = {"square": square, "district": "" if here else before.name}
                audit.append(
                    *(connection, self._clock(), by, "district_square", square),
                    detail=detail,
                    district=id,
                )
                left = district_of_square(connection, square)
                if left not in (None, id):
                    # whose square it was hears that it is none any more, not whose it is
                    audit.append(
                        *(connection, self._clock(), by, "district_square", square),
                        detail={"square": square, "district": ""},
                        district=left,
                    )
                connection.execute("DELETE FROM district_square WHERE square=?", (square,))
                if not here:
                    connection.execute("INSERT INTO district_square VALUES(?,?)", (square, id))
        self._changed()


def district_at(file: Path, square: str) -> int | None:
    """Of a square, for whoever has only the register's file; None where it is the city's, or no
    hub has run there yet."""
    if not database.exists(file):
        return None
    with closing(PeopleFile(file)) as opened, opened.reading() as connection:
        return district_of_square(connection, square)


def district_in(connection: database.Connection, id: int) -> District | None:
    """Within what the caller reads at one moment."""
    row = connection.execute("SELECT name FROM district WHERE id=?", (id,)).fetchone()
    if row is None:
        return None
    squares = connection.execute("SELECT square FROM district_square WHERE district=?", (id,))
    return District(id, row[0], frozenset(square for (square,) in squares.fetchall()))


def districts_in(connection: database.Connection) -> dict[int, District]:
    """{id: it}, of all."""
    names = connection.execute("SELECT id, name FROM district ORDER BY id").fetchall()
    squares: dict[int, list[str]] = {id: [] for id, _ in names}
    if names:
        rows = connection.execute("SELECT square, district FROM district_square").fetchall()
        for square, id in rows:
            squares[id].append(square)
    return {id: District(id, name, frozenset(squares[id])) for id, name in names}


def district_of_square(connection: database.Connection, square: str) -> int | None:
    """None where it is the city's."""
    row = connection.execute(
        "SELECT district FROM district_square WHERE square=?", (square,)
    ).fetchone()
    return row[0] if row else None


def _there(connection: database.Connection, id: int) -> District:
    found = district_in(connection, id)
    if found is None:
        raise AccountError("no_district", "There is no such district.")
    return found


def _checked(name: str) -> str:
    name = cleaned(name)
    if not name or len(name) > LONGEST_NAME:
        raise AccountError(
            "district_name_length", f"A district has a name of 1 to {LONGEST_NAME} characters."
        )
    return name


def _must_be_free(connection: database.Connection, name: str, id: int) -> None:
    taken = connection.execute(
        "SELECT 1 FROM district WHERE key=? AND id!=?", (key_of(name), id)
    ).fetchone()
    if taken:
        raise AccountError("district_taken", f"There is a district {name} already.")
