"""All stores to a PostgreSQL server, and back into files: every table compared."""

import asyncio
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import hub_with_an_evening as told
import pytest
from hub_with_an_evening import EAST, ROOT, HubFolder

from noisetamer.base import database
from noisetamer.base.database import moving, place
from noisetamer.base.errors import UserError
from noisetamer.hub.evidence.bundle import make
from noisetamer.hub.evidence.proofs import opened_log
from noisetamer.hub.evidence.scope import Asked
from noisetamer.hub.maintenance import move
from noisetamer.hub.maintenance.check import check
from noisetamer.hub.maintenance.inspection import Inspection
from noisetamer.hub.maintenance.move import FILES
from noisetamer.hub.maintenance.stores import SCHEMAS
from noisetamer.hub.store.queries import Queries
from noisetamer.proof import public_key, verify_evidence

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> HubFolder:
    return told.evening(tmp_path_factory.mktemp("moved") / "hub")


@pytest.fixture
def hub(evening: HubFolder, tmp_path: Path) -> HubFolder:
    """One that nobody else has."""
    folder = shutil.copytree(evening.folder, tmp_path / "hub")
    return HubFolder(folder, evening.incident, evening.evening)


def tables(folder: Path) -> dict[str, list[Any]]:
    """All that its files hold."""
    found = {}
    for name, schema in SCHEMAS.items():
        if (folder / name).exists():
            with closing(sqlite3.connect(folder / name)) as connection:
                for table in moving.tables(schema):
                    rows = connection.execute(f'SELECT * FROM "{table.name}"').fetchall()
                    found[f"{name} {table.name}"] = sorted(rows, key=repr)
    return found


def verified(hub: HubFolder, out: Path) -> Counter[str]:
    """How a bundle of its incident is judged, by a stranger."""
    asked = Asked(
        by="chen", role="officer", reason="handed on", incident=hub.incident, made=1_900_000_000
    )
    with closing(opened_log(hub.folder)) as log:
        make(hub.folder, log, asked, out, lambda *step: None)
    report = verify_evidence.verify(out.read_bytes(), root=public_key.pem(ROOT.public))
    assert report.code == 0
    return Counter(line.state for line in report.lines)


def read(hub: HubFolder) -> list[Any]:
    queries = Queries(hub.folder / "hub.sqlite")
    return [
        queries.units(),
        queries.span(EAST),
        queries.latest(EAST),
        queries.last_hour(EAST),
        queries.hours(EAST, 3, 8.0),
        queries.events(EAST, 50),
        queries.feed(0, 100),
    ]


def test_an_evening_is_moved_there_and_back_and_nothing_is_another(
    hub: HubFolder, tmp_path: Path, postgres_url: str
):
    before, answers = tables(hub.folder), read(hub)
    judged = verified(hub, tmp_path / "before.zip")
    before = tables(hub.folder)  # its log has a leaf more
    url = postgres_url
    found = move.move(hub.folder, url)
    assert {f"{one.store} {one.table}": one.new.rows for one in found} == {
        name: len(rows) for name, rows in before.items()
    }
    assert not list(hub.folder.glob("*.sqlite"))
    assert (hub.folder / place.FILE).stat().st_mode & 0o777 == 0o600
    assert read(hub) == answers
    assert verified(hub, tmp_path / "there.zip") == judged
    assert all(one.same for one in move.move(hub.folder, FILES))
    assert not (hub.folder / place.FILE).exists()
    assert read(hub) == answers
    after = tables(hub.folder)
    for name in (
        "log.sqlite",
        "people.sqlite",
        "stamps.sqlite",
    ):  # of the bundle that was made there
        for kept in (before, after):
            for table in [one for one in kept if one.startswith(name)]:
                del kept[table]
    assert after == before
    # and once more to where it was
    assert all(one.same for one in move.move(hub.folder, url))
    assert read(hub) == answers


def test_a_move_that_was_killed_begins_anew(
    hub: HubFolder, postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    before, url = tables(hub.folder), postgres_url
    fill, count = moving.fill, [0]

    def killed(*told: Any) -> Any:
        count[0] += 1
        if count[0] == 30:
            raise KeyboardInterrupt
        return fill(*told)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(moving, "fill", killed)
        move.move(hub.folder, url)
    assert not (hub.folder / place.FILE).exists()
    assert tables(hub.folder) == before
    found = move.move(hub.folder, url)
    assert sum(one.new.rows for one in found) == sum(map(len, before.values()))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(moving, "fill", killed)
        count[0] = 0
        move.move(hub.folder, FILES)
    assert place.url_of(hub.folder) == url
    move.move(hub.folder, FILES)
    assert tables(hub.folder) == before


def test_where_a_table_is_another_the_hub_stays_where_it_was(
    hub: HubFolder, postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    before = tables(hub.folder)
    monkeypatch.setattr(moving, "summed", lambda *_: moving.Sum(1, "0"))
    with pytest.raises(UserError, match=r"acked: 1 rows there, 2 here.*the hub is where it was"):
        move.move(hub.folder, postgres_url)
    assert not (hub.folder / place.FILE).exists()
    assert tables(hub.folder) == before


def test_a_database_that_another_hub_has_is_left_alone(
    hub: HubFolder, tmp_path: Path, postgres_url: str
):
    other, url = shutil.copytree(hub.folder, tmp_path / "other"), postgres_url
    move.move(other, url)
    with pytest.raises(UserError, match="holds the stores of a hub already"):
        move.move(hub.folder, url)
    with pytest.raises(UserError, match="are in PostgreSQL at"):
        move.move(other, url)
    assert read(HubFolder(other, hub.incident, hub.evening)) == read(hub)


def test_what_is_spoilt_there_is_found(hub: HubFolder, postgres_url: str):
    move.move(hub.folder, postgres_url)

    def said() -> list[str]:
        return [one.said for one in check(hub.folder) if one.what == "hub.sqlite"]

    looks = Inspection(hub.folder)
    asyncio.run(looks.once())
    assert (said(), list(looks.troubles())) == (["sound"], [])
    with closing(database.plain(hub.folder / "hub.sqlite")) as connection:
        connection.execute("UPDATE record SET body=x'00' WHERE unit=? AND seq=7", (EAST,))
    assert any(f"record 1.7 of {EAST}" in one for one in said())
    asyncio.run(looks.once())
    assert [one.key for one in looks.troubles()] == ["spoilt"]


def test_a_server_that_does_not_answer_is_one_sentence(hub: HubFolder):
    before = tables(hub.folder)
    with pytest.raises(UserError, match="does not answer"):
        move.move(hub.folder, "postgresql://noisetamer@127.0.0.1:1/levels")
    with pytest.raises(UserError, match="is no address of a PostgreSQL database"):
        move.move(hub.folder, "mysql://127.0.0.1/levels")
    assert tables(hub.folder) == before
