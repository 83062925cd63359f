"""Boxes that live one after the other have one hub, and each its own time."""

import dataclasses
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from days_of_faults import START, Life
from folders import SUPPORT
from hub_and_proxies import HubAndProxies

from noisetamer.square import scenario
from noisetamer.square.fault import FaultKind, ScenarioFault
from noisetamer.virtual.firmware_process import HEAP

pytestmark = pytest.mark.e2e

AWAY = 20  # s


def test_the_hub_tells_a_box_its_own_time(tmp_path: Path):
    far = HubAndProxies(["SIM-0001", "SIM-0002"], tmp_path, START)
    square = scenario.load(str(SUPPORT / "days_of_faults.toml"))
    faults = {FaultKind.CLOCK_2000: (0, 60), FaultKind.NTP_LOST: (0, 60)}
    away = {**faults, FaultKind.NO_ACCESS_POINT: (0, AWAY)}
    second = 0
    lives: list[Life] = []
    for number, kinds in enumerate((faults, away)):
        story = dataclasses.replace(
            square,
            start=START,
            duration_s=60,
            faults=tuple(ScenarioFault(kind, (span,)) for kind, span in kinds.items()),
        )
        way, peers = far.ways[number], partial(far.serve, number)
        lives.append(Life(number, story, way, tmp_path, 1 << 16, HEAP, lambda: second, peers))
    first, other = lives
    try:
        # It has come, and the hub will tell it the time at the turn of the second.
        while not far.is_waited_for():
            second += 1
            first.live_on(lambda: False)
        assert second < AWAY
        # Of the other one the hub hears only later.
        second = 2 * AWAY
        other.live_on(far.is_waited_for)
        first.live_on(far.is_waited_for)
    finally:
        for life in lives:
            life.end()
        far.close()
    asked = "SELECT fields->>'boot_at' FROM event WHERE unit=? AND kind='clock'"
    with closing(sqlite3.connect(far.hub.data / "hub.sqlite")) as store:
        for life in lives:
            ((boot_at,),) = store.execute(asked, (life.unit,)).fetchall()
            assert abs(boot_at - START) <= 2
