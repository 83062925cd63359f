"""Every file of ours is told from others and brought from its version to today's."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from noisetamer.base import database
from noisetamer.base.database import Schema, connected, migrate, told, transaction, version_of
from noisetamer.base.errors import UserError

FIRST = ("CREATE TABLE IF NOT EXISTS plant(name TEXT)",)
SECOND = ("ALTER TABLE plant ADD COLUMN height INTEGER", "UPDATE plant SET height=1")
GARDEN = Schema("garden", 0x47415244, "--garden", (FIRST, SECOND), frozenset({"plant"}))


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def migrated(path: Path, schema: Schema = GARDEN) -> None:
    with told(path, schema), opened(path) as connection:
        migrate(connection, path, schema)


def rows(path: Path, query: str) -> list[tuple]:
    with opened(path) as connection:
        return connection.execute(query).fetchall()


def tables(path: Path) -> list[tuple]:
    return rows(path, "SELECT name, sql FROM sqlite_master ORDER BY name")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "garden.sqlite"


def made(path: Path, *statements: str) -> None:
    with opened(path) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_new_file_carries_its_kind_and_its_version(path: Path):
    migrated(path)
    assert rows(path, "PRAGMA application_id") == [(GARDEN.application,)]
    assert rows(path, "PRAGMA user_version") == [(2,)]
    migrated(path)
    with opened(path) as connection:
        assert version_of(connection, path, GARDEN) == 2


def test_an_older_file_takes_only_the_steps_it_lacks(path: Path, tmp_path: Path):
    migrated(path, replace(GARDEN, steps=(FIRST,)))
    made(path, "INSERT INTO plant VALUES('lime')")
    migrated(path)
    assert rows(path, "SELECT * FROM plant") == [("lime", 1)]
    migrated(tmp_path / "new.sqlite")
    assert tables(path) == tables(tmp_path / "new.sqlite")


def test_a_file_from_before_the_number_is_known_by_its_tables(path: Path):
    made(path, *FIRST, "INSERT INTO plant VALUES('lime')")
    migrated(path)
    assert rows(path, "SELECT * FROM plant") == [("lime", 1)]


def test_a_newer_file_is_refused_in_one_sentence_and_left_alone(path: Path):
    migrated(path)
    with pytest.raises(
        UserError,
        match=r"^The garden .*garden\.sqlite was written by a newer Noise Tamer \(format 2, "
        r"this one knows 1\): use the newer one\.$",
    ):
        migrated(path, replace(GARDEN, steps=(FIRST,)))
    assert rows(path, "PRAGMA user_version") == [(2,)]


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE recipe(name)"],
        ["PRAGMA user_version=1"],
        ["PRAGMA application_id=7"],
        ["PRAGMA application_id=7", *FIRST],
    ],
)
def test_anothers_file_is_refused_in_one_sentence_and_left_alone(
    path: Path, statements: list[str]
):
    made(path, *statements)
    before = path.read_bytes()
    with pytest.raises(
        UserError,
        match=r"garden\.sqlite: is no garden; name the right one with --garden\.$",
    ):
        migrated(path)
    assert path.read_bytes() == before


def test_what_is_no_database_is_said(path: Path):
    path.write_text("A shopping list, longer than the header of a database file is. " * 20)
    with pytest.raises(UserError, match="is no garden; name the right one"):
        migrated(path)


def test_a_place_that_is_none_is_said(tmp_path: Path):
    with pytest.raises(UserError, match=r"The garden .* cannot be used \(unable to open"):
        migrated(tmp_path / "nowhere" / "garden.sqlite")


def test_a_migration_that_fails_half_way_leaves_the_file_as_it_was(path: Path):
    migrated(path, replace(GARDEN, steps=(FIRST,)))
    made(path, "INSERT INTO plant VALUES('lime')")
    before = rows(path, "SELECT * FROM plant"), tables(path)
    third = ("DROP TABLE plant", "SELECT * FROM nowhere")
    with pytest.raises(UserError, match="no such table: nowhere"):
        migrated(path, replace(GARDEN, steps=(FIRST, SECOND, third)))
    assert (rows(path, "SELECT * FROM plant"), tables(path)) == before
    assert rows(path, "PRAGMA user_version") == [(1,)]


def test_a_file_that_several_use_is_its_owners_and_every_commit_is_on_the_disk(path: Path):
    with closing(database.opened(path, GARDEN)) as first:
        assert first.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert first.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        with connected(path, GARDEN) as second:
            assert second.execute("PRAGMA synchronous").fetchone() == (2,)
            second.execute("INSERT INTO plant VALUES('lime', 1)")
        assert first.execute("SELECT name FROM plant").fetchall() == [("lime",)]
    assert path.stat().st_mode & 0o777 == 0o600
    assert rows(path, "PRAGMA user_version") == [(2,)]


def test_anothers_file_is_not_opened_and_is_byte_for_byte_as_it_was(path: Path):
    made(path, "CREATE TABLE recipe(name)")
    before = path.read_bytes()
    with pytest.raises(UserError, match="is no garden; name the right one"):
        database.opened(path, GARDEN)
    assert path.read_bytes() == before


def test_a_transaction_is_all_or_nothing_and_says_what_failed(path: Path):
    with closing(database.opened(path, GARDEN)) as connection:
        connection.execute("CREATE UNIQUE INDEX plant_name ON plant(name)")
        with transaction(connection):
            connection.execute("INSERT INTO plant VALUES('lime', 1)")
        # of the second, SQLite rolls back by itself, as it does where a disk fails
        for insert in ("INSERT", "INSERT OR ROLLBACK"):
            with (
                pytest.raises(sqlite3.IntegrityError, match=r"plant\.name"),
                transaction(connection),
            ):
                connection.execute("INSERT INTO plant VALUES('oak', 1)")
                connection.execute(f"{insert} INTO plant VALUES('lime', 2)")
            assert not connection.in_transaction
    assert rows(path, "SELECT name FROM plant") == [("lime",)]


def test_a_file_on_demand_is_made_with_its_first_use_and_again_after_its_end(path: Path):
    file = database.FileOnDemand(path, GARDEN)
    assert not path.exists()
    with file.reading() as connection:
        assert connection.execute("SELECT * FROM plant").fetchall() == []
    for name in ("lime", "elm"):
        with file.writing() as connection:
            connection.execute("INSERT INTO plant VALUES(?, 1)", (name,))
        file.close()
    with file.reading() as connection:
        assert connection.execute("SELECT name FROM plant").fetchall() == [("lime",), ("elm",)]
    file.close()
