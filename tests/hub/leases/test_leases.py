"""Leases in a real PostgreSQL database: whoever was paused past its lease commits nothing."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from paused_writer import UNIT, record
from scripted_unit import START
from waiting import DEADLINE

from noisetamer.base import database
from noisetamer.base.database import place
from noisetamer.hub.leases.leases import SCHEMA, FencedError, Tenant
from noisetamer.hub.leases.tenure import LAPSE_SECONDS
from noisetamer.hub.store.writer import Store

pytestmark = pytest.mark.service

PARTS = ["part-0", "part-1"]


class Steady:
    """A monotonic clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path, postgres_url: str) -> Path:
    place.put_url(tmp_path, postgres_url)
    return tmp_path


def test_two_share_and_what_one_gives_back_the_other_has_at_once(folder: Path):
    one, two = (Tenant(folder, "worker", PARTS, Steady()) for _ in range(2))
    assert set(one.turn()) == set(PARTS)
    assert two.turn() == {}
    # it lets go of the work first, then of the lease
    assert len(one.turn()) == 1
    assert two.turn() == {}
    assert len(one.turn()) == 1
    assert len(two.turn()) == 1
    one.close()
    assert set(two.turn()) == set(PARTS)
    two.close()


def test_who_says_nothing_for_a_while_has_lost_its_part_and_may_not_write(folder: Path):
    clock = Steady()
    gone, there = (Tenant(folder, "worker", PARTS[:1], clock) for _ in range(2))
    old = gone.turn()["part-0"]
    assert there.turn() == {}
    clock.now += LAPSE_SECONDS
    new = there.turn()["part-0"]
    assert new.number == old.number + 1
    assert not gone.sure
    assert there.sure
    with closing(database.opened(folder / "city.sqlite", SCHEMA)) as connection:
        with database.transaction(connection):
            new.hold(connection)
        with pytest.raises(FencedError), database.transaction(connection):
            old.hold(connection)
    # it learns of it with its next beat, and has it again only when the other lets go
    assert gone.turn() == {}
    there.close()
    assert gone.turn()["part-0"].number == new.number + 1
    gone.close()


def test_who_is_paused_as_it_looks_takes_nothing_from_who_came_meanwhile(folder: Path):
    paused_s = [20.0, 0.0, 0.0, 0.0]

    class PausedOnce(Steady):
        def __call__(self) -> float:
            before = self.now
            self.now += paused_s.pop(0)
            return before

    clock = PausedOnce()
    with closing(Tenant(folder, "worker", PARTS[:1], Steady())) as there:
        assert set(there.turn()) == {"part-0"}
        with closing(Tenant(folder, "worker", PARTS[:1], clock)) as woken:
            assert woken.turn() == {}
            clock.now += 1
            assert woken.turn() == {}
        assert set(there.turn()) == {"part-0"}


def test_a_taking_waits_for_the_commit_under_way(folder: Path):
    clock = Steady()
    writing, taking = (Tenant(folder, "worker", PARTS[:1], clock) for _ in range(2))
    fence = writing.turn()["part-0"]
    taking.turn()
    clock.now += LAPSE_SECONDS
    took: list[float] = []
    with closing(database.opened(folder / "hub.sqlite", SCHEMA)) as connection:
        with database.transaction(connection):
            fence.hold(connection)

            def take() -> None:
                taking.turn()
                took.append(time.monotonic())

            thread = threading.Thread(target=take)
            thread.start()
            time.sleep(0.3)
            assert not took
            committed = time.monotonic()
        thread.join(DEADLINE)
    assert took and took[0] >= committed
    assert "part-0" in taking.held


def test_a_worker_stopped_past_its_lease_and_woken_stores_nothing(folder: Path):
    """A real process, stopped by SIGSTOP between two commits; meanwhile its part is another's,
    who stores the same record. One of it is stored, and nothing of the sleeper's later one."""
    words = [sys.executable, str(Path(__file__).parents[2] / "support/paused_writer.py")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [*words, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    ) as sleeper:
        assert sleeper.stdout
        assert sleeper.stdout.readline() == "stored by fence 1\n"
        os.waitid(os.P_PID, sleeper.pid, os.WSTOPPED | os.WNOWAIT)
        clock = Steady()
        other = Tenant(folder, "worker", ["part-0"], clock)
        assert other.turn() == {}
        clock.now += LAPSE_SECONDS
        fence = other.turn()["part-0"]
        assert fence.number == 2
        store = Store(folder / "hub.sqlite", fence=fence.hold)
        again = store.append(float(START), [record(1, 600), record(3, 622)])
        # what the sleeper had stored is acknowledged, and not stored again
        assert [one.seq for one in again.fresh] == [3]
        os.kill(sleeper.pid, signal.SIGCONT)
        said = sleeper.stdout.readline()
        assert said.startswith("refused: ")
        assert "another's" in said
        stored = store.append(float(START), [record(2, 611)])
        assert [one.seq for one in stored.fresh] == [2]
        assert [(ack.unit, ack.seq) for ack in stored.acks] == [(UNIT, 3)]
        store.close()
        other.close()
    with closing(database.reader(folder / "hub.sqlite")) as reader:
        rows = reader.execute("SELECT seq FROM record WHERE unit=? ORDER BY seq", (UNIT,))
        assert [seq for (seq,) in rows] == [1, 2, 3]
