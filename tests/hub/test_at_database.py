"""`noisetamer hub --database URL`: what cannot be is one sentence, and nothing is changed."""

from pathlib import Path

import pytest

from noisetamer.base import database
from noisetamer.base.database import place
from noisetamer.base.errors import UserError
from noisetamer.hub.at_database import keep_at, what_a_backup_lacks
from noisetamer.hub.maintenance import backup
from noisetamer.hub.maintenance.check import check
from noisetamer.hub.maintenance.repair import repair
from noisetamer.hub.maintenance.stores import SCHEMAS
from noisetamer.hub.registry import Units
from noisetamer.hub.store.writer import Store

NOWHERE = "postgresql://noisetamer:secret@127.0.0.1:1/noisetamer"


def test_no_address_a_server_that_is_away_and_files_that_are_there_are_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"^--database: is no address of a PostgreSQL database"):
        keep_at(tmp_path, "/var/lib/noisetamer")
    with pytest.raises(UserError, match=r"^--database: PostgreSQL at 127\.0\.0\.1:1, .*") as said:
        keep_at(tmp_path, NOWHERE)
    assert "secret" not in str(said.value)
    Units(tmp_path / "units.sqlite")
    with pytest.raises(UserError, match=r"keeps its stores in files .* hub move"):
        keep_at(tmp_path, NOWHERE)
    assert place.url_of(tmp_path) == "" == what_a_backup_lacks(tmp_path)


@pytest.mark.tools
def test_every_store_is_made_there_and_what_is_the_servers_own_is_said(
    tmp_path: Path, postgres_url: str
):
    data = tmp_path / "hub"
    other = postgres_url.rpartition("/")[0] + "/postgres"
    keep_at(data, other)
    keep_at(data, postgres_url)  # nothing was made there yet
    keep_at(data, postgres_url)
    for name, schema in SCHEMAS.items():
        database.opened(data / name, schema).close()
    Store(data / "hub.sqlite").close()
    with pytest.raises(UserError, match=r"there are none in .* hub move"):
        keep_at(data, other)
    with pytest.raises(UserError, match="holds the stores of a hub already"):
        keep_at(tmp_path / "second", postgres_url)
    assert not (tmp_path / "second").exists()
    made = backup.make(data, tmp_path / "copies")
    assert "pg_dump" in what_a_backup_lacks(data)
    assert backup.restore(made, tmp_path / "again") == 1
    assert place.url_of(tmp_path / "again") == postgres_url
    with pytest.raises(UserError, match="its stores are in PostgreSQL at 127"):
        list(repair(data, None))
    found = {finding.what: finding for finding in check(data)}
    assert not found["stores"].ill and not found["audit log"].ill
