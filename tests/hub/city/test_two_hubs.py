"""Two hubs at one PostgreSQL database: one decides on incidents, each incident is called by one,
and what a hub that was paused would have done is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from evening import LI, Evening

from noisetamer.base.database import place
from noisetamer.hub.city import hub
from noisetamer.hub.city.hub import OwnCalls
from noisetamer.hub.incidents.incident import TO_PHONES
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.leases.leases import FencedError, Tenant
from noisetamer.hub.leases.tenure import LAPSE_SECONDS

pytestmark = pytest.mark.service

CALLS = [hub.calls(number) for number in range(hub.CALLS)]
DECIDES = hub.duty("incidents")


class Hub:
    def __init__(self, evening: Evening, incidents: Incidents) -> None:
        self.evening, self.incidents, self.asleep = evening, incidents, False
        self.tenants = [
            Tenant(evening.folder, kind, names, lambda: evening.steady)
            for kind, names in (("hub", CALLS), ("decides", [DECIDES]))
        ]
        self.outbox = OwnCalls(incidents, lambda lease: lease in self.held() and self.sure())

    def held(self) -> dict[str, object]:
        return {name: fence for one in self.tenants for name, fence in one.held.items()}

    def sure(self) -> bool:
        return all(one.sure for one in self.tenants)

    def beat(self) -> None:
        if self.asleep:
            return
        before = self.tenants[1].held.get(DECIDES)
        for one in self.tenants:
            one.turn()
        if (fence := self.tenants[1].held.get(DECIDES)) and fence != before:
            self.incidents.resume(fence.hold)

    def due(self) -> list[str]:
        return [one.key for one in self.outbox.due(self.evening.now, TO_PHONES, 100)]


@pytest.fixture
def evening(tmp_path: Path, postgres_url: str) -> Iterator[Evening]:
    place.put_url(tmp_path, postgres_url)
    found = Evening(tmp_path)
    yield found
    found.incidents.close_file()
    found.store.close()


def test_an_incident_calls_once_whoever_sleeps(evening: Evening):
    one, two = Hub(evening, evening.incidents), Hub(evening, evening.started())
    for _ in range(5):
        one.beat()
        two.beat()
    assert DECIDES in one.held()
    assert DECIDES not in two.held()
    evening.stage("red")
    evening.hand_over("leader")
    (key,) = {*one.due(), *two.due()}
    # one of them calls, and no other
    assert len(one.due()) + len(two.due()) == 1
    caller, other = (one, two) if one.due() else (two, one)

    # the caller is paused before it has called; the other has what was its, and calls
    caller.asleep = True
    for _ in range(int(LAPSE_SECONDS) + 2):
        evening.steady += 1
        other.beat()
    assert caller.due() == []
    assert other.due() == [key]
    assert caller.outbox.effect(key) is None
    effect = other.outbox.effect(key)
    assert effect and effect.person == LI.person
    other.outbox.sent(key, "delivered", "taken", evening.now)

    # the one that decided wakes up as if nothing had been: what it would decide is refused
    one.asleep = two.asleep = True
    (sleeper, waker) = (one, two)
    waker.asleep = False
    for _ in range(int(LAPSE_SECONDS) + 2):
        evening.steady += 1
        waker.beat()
    assert DECIDES in waker.held()
    with pytest.raises(FencedError):
        sleeper.incidents.turn()
    waker.incidents.turn()
    assert other.due() == waker.due() == []
    calls = [one for one in evening.incidents.effects(1) if one.kind == "call"]
    assert [(one.key, one.state) for one in calls] == [(key, "delivered")]
    two.incidents.close_file()
