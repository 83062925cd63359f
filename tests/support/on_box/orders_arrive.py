"""Where orders arrive, nothing that is wrong breaks the link or fills the journal. Runs in
MicroPython."""

import sys

from chip_memory import ChipMemory

from tamer.order_desk import OrderDesk

LOADED = ("tamer.obey", "tamer.tell.orders", "tamer.tell.transfer", "tamer.record.orders")


def desk(parts, told):
    settings = {"hub": {"command": "k" * 43}, "unit": "SIM-0001"}
    return OrderDesk(settings, ChipMemory(), None, parts, lambda *values: told.append(values))


def test_a_want_of_memory_is_told_once_in_a_while_and_the_link_stands():
    told = []

    def parts():
        raise MemoryError("memory allocation failed")

    one = desk(parts, told)
    for _ in range(20):
        one.take(False, b"{}")
    assert told == [(None, None, "refused", "no memory", "memory allocation failed")]
    for _ in range(600):
        one.second()
    one.take(True, b"")
    assert len(told) == 2


def test_what_was_loaded_is_let_go():
    told = []
    one = desk(lambda: None, told)
    one.take(False, b"{}")
    assert [values[3] for values in told] == ["forged"]
    assert [name for name in LOADED if name not in sys.modules] == []
    for _ in range(31):
        one.second()
    left = [name for name in LOADED if name in sys.modules]
    # A forged order an hour later is told at once.
    for _ in range(3600):
        one.second()
    one.take(False, b"{}")
    assert len(told) == 2
    assert not left
