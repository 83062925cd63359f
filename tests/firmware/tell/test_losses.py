"""What is given up is told once, of its time, and with it what it told of others."""

import pytest
from journals import T, event

from tamer.record import encoding, events
from tamer.tell.losses import Losses

pytestmark = [pytest.mark.pure]


def told(losses):
    """(records, start, end, why, of_boot) of each event."""
    found = []
    losses.tell(found.append)
    fields = [encoding.event(encoding.record(encoding.EVENT, 1, 1, 0, one))[1] for one in found]
    return [
        (*(f[k] for k in ("records", "start", "end", "why")), f.get("of_boot")) for f in fields
    ]


def test_what_has_a_date_is_told_together_and_what_has_none_by_its_boot():
    losses = Losses()
    for boot, t in ((1, T + 20), (2, T), (1, 300), (2, 100), (2, 50)):
        losses.lose("full", 1, boot, t, t)
    assert told(losses) == [
        (2, T, T + 20, "full", None),
        (1, 300, 300, "full", 1),
        (2, 50, 100, "full", 2),
    ]
    assert told(losses) == []
    assert losses.records == 5


def test_with_an_event_that_tells_of_others_go_these_too():
    losses = Losses()
    payload = encoding.of_event("lost", events.named("lost", None, T, T + 90, 7, "full", 1))
    losses.lose_record("flash fault", encoding.record(encoding.EVENT, 1, 9, T + 200, payload))
    code, t, payload = event(1, T + 300)
    losses.lose_record("flash fault", encoding.record(code, 1, 10, t, payload))
    assert told(losses) == [(7 + 1 + 1, T, T + 300, "flash fault", None)]
    # The seven were counted when they went.
    assert losses.records == 2


def test_for_want_of_memory_it_is_told_the_next_time():
    losses = Losses()
    losses.lose("full", 3, 1, T, T + 20)

    def no_memory(payload):
        raise MemoryError

    with pytest.raises(MemoryError):
        losses.tell(no_memory)
    assert told(losses) == [(3, T, T + 20, "full", None)]
