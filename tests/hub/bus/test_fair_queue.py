"""Whoever says little is heard soon, however much another says; each in its own order."""

from noisetamer.hub.bus.fair_queue import FairQueue


def test_a_backlog_keeps_nobody_else_waiting():
    queue: FairQueue[str] = FairQueue()
    for n in range(1000):
        queue.add("A", f"A{n}")
    for n in range(2):
        queue.add("B", f"B{n}")
        queue.add("C", f"C{n}")
    assert queue.take(4) == ["A0", "B0", "C0", "A1"]
    queue.add("D", "D0")
    assert queue.take(5) == ["B1", "C1", "A2", "D0", "A3"]
    assert queue.take(2000) == [f"A{n}" for n in range(4, 1000)]
    assert not queue
    assert queue.take(1) == []
