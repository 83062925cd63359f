"""Each record's link in its unit's chain: one for ever, whatever happens to power and flash.

Both Pythons.
"""

import random

import pytest
from chain_checker import ChainChecker, Sender, sent
from chip_memory import ChipMemory
from journals import Cut, T, batch, event, names, said
from nor_flash import SECTOR, NorFlash

from tamer import chain_keys
from tamer.record import encoding
from tamer.record.reading import Second
from tamer.record.seal import Seal
from tamer.tell.journal import Journal

# test_journal_on_littlefs.py has MicroPython run some of them, with a heap for several flashes.
pytestmark = [pytest.mark.pure]

UNIT, KEY, NEW = "SIM-0001", "k" * 43, "n" * 43
PLAIN = encoding.of_seconds([Second(0, 500, 520, 580, 680, 0)] * 10)


def started(flash, boot):
    return Journal(flash, boot, [Seal(KEY)], Seal(KEY).first_link(UNIT))


def fill(journal, first, last, events_every=12):
    for n in range(first, last):
        t = T + 10 * n
        journal.append(*(event(n, t) if n % events_every == 0 else batch(n, t)))


def links_of(journal):
    """{(boot, sequence): (the link it follows, its own)}, as it is read from the oldest on."""
    found = {}
    journal.rewind()
    while True:
        record = journal.read()
        if record is None:
            return found
        found[record[:2]] = journal.links()


def version(message):
    return message[0]


def test_every_record_follows_the_one_before_over_sectors_and_starts():
    flash, hub = NorFlash(16), ChainChecker(UNIT, KEY)
    journal = started(flash, 1)
    fill(journal, 0, 200)
    for boot in range(2, 5):
        journal = started(flash, boot)
        fill(journal, 200 * boot, 200 * boot + 200)
    assert len(sent(journal, hub)) == len(hub.records) == 800
    assert hub.findings == []
    first = encoding.opened(sent(journal, ChainChecker(UNIT, KEY))[0])
    assert first.follows == Seal(KEY).first_link(UNIT)


def test_without_a_key_nothing_is_otherwise():
    journal = Journal(NorFlash(8), 1)
    fill(journal, 0, 300)
    assert set(links_of(journal).values()) == {(b"", b"")}
    assert {version(message) for message in sent(journal, ChainChecker(UNIT, KEY))} == {3}


def test_a_link_takes_no_flash_but_a_frame_a_sector():
    plain, chained = NorFlash(16), NorFlash(16)
    fill(Journal(plain, 1), 0, 1000)
    fill(started(chained, 1), 0, 1000)
    sectors = sum(chained.erases)
    assert 0 < chained.programmed - plain.programmed <= 36 * sectors
    assert sum(plain.erases) == sectors == 9


def test_what_it_follows_is_told_where_the_hub_cannot_know_it():
    flash = NorFlash(16)
    fill(started(flash, 1), 0, 5)
    journal = started(flash, 2)
    fill(journal, 5, 10)
    sender, messages = Sender(journal), []
    for _ in range(7):
        messages.append(sender.next())
    # The first of all, and of each boot.
    assert [version(message) for message in messages] == [5, 4, 4, 4, 4, 5, 4]
    assert [encoding.opened(m).after for m in messages] == [0, 1, 2, 3, 4, 0, 1]
    journal.acknowledge(1, 3)
    again = sent(journal, ChainChecker(UNIT, KEY))
    assert [version(message) for message in again] == [5, 4, 5, 4, 4, 4, 4]


def test_links_are_the_same_however_often_they_are_made():
    flash = NorFlash(12)
    journal = started(flash, 1)
    known = {}
    for n in range(0, 3000, 50):
        fill(journal, n, n + 50)
        for name, links in links_of(journal).items():
            assert known.setdefault(name, links) == links, name
    # Also of those that are thinned, and after a start.
    assert journal.lost
    for name, links in links_of(started(flash, 2)).items():
        assert known[name] == links


def test_a_flash_that_is_lost_begins_anew_and_the_hub_sees_it():
    hub = ChainChecker(UNIT, KEY)
    for boot in (1, 2):
        journal = started(NorFlash(8), boot)
        fill(journal, 0, 10)
        sent(journal, hub)
    assert hub.findings == [("reset", 2, 1)]


def test_records_from_before_the_key_have_no_links_and_those_after_it_begin():
    flash, hub = NorFlash(16), ChainChecker(UNIT, KEY)
    fill(Journal(flash, 1), 0, 200)
    journal = started(flash, 2)
    fill(journal, 200, 400)
    sent(journal, hub)
    assert hub.findings == [("unlinked", 1, n) for n in range(1, 201)]
    assert links_of(journal)[2, 1][0] == Seal(KEY).first_link(UNIT)


