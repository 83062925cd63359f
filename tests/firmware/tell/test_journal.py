"""Records on flash: kept until acknowledged, whatever happens to power and flash. Both Pythons."""

import random

import pytest
from journals import Cut, T, batch, event, names, records_of, said
from nor_flash import SECTOR, NorFlash

from tamer.record import encoding
from tamer.record.encoding import EVENT
from tamer.record.reading import CLOCK, Second
from tamer.tell.journal import Journal

# test_journal_on_littlefs.py has MicroPython run them, with a heap for several flashes.
pytestmark = [pytest.mark.pure]


def filled(flash, records, boot=1, events_every=0):
    """A journal after so many batches, with an event after each few."""
    journal = Journal(flash, boot)
    t = T
    for n in range(records):
        journal.append(*batch(n, t))
        t += 10
        if events_every and n % events_every == 0:
            journal.append(*event(n, t))
    return journal


def taken(journal):
    record = journal.read()
    assert record
    return record


def numbered(boot, first, last):
    return [(boot, sequence) for sequence in range(first, last + 1)]


def test_a_new_journal_is_empty():
    journal = Journal(NorFlash(8), 1)
    assert journal.read() is None
    assert journal.lost == 0


def test_records_are_numbered_from_one_and_keep_every_byte():
    journal = Journal(NorFlash(8), 7)
    given = [batch(0), batch(1, T + 10), event(5), batch(2, T + 20), event(6)]
    for one in given:
        journal.append(*one)
    for n, (code, t, payload) in enumerate(given):
        assert tuple(taken(journal)) == (7, n + 1, encoding.record(code, 7, n + 1, t, payload))
    assert journal.read() is None


def test_ten_seconds_that_follow_take_a_frame_of_three_bytes_besides_their_levels():
    flash = NorFlash(8)
    journal = Journal(flash, 1)
    journal.append(*batch(0))
    before, given = flash.programmed, batch(1, T + 10)
    journal.append(*given)
    assert flash.programmed - before == len(given[2]) + 3


def test_records_of_many_sectors_are_read_in_order_and_cost_an_erase_a_sector():
    flash = NorFlash(32)
    journal = filled(flash, 1500)
    assert names(journal) == numbered(1, 1, 1500)
    assert 1500 * 31 // SECTOR <= sum(flash.erases) <= 1500 * 34 // SECTOR + 1


def test_what_is_appended_while_reading_is_read_too():
    journal = filled(NorFlash(16), 1)
    assert taken(journal).sequence == 1
    assert journal.read() is None
    for sequence in range(2, 400):
        journal.append(*batch(sequence))
        assert taken(journal).sequence == sequence
        assert journal.read() is None


def test_what_the_hub_has_is_not_read_again():
    flash = NorFlash(8)
    filled(flash, 5, boot=1)
    journal = filled(flash, 5, boot=2)
    names(journal)
    assert journal.acknowledge(1, 3) == 3
    assert names(journal) == numbered(1, 4, 5) + numbered(2, 1, 5)
    # The other boot's count from the place of the oldest on.
    assert journal.acknowledge(2, 4) == 0
    assert names(journal) == [(1, 4), (1, 5), (2, 5)]
    assert journal.acknowledge(1, 5) == 2 + 4
    assert names(journal) == [(2, 5)]


def test_after_a_restart_no_more_than_a_sector_is_read_again():
    flash = NorFlash(16)
    journal = filled(flash, 500)
    names(journal)
    journal.acknowledge(1, 400)
    left = names(Journal(flash, 2))
    assert left == numbered(1, left[0][1], 500)
    assert 250 < left[0][1] <= 401


def test_what_is_held_is_told_to_two_sectors_and_is_none_once_the_hub_has_it():
    flash = NorFlash(16)
    journal = filled(flash, 1000)
    assert journal.room == 14 * SECTOR
    programmed = flash.programmed
    assert abs(journal.held() - programmed) <= 2 * SECTOR
    names(journal)
    journal.acknowledge(1, 500)
    assert abs(journal.held() - programmed / 2) <= 2 * SECTOR
    assert abs(Journal(flash, 2).held() - programmed / 2) <= 2 * SECTOR
    journal.acknowledge(1, 1000)
    assert journal.held() == 0
    # Around the end of the flash, and full.
    for n in range(4000):
        journal.append(*batch(n))
        assert 0 <= journal.held() <= journal.room
    assert journal.held() > journal.room - 2 * SECTOR


