"""What rooms ask their stores, a PostgreSQL server understands too."""

import json
import os
from pathlib import Path

import psycopg
import pytest

from noisetamer.base import database
from noisetamer.base.database import dialect, place
from noisetamer.hub.maintenance.stores import SCHEMAS

pytestmark = pytest.mark.tools


def test_a_server_takes_every_statement_of_the_suite(tmp_path: Path, postgres_url: str):
    """Noted by tests/support/statements.py while all the others ran; tests/run.sh calls this one
    when they are done."""
    if not (noted := os.environ.get("STATEMENTS_FROM")):
        pytest.skip("asked at the end of the whole suite (tests/run.sh)")
    statements = {
        (store, statement)
        for file in Path(noted).glob("*.json")
        for store, statement in json.loads(file.read_text())
    }
    assert len(statements) > 300
    place.put_url(tmp_path, postgres_url)
    for name, schema in SCHEMAS.items():
        database.opened(tmp_path / name, schema).close()
    wrong = []
    with psycopg.connect(postgres_url, autocommit=True) as server:
        for store, statement in sorted(statements):
            if f"{store}.sqlite" not in SCHEMAS:
                continue
            try:
                told = dialect.told(statement, store)
                if told.kind in ("read", "write"):
                    # without the types of its values: one that is NULL has none
                    server.execute(f"PREPARE noted AS {told.text}".encode())
                    server.execute("DEALLOCATE noted")
            except (dialect.DialectError, psycopg.Error) as error:
                wrong.append(f"{store}: {statement}\n    {error}")
    assert not wrong, "\n".join(wrong)