def test_older_firmware_reads_the_journal_and_sends_no_link_as_a_record():
    flash = NorFlash(16)
    fill(started(flash, 1), 0, 300)
    old = Journal(flash, 2)
    for n in range(300, 500):
        old.append(*batch(n, T + 10 * n))
    assert names(old) == [(1, n) for n in range(1, 301)] + [(2, n) for n in range(1, 201)]
    assert old.acknowledge(1, 300) == 300


def test_a_spoilt_record_is_a_gap_and_no_break():
    flash, hub = NorFlash(16), ChainChecker(UNIT, KEY)
    journal = started(flash, 1)
    fill(journal, 0, 400)
    known = links_of(journal)
    at = flash.data.find(batch(30)[2])
    flash.data[at + 8] ^= 4
    journal = started(flash, 2)
    journal.append(*event(400, T + 4000))
    sent(journal, hub)
    kinds = [kind for kind, _, _ in hub.findings]
    assert kinds == ["gap", "gap"]
    assert hub.findings[0][1:] == (1, 32)
    # The second is that of the next sector, whose first link is that of records as they were.
    _, boot, sequence = hub.findings[1]
    after = {name: links for name, links in links_of(journal).items() if name >= (boot, sequence)}
    assert {name: known[name] for name in after if name in known} == {
        name: links for name, links in after.items() if name in known
    }
    journal.acknowledge(1, 400)
    journal.append(*batch(401, T + 4010))
    assert [fields["why"] for fields in said(journal, "lost")] == ["unreadable"]


def test_a_sector_whose_first_link_is_spoilt_claims_none():
    flash, hub = NorFlash(16), ChainChecker(UNIT, KEY)
    fill(started(flash, 1), 0, 400)
    # Its frames begin after its head, and with the link after their own.
    flash.data[3 * SECTOR + 16 + 20] ^= 4
    sent(started(flash, 2), hub)
    assert {kind for kind, _, _ in hub.findings} == {"unlinked", "gap"}
    assert len([None for kind, _, _ in hub.findings if kind == "gap"]) == 1


def test_events_that_are_kept_of_such_a_sector_claim_none_either():
    flash, hub = NorFlash(8), ChainChecker(UNIT, KEY)
    journal = started(flash, 1)
    n = 0
    while not journal.lost:
        fill(journal, n, n + 1, 4)
        n += 1
    # Of what is thinned next.
    sector = journal._all.tail.sector
    flash.data[(sector + 1) * SECTOR + 16 + 20] ^= 4
    unlinked = {name for name, links in links_of(journal).items() if links == (b"", b"")}
    known = links_of(journal)
    assert len(unlinked) > 10
    fill(journal, n, n + 400, 4)
    for name, links in links_of(journal).items():
        assert known.get(name, links) == links
    kept = [name for name in names(journal) if name in unlinked]
    assert 2 < len(kept) < len(unlinked)
    sent(journal, hub)
    assert {kind for kind, _, _ in hub.findings} == {"gap", "unlinked"}
    assert [(b, s) for kind, b, s in hub.findings if kind == "unlinked"] == kept


def test_at_every_write_of_an_hour_a_power_cut_is_seen_by_no_hub():
    random.seed(7)
    flash = NorFlash(12)
    got, told = [], []

    def is_right(flash):
        journal = started(flash, 2)
        for _ in range(2):
            journal.append(*event(1))
            journal.append(*batch(1))
        hub = ChainChecker(UNIT, KEY)
        for message in got:
            hub.take(message)
        sent(journal, hub)
        sent(started(flash, 3), hub)
        assert hub.findings == []
        assert len(hub.records) >= len(told) + 4

    cut = Cut(flash, is_right)
    journal = started(flash, 1)
    sender = Sender(journal)
    for n in range(240):
        fill(journal, n, n + 1)
        told.append(n)
        if n % 7 == 0:
            # To the last record but one, or all of them.
            while len(got) < len(told) - n % 2:
                got.append(sender.next())
            if n > 20:
                journal.acknowledge(1, len(got) - 3)
    assert cut.points > 250


def test_at_every_write_while_it_is_thinned_links_stay_what_they_were():
    random.seed(8)
    flash = NorFlash(8)
    journal = started(flash, 1)
    for n in range(150):
        journal.append(encoding.SECONDS, T + 10 * n, PLAIN)
        if n % 20 == 0:
            journal.append(*event(n, T))
    known = links_of(journal)
    assert journal.lost == 0

    def is_right(flash):
        journal = started(flash, 2)
        found = links_of(journal)
        for name, links in found.items():
            assert name[0] == 2 or known.get(name, links) == links, name
        hub = ChainChecker(UNIT, KEY)
        sent(journal, hub)
        assert {kind for kind, _, _ in hub.findings} <= {"gap"}
        for _, boot, sequence in hub.findings:
            assert sequence == 1 or (boot, sequence - 1) not in hub.records

    cut = Cut(flash, is_right)
    for n in range(150, 230):
        journal.append(encoding.SECONDS, T + 10 * n, PLAIN)
        known.update(links_of(journal))
    assert journal.lost > 50
    assert cut.points > 90