def test_nothing_is_held_of_a_sector_whose_last_bytes_take_no_frame():
    # Of 151 bytes with its frame, 27 fill a sector but for three bytes.
    payload = bytes(151 - encoding.HEAD_BYTES - 4)
    journal = Journal(NorFlash(8), 1)
    for n in range(1, 60):
        journal.append(EVENT, T, payload)
        assert names(journal)[-1] == (1, n)
        journal.acknowledge(1, n)
        assert journal.held() == 0, n


def test_an_acknowledgement_of_what_was_not_sent_counts_for_nothing():
    journal = filled(NorFlash(8), 30)
    for _ in range(5):
        journal.read()
    assert journal.acknowledge(1, 1000000) == 0
    assert journal.acknowledge(3, 1) == 0
    assert names(journal) == numbered(1, 1, 30)
    assert journal.acknowledge(1, 30) == 30
    journal.append(*batch(1))
    assert names(journal) == [(1, 31)]


def test_sectors_that_go_under_the_reader_do_not_stop_it():
    journal = filled(NorFlash(16), 500)
    names(journal)
    journal.rewind()
    for _ in range(10):
        journal.read()
    journal.acknowledge(1, 350)
    assert taken(journal).sequence == 351


def test_a_new_boot_begins_a_new_count_and_older_records_come_first():
    flash, journal = NorFlash(16), None
    # A board erased, and one that lost its count: no order is in the numbers.
    for boot, n in ((9, 200), (4000000000, 3), (10, 2)):
        journal = filled(flash, n, boot)
    assert journal
    assert names(journal) == numbered(9, 1, 200) + numbered(4000000000, 1, 3) + numbered(10, 1, 2)


def test_a_full_journal_thins_its_oldest_seconds_and_tells_of_every_one():
    journal = filled(NorFlash(16), 3000, events_every=40)
    held = records_of(journal)
    numbers = [sequence for _, sequence, _ in held]
    assert numbers == sorted(set(numbers))
    thinned = said(journal, "thinned")
    spans = [range(fields["start"], fields["end"] + 1) for fields in thinned]
    whole = {t for span in spans for t in span}
    assert sum(fields["seconds"] for fields in thinned) == len(whole) == sum(map(len, spans))
    assert sum(fields["records"] for fields in thinned) == journal.lost
    for _, _, body in held:
        if encoding.how_many(body):
            whole |= {second.t for second in encoding.seconds(body)}
    assert whole == set(range(T, T + 30000))
    # No event went.
    assert [fields["after"] for fields in said(journal, "relapse")] == list(range(0, 3000, 40))


