"""A unit's own quota: what a box can say is taken, who says far more is shut out for a while."""

from noisetamer.hub import quota
from noisetamer.hub.bus.client import Message
from noisetamer.hub.quota import Quotas, unit_of

DAY = 86_400


class Clock:
    t = 0.0

    def __call__(self) -> float:
        return self.t


def test_a_box_that_comes_back_after_weeks_is_never_held_up():
    clock = Clock()
    quotas = Quotas(clock)
    # six weeks of a journal in one go, then day after day
    for _ in range(42 * 8640):
        clock.t += 1 / 900
        assert quotas.report("A", 60)
    for _ in range(3 * 8640):
        clock.t += 10
        assert quotas.report("A", 60)
        assert all(quotas.live("A") for _ in range(10))
    assert quotas.shut_out() == frozenset()


def test_who_floods_is_shut_out_for_a_while_and_nobody_else():
    clock = Clock()
    quotas = Quotas(clock)
    taken = 0
    while not quotas.shut_out():
        clock.t += 1 / 900
        taken += quotas.report("A", 4000)
        assert quotas.report("B", 60)
    assert taken * 4100 < quota.BURST_BYTES + 1e6
    assert quotas.refused == quota.PATIENCE
    assert quotas.shut_out() == {"A"}
    clock.t += quota.SHUT_OUT_SECONDS
    assert quotas.shut_out() == frozenset()
    # what it may store goes on by the day
    clock.t += DAY
    held = 0
    while quotas.report("A", 4000):
        clock.t += 1e-3
        held += 1
    assert held * 4100 < 40_000_000


def test_live_seconds_have_a_quota_of_their_own():
    clock = Clock()
    quotas = Quotas(clock)
    heard: list[str] = []
    hear = quotas.guarded(lambda message: heard.append(message.subject))
    for _ in range(quota.BURST_LIVE + quota.PATIENCE):
        hear(Message("dev.A.now", b"{}"))
    hear(Message("dev.B.now", b"{}"))
    assert len(heard) == quota.BURST_LIVE + 1
    assert quotas.shut_out() == {"A"}
    assert quotas.report("A", 60)
    assert unit_of("dev.SIM-0001.record") == "SIM-0001"


def test_who_says_far_more_a_second_than_it_hears_is_shut_out_at_once():
    clock = Clock()
    quotas = Quotas(clock)
    while not quotas.shut_out():
        clock.t += 1 / 15_000
        quotas.report("A", 60)
    assert clock.t < 1.0
