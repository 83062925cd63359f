"""Room, clock and backup are looked at before they end the hub's work."""

import os
from pathlib import Path

import pytest

from noisetamer.hub.maintenance import backup
from noisetamer.hub.quota import PATIENCE, Quotas
from noisetamer.hub.store.writer import Store
from noisetamer.hub.surroundings import Surroundings, calls_are_late
from noisetamer.hub.words.i18n import read_texts

NOW = 1_795_431_600.0
DAY = 86_400


class Place:
    """A hub's folder that has nothing to complain of."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.now, self.free, self.total = NOW, 50_000_000_000, 100_000_000_000
        self.quotas = Quotas(lambda: 0.0)
        (data / "certificates").mkdir(parents=True)
        (data / "certificates" / "ca.key").touch()
        self.begun(NOW)

    def begun(self, t: float) -> None:
        os.utime(self.data / "certificates" / "ca.key", (t, t))

    def troubles(self, last_alive: float | None = None) -> dict[str, bool]:
        """{key: ill}, each with its sentences."""
        place = Surroundings(
            self.data,
            self.quotas,
            last_alive,
            lambda: self.now,
            lambda data: (self.free, self.total),
        )
        found = list(place.troubles())
        for texts in read_texts().values():
            for trouble in found:
                assert "{" not in texts[f"trouble_{trouble.key}"].format(**trouble.values)
        return {trouble.key: trouble.ill for trouble in found}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "hub")


def test_a_disk_that_fills_is_told_before_it_is_full(place: Place):
    assert place.troubles() == {}
    place.free = 900_000_000
    assert place.troubles() == {"room": False}
    place.free = 100_000_000
    assert place.troubles() == {"room": True}
    place.total = 1_000_000_000
    assert place.troubles() == {}


def test_a_clock_that_went_back_is_told(place: Place):
    assert place.troubles(last_alive=NOW - 5) == {}
    assert place.troubles(last_alive=NOW + 30) == {}
    assert place.troubles(last_alive=NOW + 3600) == {"clock": True}
    place.now = 0.0
    assert place.troubles() == {"clock": True}


def test_a_backup_that_is_missing_or_old_is_told_but_not_in_the_first_week(place: Place):
    place.begun(NOW - 7 * DAY)
    assert place.troubles() == {}
    place.begun(NOW - 20 * DAY)
    assert place.troubles() == {"backup": False}
    Store(place.data / "hub.sqlite").close()
    backup.make(place.data, place.data.parent / "kept")
    place.now = 0.0
    _, made = backup.last_made(place.data) or (None, None)
    assert made is not None
    place.now = made.timestamp() + 7 * DAY
    assert place.troubles() == {}
    place.now += 2 * DAY
    assert place.troubles() == {"backup": False}


def test_a_unit_that_floods_is_named(place: Place):
    for _ in range(PATIENCE + 64_000_000 // 4100 + 1):
        place.quotas.report("SIM-0001", 4000)
    assert place.troubles() == {"flood": False}


def test_a_call_that_is_not_made_is_said():
    def late(due: float | None) -> list[str]:
        return [one.key for one in calls_are_late(lambda: due, lambda: NOW)]

    assert late(None) == late(NOW + 60) == late(NOW - 60) == []
    assert late(NOW - 400) == ["calls_late"]
