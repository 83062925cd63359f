"""Wherever a full journal meets a bad block or a changed bit, or loses its power, each record that
goes is told."""

import copy
import random

import pytest
from journals import names, records_of, said, told, untold
from nor_flash import SECTOR, NorFlash

from tamer.record import encoding
from tamer.tell.journal import Journal

pytestmark = [pytest.mark.pure]

SECTORS = 8
LASTS = 40  # records for which a block is bad
A_TURN = 150  # records in which the oldest sector of either ring goes


class PowerCutError(Exception):
    pass


class Failing(NorFlash):
    """After so many changes the block that is changed keeps nothing, until it is sound again, or
    the power goes in the midst of it."""

    left = 0
    is_cut = False

    def _change(self, block: int, at: int, old: bytes, new: bytes) -> None:
        self.left -= 1
        if self.left == 0 and self.is_cut:
            super()._change(block, at, old, new[: len(new) // 2])
            raise PowerCutError
        if self.left == 0:
            self.worn = {block: "silent"}
        super()._change(block, at, old, new)


def full(events_every: int) -> tuple[Journal, Failing, int]:
    """A journal that gives up what it holds, its flash, and how many records it was told."""
    flash = Failing(SECTORS)
    journal, n = Journal(flash, 1), 0
    while journal.lost < 300:
        n += 1
        journal.append(*told(n, events_every))
    return journal, flash, n


def must_be_whole(journal: Journal, last: int, events_every: int) -> None:
    """In order, for whatever a later number goes in front of is taken to be gone; and each that is
    gone is told once."""
    numbers = [sequence for _, sequence in names(journal)]
    assert numbers == sorted(set(numbers))
    assert told_to_be_gone(journal) == numbers[-1] - len(numbers)
    assert untold(records_of(journal), last, events_every) == []


def told_to_be_gone(journal: Journal) -> int:
    return sum(fields["records"] for fields in said(journal, "thinned") + said(journal, "lost"))


@pytest.mark.parametrize("events_every", [3, 40])
def test_a_block_that_goes_bad_in_a_full_journal_hides_nothing(events_every: int):
    begun, its_flash, already = full(events_every)
    chance = random.Random(7)
    # A sector takes some 130 changes.
    for left in chance.sample(range(1, 400), 8):
        journal, flash, n = *copy.deepcopy((begun, its_flash)), already
        flash.left = left
        sound_after = chance.randrange(1, LASTS)
        while sound_after:
            n += 1
            journal.append(*told(n, events_every))
            sound_after -= bool(flash.worn)
        flash.worn = {}
        for _ in range(3):
            n += 1
            journal.append(*told(n, events_every))
        must_be_whole(journal, n, events_every)


def test_power_that_goes_while_events_are_given_up_hides_none():
    begun, its_flash, already = full(3)
    journal, flash, n = *copy.deepcopy((begun, its_flash)), already
    flash.left = 0
    while not said(journal, "lost"):
        n += 1
        journal.append(*told(n, 3))
    last_change = -flash.left
    for left in range(last_change - 8, last_change + 1):
        journal, flash, n = *copy.deepcopy((begun, its_flash)), already
        flash.left, flash.is_cut = left, True
        with pytest.raises(PowerCutError):
            while True:
                n += 1
                journal.append(*told(n, 3))
        journal = Journal(flash, 2)
        for _ in range(3):
            journal.append(*told(n, 3))
        found = names(journal)
        assert found == sorted(set(found))
        last = max(sequence for boot, sequence in found if boot == 1)
        # What was told before its sector went is told again.
        assert told_to_be_gone(journal) >= last - sum(boot == 1 for boot, _ in found)
        assert untold(records_of(journal), n, 3) == []


def lived_until_unreadable(journal: Journal, n: int) -> int:
    """How many records it was told until it tells that some cannot be read."""
    for more in range(n + 1, n + A_TURN):
        journal.append(*told(more, 3))
        if "unreadable" in {fields["why"] for fields in said(journal, "lost")}:
            return more
    pytest.fail("what cannot be read is not told")


@pytest.mark.parametrize("ring", ["_all", "_events"])
def test_what_cannot_be_read_is_told_when_its_sector_is_thinned_or_given_up(ring: str):
    journal, flash, n = full(3)
    oldest = getattr(journal, ring).tail.sector * SECTOR
    flash.data[flash.data.find(b'"after":', oldest + 2000)] ^= 1
    n = lived_until_unreadable(journal, n)
    must_be_whole(journal, n, 3)


@pytest.mark.parametrize("bit", [1, 6, 7])
@pytest.mark.parametrize("ring", ["_all", "_events"])
def test_a_changed_length_in_a_full_journal_hides_no_record_to_its_sectors_end(
    ring: str, bit: int
):
    journal, flash, n = full(3)
    oldest = getattr(journal, ring).tail.sector * SECTOR
    payload = flash.data.find(b'["relapse"', oldest + 2000)
    flash.data[payload - encoding.HEAD_BYTES - 1] ^= 1 << bit
    n = lived_until_unreadable(journal, n)
    numbers = [sequence for _, sequence in names(journal)]
    assert numbers == sorted(set(numbers))
    gone = numbers[-1] - len(numbers)
    # Of events alone it is not known how many there were, only how many at most.
    assert told_to_be_gone(journal) >= gone
    assert ring == "_events" or told_to_be_gone(journal) == gone
    assert untold(records_of(journal), n, 3) == []
