"""A page knows whether the hub is there, also where all news is others'."""

import re
from itertools import pairwise
from types import SimpleNamespace

import pytest

from noisetamer.hub.live import HEARTBEAT_SECONDS
from noisetamer.hub.web import duty, signs_of_life
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


@pytest.mark.parametrize(
    ("page", "seconds"),
    [
        ("stream.js", HEARTBEAT_SECONDS),
        ("step-in.js", HEARTBEAT_SECONDS),
        ("duty.js", duty.ALIVE_SECONDS),
    ],
)
def test_a_page_takes_the_hub_for_lost_after_three_signs_that_did_not_come(page, seconds):
    (silence,) = re.findall(r"SILENCE_MS = (\d+);", (STATIC / page).read_text("utf-8"))
    assert 3 * seconds < int(silence) / 1000 < 4 * seconds
