"""The same gate for a store on a PostgreSQL server: a real one."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from flaky_wire import FlakyWire

from noisetamer.base import database
from noisetamer.base.database import FileOnDemand, Schema, place, postgres
from noisetamer.base.errors import UserError

pytestmark = pytest.mark.tools

FIRST = (
    """CREATE TABLE plant(
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, height REAL,
      seen INTEGER NOT NULL DEFAULT 0, leaf BLOB NOT NULL DEFAULT x'00ff')""",
    "CREATE INDEX plant_seen ON plant(seen, id) WHERE seen!=0",
    "INSERT INTO plant(name, height, leaf) VALUES('lime', 1.5, x'0102')",
)
SECOND = (
    "ALTER TABLE plant ADD COLUMN bed TEXT NOT NULL DEFAULT ''",
    """CREATE TRIGGER plant_stays BEFORE DELETE ON plant WHEN OLD.seen!=0
      BEGIN SELECT RAISE(ABORT, 'a plant that was seen stays'); END""",
)
GARDEN = Schema("garden", 0x47415244, "--garden", (FIRST, SECOND))


@pytest.fixture
def path(tmp_path: Path, postgres_url: str) -> Path:
    place.put_url(tmp_path, postgres_url)
    return tmp_path / "garden.sqlite"


def names(path: Path) -> list[str]:
    with closing(database.reader(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM plant ORDER BY name")]


def test_a_store_is_made_on_the_server_from_the_steps_and_no_file_is(path: Path):
    assert not database.exists(path)
    with closing(database.opened(path, GARDEN)) as connection:
        row = connection.execute("SELECT id, name, height, seen, leaf, bed FROM plant").fetchone()
        assert row == (1, "lime", 1.5, 0, b"\1\2", "")
        assert database.version_of(connection, path, GARDEN) == 2
        assert [one.name for one in database.columns(connection, "plant") if one.is_key] == ["id"]
    assert database.exists(path) and not path.exists()
    assert (path.parent / place.FILE).stat().st_mode & 0o777 == 0o600


def test_an_older_store_takes_the_steps_it_lacks_and_a_newer_one_is_refused(path: Path):
    database.opened(path, replace(GARDEN, steps=(FIRST,))).close()
    with closing(database.opened(path, GARDEN)) as connection:
        connection.execute("UPDATE plant SET seen=1, bed='south'")
        with pytest.raises(database.IntegrityError, match="a plant that was seen stays"):
            connection.execute("DELETE FROM plant WHERE name=?", ("lime",))
        connection.execute("UPDATE plant SET seen=0")
        assert connection.execute("DELETE FROM plant").rowcount == 1
    with pytest.raises(UserError, match=r"written by a newer Noise Tamer \(format 2, this one"):
        database.opened(path, replace(GARDEN, steps=(FIRST,)))
    with pytest.raises(UserError, match="is no ledger"):
        database.opened(path, replace(GARDEN, name="ledger", application=7))


def test_what_comes_back_is_what_a_file_gives_back(path: Path, tmp_path: Path):
    """Types, truth, sums and orders."""
    questions = (
        ("SELECT height > 1, seen, NULL, name || ?1, ?1 FROM plant", ("!",)),
        ("SELECT count(*), sum(seen), sum(height), avg(seen), max(sum(seen), 3) FROM plant", ()),
        ("SELECT CAST(height AS INTEGER), 7 / 2, 7 % 4, coalesce(NULL, ?) FROM plant", (2.5,)),
        ("SELECT instr(name, ?), substr(name, ?, 2), length(leaf) FROM plant", ("m", 2)),
        ("SELECT name FROM plant WHERE CAST(?1 AS TEXT) IS NULL OR name=?1", (None,)),
        ("SELECT leaf FROM plant UNION ALL SELECT CAST(NULL AS BLOB) FROM plant", ()),
        ("SELECT name FROM plant WHERE bed IS ? AND seen=?", ("", False)),
        ("SELECT name FROM plant WHERE (seen, id) > (:seen, :id)", {"seen": 0, "id": 0}),
        (
            "SELECT name FROM plant UNION SELECT 'Ä' UNION SELECT 'Z' UNION SELECT 'a' ORDER BY 1",
            (),
        ),
        ("SELECT leaf FROM plant WHERE leaf=? AND x'00'<leaf", (b"\1\2",)),
    )
    beside = tmp_path / "beside"
    beside.mkdir()
    with (
        closing(database.opened(path, GARDEN)) as server,
        closing(database.opened(beside / "garden.sqlite", GARDEN)) as file,
    ):
        for statement, values in questions:
            told = server.execute(statement, values).fetchall()
            assert told == file.execute(statement, values).fetchall(), statement
            assert all(type(one) is not bool for row in told for one in row)


def test_a_transaction_is_all_or_nothing_and_nobody_else_writes_meanwhile(path: Path):
    order = []
    with (
        closing(database.opened(path, GARDEN)) as first,
        closing(database.opened(path, GARDEN)) as second,
    ):

        def write() -> None:
            second.execute("INSERT INTO plant(name) VALUES('elm')")
            order.append("second")

        with database.transaction(first):
            (highest,) = first.execute("SELECT max(id) FROM plant").fetchone()
            beside = threading.Thread(target=write)
            beside.start()
            beside.join(0.2)
            first.execute("INSERT INTO plant(id, name) VALUES(?, 'oak')", (highest + 5,))
            order.append("first")
        beside.join()
        assert order == ["first", "second"]
        with pytest.raises(sqlite3.IntegrityError), database.transaction(first):
            first.execute("INSERT INTO plant(name) VALUES('yew')")
            first.execute("INSERT INTO plant(name) VALUES('oak')")
        assert not first.in_transaction
        with database.one_moment(first):
            before = first.execute("SELECT count(*) FROM plant").fetchone()
            second.execute("INSERT INTO plant(name) VALUES('ash')")
            assert first.execute("SELECT count(*) FROM plant").fetchone() == before
    assert names(path) == ["ash", "elm", "lime", "oak"]


def test_what_failed_within_is_never_called_committed(path: Path):
    with closing(database.opened(path, GARDEN)) as connection:
        with (
            pytest.raises(database.Error, match="had failed before"),
            database.transaction(connection),
        ):
            connection.execute("INSERT INTO plant(name) VALUES('yew')")
            with pytest.raises(database.IntegrityError):
                connection.execute("INSERT INTO plant(name) VALUES('lime')")
        assert not connection.in_transaction
    assert names(path) == ["lime"]


def test_a_reader_does_not_write_and_a_store_on_demand_is_made_with_its_first_use(path: Path):
    file = FileOnDemand(path, GARDEN)
    assert not database.exists(path)
    with file.writing() as connection:
        connection.execute("INSERT INTO plant(name) VALUES('elm')")
    with file.reading() as connection, pytest.raises(database.Error, match="only reads"):
        connection.execute("DELETE FROM plant")
    file.close()
    assert names(path) == ["elm", "lime"]


def test_a_server_that_goes_away_is_met_again_by_itself(path: Path, postgres_url: str):
    with FlakyWire(int(postgres_url.partition("127.0.0.1:")[2].partition("/")[0])) as wire:
        name = postgres_url.rpartition("/")[2]
        place.put_url(path.parent, f"postgresql://noisetamer@127.0.0.1:{wire.port}/{name}")
        with closing(database.opened(path, GARDEN)) as connection:
            connection.execute("INSERT INTO plant(name) VALUES('elm')")
            wire.cut()
            # an idle connection broke: nobody need know
            connection.execute("INSERT INTO plant(name) VALUES('oak')")
            with pytest.raises(database.Error), database.transaction(connection):
                connection.execute("INSERT INTO plant(name) VALUES('yew')")
                wire.cut()
                connection.execute("INSERT INTO plant(name) VALUES('ash')")
            assert not connection.in_transaction
            wire.refuse()
            for _ in range(2):
                with pytest.raises(database.Error, match="does not answer"):
                    connection.execute("INSERT INTO plant(name) VALUES('fir')")
            with pytest.raises(UserError, match=r"The garden cannot be used: PostgreSQL at 127"):
                database.opened(path, GARDEN)
            wire.listen()
            connection.execute("INSERT INTO plant(name) VALUES('fir')")
            assert names(path) == ["elm", "fir", "lime", "oak"]
        from noisetamer.base.database import postgres

        postgres.let_go(place.url_of(path.parent))


def test_what_a_server_lacks_is_one_sentence(path: Path, postgres_url: str):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN")
        try:
            place.put_url(path.parent, postgres_url.replace("noisetamer@", "guest:secret@"))
            with pytest.raises(
                UserError, match=r"does not let this user .*GRANT it CREATE"
            ) as said:
                database.opened(path, GARDEN)
            assert "secret" not in str(said.value)
        finally:
            connection.execute("DROP ROLE guest")
    place.put_url(path.parent, f"{postgres_url}_of_nobody")
    with pytest.raises(UserError, match=r"lets nobody in .*does not exist"):
        database.opened(path, GARDEN)
    (path.parent / place.FILE).write_text("mysql://here/it")
    with pytest.raises(UserError, match=r"database\.url: is no address of a PostgreSQL database"):
        database.opened(path, GARDEN)


def test_who_is_paused_in_the_midst_of_writing_keeps_nobody_out_for_long(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    with closing(database.opened(path, GARDEN)) as paused:
        # of this transaction only: the machine may stand still in another
        with monkeypatch.context() as patched:
            patched.setattr(postgres, "PAUSED_SECONDS", 2)
            paused.execute("BEGIN IMMEDIATE")
        paused.execute("UPDATE plant SET name='elm'")
        with closing(database.opened(path, GARDEN)) as other:
            other.execute("UPDATE plant SET height=2.5")
        with pytest.raises(database.Error, match=r"ended a transaction|does not answer"):
            paused.execute("COMMIT")
        assert names(path) == ["lime"]
        paused.execute("UPDATE plant SET name='elm'")
    assert names(path) == ["elm"]
