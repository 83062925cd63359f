"""A database has one hub at a time, wherever its folder was copied to."""

import asyncio
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from noisetamer.base import database
from noisetamer.base.database import place
from noisetamer.base.errors import UserError
from noisetamer.hub.leases.leases import SCHEMA, FencedError
from noisetamer.hub.leases.sole import SoleUse
from noisetamer.hub.leases.tenure import LAPSE_SECONDS

pytestmark = pytest.mark.service


class Clock:
    """Monotonic, and waited for in no time; the other beats meanwhile, if there is one."""

    def __init__(self) -> None:
        self.now = 0.0
        self.other: SoleUse | None = None

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds
        if self.other:
            self.other._tenant.turn()


@pytest.fixture
def folder(tmp_path: Path, postgres_url: str) -> Path:
    place.put_url(tmp_path, postgres_url)
    return tmp_path


def test_a_second_hub_is_refused_by_name_until_the_first_has_ended(folder: Path):
    clock = Clock()
    first = SoleUse(folder, clock.wait, clock)
    clock.other = first
    with pytest.raises(UserError, match=r"Another hub uses PostgreSQL at .*one-hub-\w+@.*end it"):
        SoleUse(folder, clock.wait, clock)
    clock.other = None
    first.close()
    before = clock.now
    SoleUse(folder, clock.wait, clock).close()
    assert clock.now == before


def test_one_that_was_paused_for_long_commits_nothing_more_and_ends(folder: Path):
    clock = Clock()
    paused = SoleUse(folder, clock.wait, clock)
    there = SoleUse(folder, clock.wait, clock)
    assert 6 <= clock.now < 9
    with (
        closing(database.opened(folder / "city.sqlite", SCHEMA)) as connection,
        pytest.raises(FencedError),
        database.transaction(connection),
    ):
        paused.fence.hold(connection)
    paused._tenant.turn(takes=False)
    clock.now += LAPSE_SECONDS  # the other is slow to begin
    assert "Another hub has taken over" in asyncio.run(paused.lost())
    paused.close()
    with (
        closing(database.opened(folder / "city.sqlite", SCHEMA)) as connection,
        database.transaction(connection),
    ):
        there.fence.hold(connection)
    there.close()


def test_a_city_is_not_run_as_one_hub(tmp_path: Path):
    (tmp_path / "city.toml").touch()
    said = subprocess.run(
        [sys.executable, "-m", "noisetamer", "hub", "--data", tmp_path, "--port", "0"],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 2
    assert "'noisetamer city hub'" in said.stderr
    assert len(said.stderr.splitlines()) == 1