def test_a_want_of_memory_at_any_write_breaks_no_chain():
    for n in range(1, 12):
        flash, hub = NorFlash(8), ChainChecker(UNIT, KEY)
        journal = started(flash, 1)
        fill(journal, 0, 118, 1000)
        program, left = flash.writeblocks, [n]

        def writeblocks(block, buffer, offset, program=program, left=left):
            left[0] -= 1
            if not left[0]:
                raise MemoryError
            program(block, buffer, offset)

        flash.writeblocks = writeblocks
        fill(journal, 118, 130, 3)
        sent(journal, hub)
        sent(started(flash, 2), hub)
        assert hub.findings == []
        assert journal.lost == 1


class _Nvs(ChipMemory):
    """Each value that is kept is a write, too."""

    def __init__(self, blobs, kept):
        super().__init__()
        self.blobs = dict(blobs)
        self.kept = kept

    def commit(self):
        super().commit()
        self.kept(dict(self.blobs))


SETTINGS = {"unit": UNIT, "hub": None}


def start(flash, blobs, boot, kept=lambda blobs: None):
    """A start of the box, as `tamer.unit` has it."""
    memory = _Nvs(blobs, kept)
    journal = Journal(flash, boot, *chain_keys.chain(SETTINGS, memory))
    chain_keys.rekey(journal, SETTINGS, memory, T)
    journal.append(*event(boot))
    return journal, memory.blobs


def test_a_new_key_is_told_by_the_old_one_and_then_holds():
    flash, hub = NorFlash(12), ChainChecker(UNIT, KEY, NEW)
    kept = {"chain": KEY.encode(), "chain_new": NEW.encode()}
    fill(started(flash, 1), 0, 150)
    journal, kept = start(flash, kept, 2)
    fill(journal, 150, 300)
    journal, kept = start(flash, kept, 3)
    assert kept == {"chain": NEW.encode(), "chain_new": NEW.encode(), "chain_old": KEY.encode()}
    sent(journal, hub)
    assert hub.findings == []
    assert len(said(journal, "rekeyed")) == 1
    # By neither key alone is all of it right.
    for key in (KEY, NEW):
        other = ChainChecker(UNIT, key, NEW)
        other._keys = [NEW]
        for message in sent(journal, ChainChecker(UNIT, KEY, NEW)):
            if len(other._keys):
                other.take(message)
        assert (key == KEY) == (other.findings == [])


def test_a_key_of_the_settings_goes_before_that_of_the_chip():
    memory = ChipMemory()
    memory.blobs = {"chain": b"other", "chain_new": NEW.encode()}
    settings = {"unit": UNIT, "hub": {"chain": KEY}}
    chain = chain_keys.chain(settings, memory)
    assert chain[1] == Seal(KEY).first_link(UNIT)
    journal = Journal(NorFlash(8), 1, *chain)
    chain_keys.rekey(journal, settings, memory, T)
    assert journal.read() is None
    for empty in (ChipMemory(), None):
        assert chain_keys.chain(SETTINGS, empty) == ([], b"")


def test_a_power_cut_at_any_step_of_a_new_key_is_seen_by_no_hub():
    random.seed(9)
    key = {"chain": KEY.encode(), "chain_new": NEW.encode()}
    for records in range(118, 130):
        flash, got = NorFlash(8), []
        journal = started(flash, 1)
        fill(journal, 0, records, 1000)
        sender = Sender(journal)
        for _ in range(records // 2):
            got.append(sender.next())
        state = {"kept": dict(key)}

        def is_right(flash, got=got, state=state):
            hub = ChainChecker(UNIT, KEY, NEW)
            for message in got:
                hub.take(message)
            kept = state["kept"]
            for boot in (3, 4):
                journal, kept = start(flash, kept, boot)
                sent(journal, hub)
            assert kept["chain"] == NEW.encode()
            assert hub.findings == []
            assert len(said(journal, "rekeyed")) == 1

        cut = Cut(flash, is_right)

        def kept(blobs, flash=flash, state=state, is_right=is_right):
            # Before it is written, and when it is.
            for there in (state["kept"], blobs):
                state["kept"] = there
                copy = NorFlash(8)
                copy.data[:] = flash.data
                is_right(copy)

        start(flash, key, 2, kept)
        assert cut.points >= 2


def test_a_chip_that_keeps_no_key_goes_on_with_the_one_it_has():
    memory = ChipMemory()
    memory.blobs = {"chain": KEY.encode(), "chain_new": NEW.encode()}
    memory.full = True
    journal = started(NorFlash(8), 1)
    chain_keys.rekey(journal, SETTINGS, memory, T)
    assert journal.read() is None
