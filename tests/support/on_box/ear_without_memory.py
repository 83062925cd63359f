"""A diagnosis that finds no memory under way is over, and so is its code. Runs in MicroPython."""

import sys

from tamer.hear.ear import Ear

SESSION = "tamer.hear.diagnosis.session"


class Nothing:
    """Takes whatever it is given."""

    def run(self, block, n):
        pass

    def irq(self, called):
        pass


class Starved:
    """A session."""

    def __init__(self, listens):
        self._listens = listens

    def listen(self, block, n):
        if not self._listens:
            raise MemoryError

    def findings(self):
        raise MemoryError


class Microphone:
    i2s, rate, block, buffers, slack_us = Nothing(), 48000, 6000, (), 0

    class profile:  # noqa: N801
        floor, bits = 30, 24


def gives_up(listens):
    """An ear whose diagnosis has failed."""
    ear = Ear(Microphone, Nothing(), None, 120.0)
    ear._quick_check = ear._rumble = Nothing()
    ear.examine()
    assert SESSION in sys.modules
    ear._session = Starved(listens)
    ear._take(b"", 0)
    try:
        ear.findings()
    except MemoryError:
        assert SESSION not in sys.modules
        return ear
    raise AssertionError("nothing was raised")


def test_a_block_for_which_there_is_no_room():
    gives_up(listens=False)


def test_findings_for_which_there_is_no_room():
    gives_up(listens=True)


def test_the_next_one_begins_anew():
    ear = gives_up(listens=False)
    ear.examine()
    assert ear.findings() is None
    assert SESSION in sys.modules
