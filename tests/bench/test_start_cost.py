"""What a hub reads at its start does not grow with what it has stored, in steps of SQLite."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import months
import pytest

from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.live import Live
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Store

pytestmark = pytest.mark.bench

UNITS = [Unit(months.unit(number), "", "", "") for number in (1, 2)]
EACH = 10


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Tens of steps that SQLite takes meanwhile, in a list of one."""
    steps, connect = [0], sqlite3.connect

    def count() -> None:
        steps[0] += 1

    def counting(*words: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*words, **options)
        connection.set_progress_handler(count, EACH)
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", counting)
        yield steps


def cost(folder: Path, days: int, monkeypatch: pytest.MonkeyPatch) -> int:
    file = folder / f"{days}.sqlite"
    months.fill(file, len(UNITS), days, 20_790, part=7200)
    with counted(monkeypatch) as steps:
        Store(file).close()
        Live(Commands(lambda subject, body: None)).load(UNITS, Queries(file))  # pyright: ignore
    return steps[0]


def test_the_start_does_not_grow_with_the_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    few, many = (cost(tmp_path, days, monkeypatch) for days in (4, 16))
    assert many < 1.2 * few
