"""A page knows whether the hub is there, also where all news is others'."""

import re
from itertools import pairwise
from types import SimpleNamespace

import pytest

from noisetamer.hub.live import HEARTBEAT_SECONDS
from noisetamer.hub.web import signs_of_life
from noisetamer.hub.web.app import STATIC
from noisetamer.hub.web.signs_of_life import SignsOfLife


def test_who_is_told_nothing_of_endless_news_hears_of_the_hub_with_every_heartbeat(
    monkeypatch: pytest.MonkeyPatch,
):
    now = 0.0
    monkeypatch.setattr(signs_of_life, "time", SimpleNamespace(monotonic=lambda: now))
    signs = SignsOfLife()
    told = [0.0]
    for tenth in range(1, 200):
        now = tenth / 10
        if signs.due([("card", "of another square")]):
            told.append(now)
    assert [after - before for before, after in pairwise(told)] == pytest.approx(
        [HEARTBEAT_SECONDS] * 9
    )
    assert signs.due([])


def test_a_page_takes_the_hub_for_lost_after_three_signs_that_did_not_come():
    assert 3 * HEARTBEAT_SECONDS < seconds_of("SILENCE_MS", "stream.js") < 4 * HEARTBEAT_SECONDS


def test_who_is_on_duty_is_not_woken_before_the_line_was_tried_again():
    again = seconds_of("SILENCE_MS", "stream.js") + seconds_of("AGAIN_MS", "stream.js")
    assert again < seconds_of("CRY_MS", "duty.js") <= again + HEARTBEAT_SECONDS


def seconds_of(name: str, page: str) -> float:
    """In seconds, as the page has it."""
    (told,) = re.findall(rf"{name} = (\d+);", (STATIC / page).read_text("utf-8"))
    return int(told) / 1000
