"""Wherever in the journal a box finds no memory, each second is there, or is told to be gone."""

import random
import sys
from collections import deque
from types import FrameType
from typing import Any

import pytest
from journals import names, records_of, told, untold
from nor_flash import NorFlash

from tamer.record import encoding
from tamer.record.seal import Seal
from tamer.tell import journal, losses, ring, thinning
from tamer.tell.journal import Journal

pytestmark = [pytest.mark.pure]

SEAL = Seal("k" * 43)
CHAIN = [SEAL], SEAL.first_link("SIM-0001")
SECTORS = 6
# Records in which memory is wanting, of those in which a sector is thinned.
WANTING, THINNING = 5, 25


class Want:
    """The call with this number within the journal finds no memory; most that wants some here is
    done in one."""

    within = frozenset(module.__file__ for module in (journal, losses, ring, thinning, encoding))
    wants_none = frozenset(("as_at", "go", "has_room", "following", "rewind"))

    def __init__(self, number: int) -> None:
        self.left = number

    def __enter__(self) -> None:
        sys.settrace(self._called)

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _called(self, frame: FrameType, what: str, _: Any) -> None:
        code, begun = frame.f_code, (Journal.append.__code__, Journal.acknowledge.__code__)
        if code.co_filename in self.within and code.co_name not in self.wants_none:
            self.left -= code not in begun
            if not self.left:
                self.left = -1
                raise MemoryError


def full(events_every: int, before: int) -> tuple[bytes, int]:
    """What is on a flash so many records before a sector has been thinned, and how many records
    were told until then."""
    flash = NorFlash(SECTORS)
    filled = Journal(flash, 1, *CHAIN)
    n, states = 0, deque[bytes](maxlen=before)
    while True:
        n, lost = n + 1, filled.lost
        states.append(bytes(flash.data))
        filled.append(*told(n, events_every))
        if lost > 200 and filled.lost > lost + 1:
            return states[0], n - before


@pytest.mark.parametrize(("events_every", "before"), [(3, 20), (40, 20), (40, 3)])
def test_a_want_of_memory_anywhere_in_the_journal_hides_no_second(events_every: int, before: int):
    begun, already = full(events_every, before)
    last = already + THINNING

    def tried(number: int) -> tuple[list[int], int]:
        """Records whose seconds are neither there nor told to be gone; calls that were left."""
        flash = NorFlash(SECTORS)
        flash.data[:] = begun
        box, want = Journal(flash, 2, *CHAIN), Want(number)
        for n in range(already + 1, last + 1):
            record = told(n, events_every)
            if n > already + WANTING:
                box.append(*record)
                continue
            with want:
                box.append(*record)
        return untold(records_of(Journal(flash, 3, *CHAIN)), last, events_every), want.left

    missing, left = tried(1 << 30)
    assert missing == []
    calls = (1 << 30) - left
    chosen = random.Random(5).sample(range(1, calls + 1), 24)
    assert {number: missing for number in chosen if (missing := tried(number)[0])} == {}


def test_a_want_of_memory_while_the_hub_acknowledges_passes_over_nothing():
    interrupted = 0
    for number in range(1, 200):
        box, want = Journal(NorFlash(8), 7, *CHAIN), Want(number)
        for n in range(1, 13):
            box.append(*told(n, 5))
        assert len(records_of(box)) == 12
        try:
            with want:
                box.acknowledge(7, 4)
        except MemoryError:
            interrupted += 1
        else:
            break
        left = names(box)
        assert left == [(7, sequence) for sequence in range(left[0][1], 13)]
        assert left[0][1] <= 5
    assert 40 < interrupted < 199