def test_a_thinned_minute_is_the_level_of_its_seconds():
    journal = Journal(NorFlash(8), 1)
    t = T
    while journal.lost == 0:
        LAeq = 500 if (t - T) // 60 % 2 else 800
        seconds = [Second(t + i, LAeq, 0, 0, 0, 3 * ((t - T) // 600 == 1)) for i in range(10)]
        code, payload = encoding.shortest(seconds)
        journal.append(code, t, payload)
        t += 10
    fields = said(journal, "thinned")[0]
    minutes = fields["minutes"]
    assert minutes[:10] == [800, 500] * 5
    assert minutes[10:20] == [-32768] * 10
    assert fields["start"] == T
    assert fields["why"] == "full"


def test_what_a_box_heard_before_it_knew_the_time_keeps_its_levels_too():
    journal = Journal(NorFlash(8), 1)
    t = 0
    while journal.lost == 0:
        code, payload = encoding.shortest([Second(t + i, 650, 0, 0, 0, CLOCK) for i in range(10)])
        journal.append(code, t, payload)
        t += 10
    fields = said(journal, "thinned")[0]
    assert (fields["start"], set(fields["minutes"])) == (0, {650})


def test_what_is_thinned_or_lost_without_the_time_says_of_which_boot_it_is():
    flash = NorFlash(8)
    journal = None
    for boot in range(1, 12):
        journal = Journal(flash, boot)
        for n in range(60):
            t = 10 * n
            seconds = [Second(t + i, 650, 0, 0, 0, CLOCK) for i in range(10)]
            code, payload = encoding.shortest(seconds)
            journal.append(code, t, payload)
            for k in range(8):
                journal.append(*event(k, t))
    thinned, lost = said(journal, "thinned"), said(journal, "lost")
    assert thinned
    assert lost
    for fields in thinned + lost:
        assert 0 <= fields["start"] <= fields["end"] < 600
        assert 1 <= fields["of_boot"] < 12
    assert len({fields["of_boot"] for fields in thinned}) > 1
    # With the time, a span needs no boot.
    journal = filled(NorFlash(8), 1200)
    assert not [fields for fields in said(journal, "thinned") if "of_boot" in fields]


def test_when_there_is_no_room_for_events_either_that_is_told():
    journal = Journal(NorFlash(8), 1)
    for n in range(2500):
        journal.append(*event(n, T + n))
    lost = said(journal, "lost")
    assert sum(fields["records"] for fields in lost) == journal.lost > 0
    assert {fields["why"] for fields in lost} == {"full"}
    numbers = [sequence for _, sequence, _ in records_of(journal)]
    assert numbers == sorted(set(numbers))
    journal.append(*event(0))
    assert names(journal)[-1] == (1, numbers[-1] + 1)


def test_what_is_thinned_while_it_is_sent_comes_again_from_the_oldest_on():
    journal = filled(NorFlash(8), 600)
    journal.rewind()
    last, n = 0, 600
    while n < 1200:
        journal.append(*(event(n, T + 10 * n) if n % 5 == 0 else batch(n, T + 10 * n)))
        n += 1
        record = taken(journal)
        last = max(last, record.sequence)
    assert last > 600
    assert names(journal) == sorted(names(journal))


def test_however_much_there_is_to_tell_of_what_was_thinned_the_order_is_kept():
    journal = Journal(NorFlash(8), 1)
    for n in range(1500):
        # A clock that is set back and forth: no two batches are of one hour.
        journal.append(*batch(n, T + 5000 * (n % 7)))
    assert names(journal) == sorted(names(journal))
    last = names(journal)[-1][1]
    journal.append(*batch(0))
    assert names(journal)[-1] == (1, last + 1)


def test_a_changed_bit_costs_one_record():
    flash = NorFlash(8)
    filled(flash, 60)
    at = flash.data.find(batch(30, T + 300)[2])
    flash.data[at + 8] ^= 4
    journal = filled(flash, 3, boot=2)
    expected = [name for name in numbered(1, 1, 60) if name != (1, 31)] + numbered(2, 1, 3)
    assert names(journal) == expected
    journal.acknowledge(1, 60)
    journal.append(*batch(4))
    lost = [(f["records"], f["start"], f["end"], f["why"]) for f in said(journal, "lost")]
    assert lost == [(1, T + 300, T + 310, "unreadable")]


def test_a_changed_bit_costs_one_record_where_those_behind_it_leave_their_heads_out():
    flash = NorFlash(8)
    journal, t = filled(flash, 20), T + 200
    short = encoding.shortest([Second(0, 560 + i, 580, 640, 760, 0) for i in range(3)])
    journal.append(*event(7, t))
    journal.append(short[0], t, short[1])
    for n in range(20, 60):
        journal.append(*batch(n, t + 3))
        t += 10
    whole = bytes(flash.data)
    # The first of its sector, an event, three seconds, ten.
    for payload in (batch(0)[2], event(7)[2], short[1], batch(30)[2]):
        flash.data[:] = whole
        flash.data[flash.data.find(payload) + 6] ^= 4
        assert len(names(Journal(flash, 2))) == 62 - 1


def test_a_changed_length_hides_what_is_behind_it_in_its_sector_and_each_is_told():
    flash = NorFlash(8)
    filled(flash, 400)
    whole, at = bytes(flash.data), flash.data.find(batch(30)[2]) - 1
    most = 0
    for bit in range(8):
        flash.data[:] = whole
        flash.data[at] ^= 1 << bit
        journal = Journal(flash, 2)
        hidden = 400 - len(names(journal))
        most = max(most, hidden)
        journal.acknowledge(1, 400)
        journal.append(*batch(0))
        lost = [(f["records"], f["start"], f["end"], f["why"]) for f in said(journal, "lost")]
        assert lost == [(hidden, T + 300, T + 300 + 10 * hidden, "unreadable")]
    assert 50 < most < 130


def test_a_sector_that_takes_nothing_is_passed_over():
    for how in ("told", "silent"):
        flash = NorFlash(16)
        journal = filled(flash, 100)
        for sector in (4, 5):
            flash.worn[sector] = how
        for n in range(600):
            journal.append(*batch(n))
        assert journal.lost == 0
        assert names(journal) == numbered(1, 1, 700)
        assert names(Journal(flash, 2)) == numbered(1, 1, 700)


def test_a_flash_that_takes_nothing_at_all_costs_records_and_nothing_else():
    flash = NorFlash(8)
    flash.worn = dict.fromkeys(range(8), "told")
    journal = filled(flash, 50)
    assert journal.read() is None
    assert journal.lost >= 50
    flash.worn = {}
    journal.append(*batch(1))
    assert said(journal, "lost")[0]["why"] == "flash fault"


def test_a_want_of_memory_costs_a_record_and_not_the_box():
    flash = NorFlash(8)
    journal = filled(flash, 3)
    program = flash.writeblocks

    def writeblocks(block, buffer, offset):
        raise MemoryError

    flash.writeblocks = writeblocks
    journal.append(*batch(3))
    flash.writeblocks = program
    journal.append(*batch(4))
    assert journal.lost == 1
    assert [fields["why"] for fields in said(journal, "lost")] == ["no memory"]
    assert names(journal)[:3] == numbered(1, 1, 3)


def test_at_every_write_of_an_hour_a_power_cut_costs_ten_seconds_at_most():
    random.seed(5)
    flash = NorFlash(12)
    told, sent = [], [0]

    def is_right(flash):
        journal = Journal(flash, 2)
        found = records_of(journal)
        bodies = [body for _, _, body in found]
        # All that was appended before and is not acknowledged; the one under way may be there.
        first = len(told) - len(bodies)
        if bodies and bodies[-1] not in told:
            first, bodies = first + 1, bodies[:-1]
        assert bodies == told[first:]
        assert first <= sent[0]
        # And it goes on.
        journal.append(*event(1))
        journal.append(*batch(1))
        assert names(Journal(flash, 3))[-2:] == [(2, 1), (2, 2)]

    cut = Cut(flash, is_right)
    journal = Journal(flash, 1)
    for n in range(360):
        given = batch(n, T + 10 * n) if n % 12 else event(n, T + 10 * n)
        journal.append(*given)
        told.append(encoding.record(given[0], 1, n + 1, *given[1:]))
        if 10 <= n < 250 and n % 10 == 0:
            while journal.read():
                pass
            journal.acknowledge(1, n - 5)
            sent[0] = n - 5
    assert cut.points > 360


def test_at_every_write_while_it_is_thinned_no_event_and_no_second_goes_untold():
    random.seed(6)
    flash = NorFlash(8)
    journal = Journal(flash, 1)
    plain = encoding.of_seconds([Second(0, 500, 520, 580, 680, 0)] * 10)
    for n in range(150):
        journal.append(encoding.SECONDS, T + 10 * n, plain)
        if n % 40 == 0:
            journal.append(*event(n, T))
    state = {"t": T + 1500}
    assert journal.lost == 0

    def is_right(flash):
        journal = Journal(flash, 2)
        found = records_of(journal)
        assert [r[:2] for r in found] == sorted([r[:2] for r in found])
        whole, events = set(), []
        for _, _, body in found:
            if encoding.how_many(body):
                whole |= {second.t for second in encoding.seconds(body)}
                continue
            kind, fields = encoding.event(body)
            if kind == "thinned":
                whole |= set(range(fields["start"], fields["end"] + 1))
            else:
                events.append(fields["after"])
        missing = [t for t in range(T, state["t"]) if t not in whole]
        assert len(missing) <= 10, (missing[0], missing[-1])
        assert events == list(range(0, 150, 40))

    cut = Cut(flash, is_right)
    for n in range(150, 320):
        journal.append(encoding.SECONDS, T + 10 * n, plain)
        state["t"] = T + 10 * n + 10
    assert journal.lost > 100
    assert cut.points > 150


def test_an_event_is_kept_where_what_was_kept_before_a_power_cut_is_acknowledged_since():
    flash = NorFlash(24)
    journal, n = Journal(flash, 1), 0
    while len(journal._twice) == 0 or n % 10:
        journal.append(*(batch(n, T + 10 * n) if n % 10 else event(n, T + 10 * n)))
        n += 1
    # The power goes in the midst of thinning, and the hub is told of a part of that sector.
    journal = Journal(flash, 2)
    kept = journal._kept_to
    assert kept
    names(journal)
    assert journal.acknowledge(1, kept[1] + 3)
    held = [fields["after"] for fields in said(journal, "relapse")]
    for k in range(n, n + 60):
        journal.append(*(batch(k, T + 10 * k) if k % 10 else event(k, T + 10 * k)))
    assert journal.lost > 50
    left = [fields["after"] for fields in said(journal, "relapse")]
    assert left == held + list(range(n, n + 60, 10))


def test_five_thousand_short_boots_without_a_hub_cost_no_more_at_the_next_start():
    flash, journal = NorFlash(32), None
    most = 0
    for boot in range(1, 5001):
        flash.reads = 0
        journal = Journal(flash, boot)
        most = max(most, flash.reads)
        journal.append(EVENT, T, b'["boot",{"reset":"power on","firmware":"0.1.0"}]' + bytes(99))
    assert journal
    # A look at each sector, and all of two.
    assert most <= 32 + 2 * 200
    assert names(journal)[-2:] == [(4999, 1), (5000, 1)] or journal.lost
    # As many boots are acknowledged with no more memory.
    journal.rewind()
    passed = 0
    while True:
        record = journal.read()
        if record is None:
            break
        passed += journal.acknowledge(record.boot, record.sequence)
    assert passed > 100
    assert len(journal._acknowledged) < 40
    assert len(journal._sent) < 40
    journal.rewind()
    assert journal.read() is None


def test_whatever_the_flash_holds_the_box_measures_on():
    for seed in range(30):
        random.seed(seed)
        flash = NorFlash(8)
        filled(flash, random.randrange(1500), boot=1, events_every=7)
        for _ in range(random.randrange(1, 9)):
            _spoil(flash)
        flash.reads = 0
        journal = Journal(flash, 2)
        assert flash.reads <= 8 + 2 * 2100
        for n in range(300):
            journal.append(*batch(n, T + 10 * n))
        of_now = [sequence for boot, sequence in names(journal) if boot == 2]
        assert of_now[-200:] == list(range(of_now[-1] - 199, of_now[-1] + 1))
        assert of_now[-1] >= 300
        names(Journal(flash, 3))


def _spoil(flash):
    at = random.randrange(len(flash.data))
    n = min(random.randrange(1, 2 * SECTOR), len(flash.data) - at)
    how = random.randrange(4)
    if how == 0:
        flash.data[at : at + n] = bytes(n)
    elif how == 1:
        flash.data[at : at + n] = bytes([random.randrange(256) for _ in range(n)])
    elif how == 2:
        flash.data[at] ^= 1 << random.randrange(8)
    else:
        there = random.randrange(len(flash.data) - n)
        flash.data[at : at + n] = flash.data[there : there + n]
