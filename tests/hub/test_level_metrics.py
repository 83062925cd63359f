"""Levels for Prometheus, read back by its own parser."""

import math

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from noisetamer.hub.level_metrics import Levels
from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.writer import Stored
from noisetamer.hub.wire import Seconds
from tamer.record.reading import MISSING, OWN_VOICE, VALID, Second

NOW = 1_793_500_000
SQUARE = '东门 "旧"广场\\'


class Heard:
    """A hub with one unit, and what Prometheus reads of it."""

    def __init__(self) -> None:
        self.now = float(NOW)
        self.state = UnitState(Unit("SIM-0001", "北柱", SQUARE, "secret"), online=True)
        self.levels = Levels(lambda: [self.state], lambda: self.now)
        self.seq = 0

    def tell(self, t: int, levels: list[int | None]) -> None:
        """0.1 dB; None: a second in which the box spoke."""
        self.seq += 1
        seconds = [
            Second(t + i, MISSING, MISSING, MISSING, MISSING, OWN_VOICE)
            if level is None
            else Second(t + i, level, level + 30, level, level, VALID)
            for i, level in enumerate(levels)
        ]
        record = Seconds("SIM-0001", 1, self.seq, (0, 0), t, seconds, b"")
        self.levels.on_stored(Stored(fresh=[record], received=self.now))

    def scrape(self) -> dict[str, float]:
        text = generate_latest(self.levels.registry).decode()
        found = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                assert sample.labels == {"unit": "SIM-0001", "square": SQUARE}
                found[sample.name.removeprefix("noisetamer_")] = sample.value
        return found


def test_the_last_minute_of_a_unit_is_told():
    heard = Heard()
    assert heard.scrape() == {}  # from here on it is summed up
    heard.state.stage = "red"
    for i in range(7):  # 70 s: the first 10 are in the minute no more
        heard.tell(NOW - 70 + 10 * i, [900] * 10 if i == 0 else [600, 700, *[None] * 8])
    found = heard.scrape()
    assert found["laeq_dba"] == round(10 * math.log10((1e6 + 1e7) / 2), 1)
    assert found["lafmax_dba"] == 73.0
    assert found["coverage_ratio"] == pytest.approx(12 / 60)
    assert found["stage"] == 2
    assert found["level_timestamp_seconds"] == NOW


def test_by_the_counters_the_level_of_any_time_is_exact():
    heard = Heard()
    heard.scrape()
    heard.tell(NOW - 20, [500] * 10)
    before = heard.scrape()
    heard.now += 60
    for i in range(6):
        heard.tell(NOW + 10 * i, [600 + 10 * i] * 9 + [None])
    after = heard.scrape()
    energy, valid, seconds = (
        after[name] - before[name]
        for name in ("sound_energy_total", "valid_seconds_total", "heard_seconds_total")
    )
    exact = 10 * math.log10(sum(10 ** (6 + i / 10) for i in range(6)) / 6)
    assert 10 * math.log10(energy / valid) == pytest.approx(exact)
    assert (valid, seconds) == (54, 60)


def test_a_minute_without_a_valid_second_has_coverage_and_no_level():
    heard = Heard()
    heard.scrape()
    heard.tell(NOW - 10, [None] * 10)
    found = heard.scrape()
    assert found["coverage_ratio"] == 0
    assert "laeq_dba" not in found
    assert "lafmax_dba" not in found


def test_a_silent_unit_goes_away_and_its_past_is_no_level_of_now():
    heard = Heard()
    heard.scrape()
    heard.tell(NOW - 10, [600] * 10)
    heard.now += 121
    assert heard.scrape() == {}
    heard.tell(NOW - 20, [900] * 10)  # from its journal, older than two minutes
    assert heard.scrape() == {}
    heard.tell(NOW + 111, [650] * 10)
    found = heard.scrape()
    assert found["laeq_dba"] == 65.0
    assert found["valid_seconds_total"] == 20


def test_a_minute_may_come_in_records_of_a_second():
    heard = Heard()
    heard.scrape()
    for i in range(70):
        heard.tell(NOW - 70 + i, [900 if i < 10 else 600])
    found = heard.scrape()
    assert (found["laeq_dba"], found["coverage_ratio"]) == (60.0, 1.0)
