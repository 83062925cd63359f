"""What a day costs the flash, and how long it takes till every second of it has to go: in counts.

Levels are those of a simulated evening, day after day.
"""

from functools import cache

import pytest
from nor_flash import SECTOR, NorFlash

from noisetamer.square import scenario
from noisetamer.square.world import World
from noisetamer.unit.files.partitions import partitions
from tamer.record import encoding, events
from tamer.record.reading import Second
from tamer.tell.journal import Journal

pytestmark = pytest.mark.bench

T = 1795431600
DAY = 8640  # records of ten seconds

# A day on LittleFS, where each record was an append to a file: erases, bytes programmed.
IN_FILES = (9083, 19_300_000)
ENDURANCE = 100_000  # erases of a sector, by the flash's data sheet


@cache
def evening() -> list[tuple[int, bytes | bytearray]]:
    """(code, payload) of each ten seconds of its beginning."""
    story = scenario.load("evening_square")
    world = World(story, 1, 0)
    heard = []
    for t in range(1200):
        A, F, C, P = (round(10 * level) for level in world.levels(t))
        heard.append(Second(0, A, F, C, P, 0))
    return [encoding.shortest(heard[n : n + 10]) for n in range(0, 1200, 10)]


def hour(t: int) -> bytes:
    names = events.KINDS["hour"]
    return encoding.of_event("hour", dict.fromkeys(names, 650) | {"start": t, "seconds": 3600})


def live(flash: NorFlash, days: float, has_hub: bool) -> Journal:
    journal = Journal(flash, 1)
    for n in range(int(days * DAY)):
        code, payload = evening()[n % 120]
        journal.append(code, T + 10 * n, payload)
        if n % 360 == 0:
            journal.append(encoding.EVENT, T + 10 * n, hour(T + 10 * n))
        if n % 30 == 0:
            fields = {"from": "green", "to": "amber", "limit": 650, "level": 671}
            event = encoding.of_event("stage", fields | {"policy": "0123456789ab"})
            journal.append(encoding.EVENT, T + 10 * n, event)
        while has_hub and (record := journal.read()):
            journal.acknowledge(record.boot, record.sequence)
    return journal


def sectors(flash_MB: int) -> int:
    return partitions(flash_MB << 20, speaks=flash_MB > 4).journal.size // SECTOR


def test_ten_seconds_of_an_evening_are_less_than_a_third_of_their_plain_bytes():
    sizes = [len(payload) for _, payload in evening()]
    assert sum(sizes) / len(sizes) < 33


@pytest.mark.parametrize("has_hub", [True, False])
def test_a_day_costs_a_hundredth_of_the_erases_it_did_in_files(has_hub: bool):
    flash = NorFlash(sectors(8))
    live(flash, 1, has_hub)
    assert sum(flash.erases) < IN_FILES[0] / 100
    assert flash.programmed < IN_FILES[1] / 50
    assert max(flash.erases) == 1


def test_wear_is_even_and_lasts_for_a_century_on_little_flash_without_a_hub():
    # A fourth of it, to be full soon: that wears four times as fast.
    days, part = 1.5, 4
    flash = NorFlash(sectors(4) // part)
    live(flash, days, has_hub=False)
    kept = len(flash.erases) // 8
    for ring in (flash.erases[:kept], flash.erases[kept:]):
        assert max(ring) - min(ring) <= 1
    assert ENDURANCE / (max(flash.erases) / days / part) > 100 * 365


def test_every_second_is_there_for_nearly_three_days_on_little_flash():
    journal = live(NorFlash(sectors(4)), 2.8, has_hub=False)
    assert journal.lost == 0
    journal = live(NorFlash(sectors(4)), 3.2, has_hub=False)
    assert journal.lost > 0


def test_a_start_looks_at_each_sector_and_reads_two():
    flash = NorFlash(sectors(8))
    live(flash, 1, has_hub=False)
    flash.reads = flash.read_bytes = 0
    Journal(flash, 2)
    assert flash.reads < sectors(8) + 2 * 400
    assert flash.read_bytes < 16 * sectors(8) + 4 * SECTOR + 48 * 400
