"""The same, where the queue is on a PostgreSQL server."""

from pathlib import Path

import pytest
from evening import EAST
from forwarded import MINUTES, Forwarded
from scripted_unit import START, event, seconds

from noisetamer.base.database import place
from noisetamer.hub.forward.format import Asked

pytestmark = pytest.mark.service

ALL = Asked("all", "test", ("minute", "hour", "event", "status", "incident"))


def test_facts_are_gathered_sent_refused_and_let_go_of(tmp_path: Path, postgres_url: str):
    on_server = tmp_path / "on server"
    on_server.mkdir()
    place.put_url(on_server, postgres_url)
    hub = Forwarded(tmp_path, MINUTES, ALL, most=4, queue_in=on_server)
    hub.status(True)
    hub.evening.stage("red")
    for minute in range(6):
        hub.minute(minute, 1 + 6 * minute)
    hub.report(
        seconds(1, 100, [600] * 10, boot=2),
        event(2, 400, "clock", boot=2, boot_at=START, source="hub", step=0),
    )
    hub.gather()
    hub.gather(120)
    minutes = hub.waiting(MINUTES)
    assert [one.since for one in minutes[:6]] == [START + 60 * n for n in range(6)]
    assert {"status", "event", "incident", "minute"} <= {one.kind for one in hub.waiting(ALL)}
    first = hub.queue.next(MINUTES, 2)
    refused = [(first.facts[1], "no such station")]
    hub.queue.done("bureau", first.place, 1, refused, hub.now)
    standing = hub.queue.standing(MINUTES)
    assert standing
    assert (standing.sent, standing.refused, standing.waiting) == (1, 1, len(minutes) - 2)
    assert [one.why for one in hub.queue.refusals("bureau")] == ["no such station"]
    assert hub.queue.trim(hub.wanted, hub.now)["all"] > 0
    before = len(hub.waiting(MINUTES))
    hub.begin()
    hub.gather()
    assert len(hub.waiting(MINUTES)) == before
    assert EAST in {one.unit for one in hub.waiting(ALL)}
    assert not list(on_server.glob("*.sqlite"))
