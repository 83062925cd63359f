"""What is gone for ever, kept as a fact: records that neither a unit nor the hub has any more, and
when the store itself was hurt.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from noisetamer.base import database
from noisetamer.base.zones import in_utc
from tamer.record.reading import is_dated

_MISSING = """
    SELECT CAST(:last AS INTEGER) - :first + 1 - (
      SELECT count(*) FROM (
        SELECT seq FROM record WHERE unit=:unit AND boot=:boot AND seq BETWEEN :first AND :last
        UNION
        SELECT seq FROM refused WHERE unit=:unit AND boot=:boot AND seq BETWEEN :first AND :last
      ) AS here)
"""
_BESIDE = "SELECT t FROM record WHERE unit=:unit AND boot=:boot AND seq"


@dataclass(frozen=True)
class Hole:
    """Records of a boot, from first to last, of which so many are missing for ever.

    since, until: the times of the records around them, Unix s, where they have one; passed: when
    the hub came to know it, Unix s.
    """

    unit: str
    boot: int
    first: int
    last: int
    missing: int
    since: int | None
    until: int | None
    passed: float


@dataclass(frozen=True)
class Wound:
    """From then on, Unix s, what was acknowledged before may be missing."""

    at: float
    what: str


def note_holes(
    connection: database.Connection, at: float, holes: Iterable[tuple[str, int, int, int]]
) -> None:
    """(unit, boot, first, last) of each that the mark passed over. In the writer's transaction."""
    for unit, boot, first, last in holes:
        key = {"unit": unit, "boot": boot, "first": first, "last": last}
        (missing,) = connection.execute(_MISSING, key).fetchone()
        if missing == 0:
            continue
        around = [
            connection.execute(f"{_BESIDE}{which} LIMIT 1", key).fetchone()
            for which in ("<:first ORDER BY seq DESC", ">:last ORDER BY seq")
        ]
        since, until = (row[0] if row and is_dated(row[0]) else None for row in around)
        connection.execute(
            "INSERT INTO hole(unit, boot, first, last, missing, since, until, passed)"
            " VALUES(?,?,?,?,?,?,?,?)",
            (unit, boot, first, last, missing, since, until, at),
        )


def note_wound(connection: database.Connection, at: float, what: str) -> None:
    connection.execute("INSERT INTO wound(at, what) VALUES(?,?)", (at, what))


def wounds(connection: database.Connection) -> list[Wound]:
    """Oldest first."""
    return [
        Wound(*row) for row in connection.execute("SELECT at, what FROM wound ORDER BY at, id")
    ]


def holes(connection: database.Connection, since: float) -> list[Hole]:
    """Those that came to be known from then on, Unix s, oldest first."""
    rows = connection.execute(
        "SELECT unit, boot, first, last, missing, since, until, passed FROM hole"
        " WHERE passed>=? ORDER BY id",
        (since,),
    )
    return [Hole(*row) for row in rows]


def in_words(hole: Hole) -> str:
    """Whose, which, and between which times."""
    since = in_utc(hole.since) if hole.since else "the start of the boot"
    until = in_utc(hole.until) if hole.until else "a time that is not known"
    return (
        f"{hole.unit}: {hole.missing} records are gone, of boot {hole.boot} from {hole.first} to "
        f"{hole.last}, between {since} and {until}"
    )
