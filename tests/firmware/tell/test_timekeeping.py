"""Whom a box asks for the time, and how often. In virtual time of its own."""

import asyncio
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tamer.tell import timekeeping

GATEWAY = "192.168.1.1"
NAMES = ["a.example", "b.example"]
DAY = 86400


class _OverError(Exception):
    """The time is up."""


class Site:
    """Time servers, a Wi-Fi and a box's clock; `asked`: (second, server)."""

    def __init__(
        self,
        answers: Callable[[str, float], bool],
        joined: Callable[[float], bool] = lambda t: True,
        takes: Callable[[int], bool] = lambda unix_ms: True,
    ) -> None:
        self.now = 0.0
        self.asked: list[tuple[float, str]] = []
        self._answers = answers
        self._joined = joined
        self._takes = takes
        self._known = False

    def known(self) -> bool:
        return self._known

    def told(self, unix_ms: int, source: str, unsure_ms: int) -> bool:
        assert (source, unsure_ms) == ("ntp", 15)
        taken = self._takes(unix_ms)
        self._known = self._known or taken
        return taken

    def isconnected(self) -> bool:
        return self._joined(self.now)

    def ifconfig(self) -> tuple[str, ...]:
        return ("192.168.1.9", "255.255.255.0", GATEWAY, GATEWAY)

    async def ask(self, name: str) -> tuple[int, int]:
        self.asked.append((self.now, name))
        self.now += 1
        if not self._answers(name, self.now):
            self.now += 6
            raise OSError("no answer")
        return round(1000 * self.now), 30

    def lives(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str]]:
        """What it has asked in that time."""

        async def sleep(s: float) -> None:
            self.now += s
            if self.now > seconds:
                raise _OverError

        async def sleep_ms(ms: float) -> None:
            await sleep(ms / 1000)

        virtual: Any = SimpleNamespace(sleep=sleep, sleep_ms=sleep_ms)
        monkeypatch.setattr(timekeeping, "asyncio", virtual)
        with pytest.raises(_OverError):
            asyncio.run(timekeeping.keep(self, self, NAMES, self.ask))
        return self.asked


def test_all_are_asked_again_and_again_until_one_answers(monkeypatch: pytest.MonkeyPatch):
    """Whoever begins to answer is asked within a minute."""
    for first in (*NAMES, GATEWAY):
        site = Site(lambda name, t, first=first: name == first and t > 300)
        asked = site.lives(400, monkeypatch)
        early = [name for t, name in asked if t < 100]
        assert early[:3] == [*NAMES, GATEWAY] and len(early) > 6
        assert site.known()
        assert 300 < asked[-1][0] < 360


def test_then_once_more_within_the_hour_and_daily(monkeypatch: pytest.MonkeyPatch):
    asked = Site(lambda name, t: True).lives(5 * DAY, monkeypatch)
    assert {name for _, name in asked} == {NAMES[0]}
    pauses = [b - a for (a, _), (b, _) in itertools.pairwise(asked)]
    assert 1800 < pauses[0] <= 3601
    assert all(0.7 * DAY < pause <= DAY + 1 for pause in pauses[1:])
    assert len(pauses) >= 5


def test_where_the_time_is_known_and_nobody_answers_it_is_asked_for_hourly(
    monkeypatch: pytest.MonkeyPatch,
):
    site = Site(lambda name, t: t < 10)
    rounds = [t for t, name in site.lives(DAY, monkeypatch) if name == NAMES[0]]
    assert 20 < len(rounds) < 36


def test_without_the_wifi_nobody_is_asked_and_with_it_at_once(monkeypatch: pytest.MonkeyPatch):
    asked = Site(lambda name, t: True, joined=lambda t: t >= 500).lives(600, monkeypatch)
    assert 500 <= asked[0][0] <= 502


def test_an_answer_that_is_not_taken_is_none(monkeypatch: pytest.MonkeyPatch):
    asked = Site(lambda name, t: True, takes=lambda unix_ms: False).lives(60, monkeypatch)
    assert [name for _, name in asked][:4] == [*NAMES, GATEWAY, NAMES[0]]
