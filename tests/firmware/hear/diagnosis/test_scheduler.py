"""A diagnosis may find no memory, now or under way: the box measures on, and tries again."""

import pytest

from tamer.hear.diagnosis.scheduler import Scheduler

pytestmark = pytest.mark.pure


class Monitor:
    def wants_diagnosis(self):
        return False

    def diagnosed(self, codes):
        pass


class Ear:
    """has_room: each time it is asked to begin or for what it found, in turn."""

    def __init__(self, *has_room):
        self._has_room = list(has_room)
        self.begun = 0

    def examine(self):
        if not self._has_room.pop(0):
            raise MemoryError
        self.begun += 1

    def findings(self):
        if not self._has_room.pop(0):
            raise MemoryError
        return []


def seconds_until_found(scheduler):
    for second in range(60):
        scheduler.end_second()
        if scheduler.findings() is not None:
            return second
    return None


def test_where_there_is_no_room_it_is_begun_later():
    ear = Ear(False, False, True, True)
    scheduler = Scheduler(Monitor(), ear)
    scheduler.request()
    assert scheduler.findings() is None
    assert seconds_until_found(scheduler) == 21
    assert ear.begun == 1


def test_one_that_cannot_be_carried_on_is_begun_again():
    ear = Ear(True, False, True, True)
    scheduler = Scheduler(Monitor(), ear)
    scheduler.request()
    assert scheduler.findings() is None
    assert seconds_until_found(scheduler) == 10
    assert ear.begun == 2
