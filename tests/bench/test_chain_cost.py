"""What the chain of its records costs a box, beside what it does anyway: in counts.

From what happened to the message that goes to the broker, and to the hub's acknowledgement of it.
"""

from typing import NamedTuple

import pytest
from bytecodes import bytecodes
from chain_checker import Sender
from judged_seconds import cases
from nor_flash import SECTOR, NorFlash

from tamer.judge import ladder
from tamer.record import encoding, orders
from tamer.record.reading import Second
from tamer.record.seal import LINK, Seal
from tamer.tell.journal import Journal
from tamer.tell.reporter import Reporter

pytestmark = pytest.mark.bench

UNIT, KEY = "SIM-0001", "k" * 43
T = 1795431600
BATCH = [Second(T + i, 523 + i, 540 + i, 601 + i, 720 + i, 0) for i in range(10)]
ACK = '{"b":7,"s":3}'

# Of what a box does anyway, for each quiet second: at most so much more.
SHARE = 0.05


class Cost(NamedTuple):
    """Of ten seconds. bytecodes: until they are sent and acknowledged; sent: bytes."""

    bytecodes: int
    sent: int


def journal(flash: NorFlash, chained: bool) -> Journal:
    seal = Seal(KEY)
    return Journal(flash, 7, [seal], seal.first_link(UNIT)) if chained else Journal(flash, 7)


def cost(chained: bool) -> Cost:
    records = journal(NorFlash(16), chained)
    reporter, sender = Reporter(records, "0123456789ab", False), Sender(records)

    def say() -> None:
        for second in BATCH:
            reporter.keep(second)

    for sequence in (1, 2):
        say()
        sender.next()
        records.acknowledge(7, sequence)
    codes = bytecodes(say) + bytecodes(sender.next) + bytecodes(records.acknowledge, 7, 3)
    if chained:
        seal, message = Seal(KEY), orders.signed(KEY, UNIT, ACK, "ack")
        codes += bytecodes(seal.proved, "ack", UNIT, message)
    say()
    message = sender.next()
    assert message
    return Cost(codes, len(message))


def test_it_takes_a_twentieth_of_what_a_quiet_box_computes_anyway():
    anyway = cost(chained=False).bytecodes + 10 * bytecodes(ladder.step, *cases()["quiet"])
    more = cost(chained=True).bytecodes - cost(chained=False).bytecodes
    assert 0 < more <= SHARE * anyway, (more, anyway)


def test_a_record_has_a_link_more_to_carry_and_no_second_one():
    assert cost(chained=True).sent - cost(chained=False).sent == LINK


def test_the_flash_has_a_frame_more_in_a_sector_and_holds_as_long():
    code, payload = encoding.shortest(BATCH)
    held: list[int] = []
    for chained in (False, True):
        flash = NorFlash(12)
        records, n = journal(flash, chained), 0
        while not records.lost:
            records.append(code, T + 10 * n, payload)
            n += 1
        held.append(n)
    assert 0.985 * held[0] < held[1] <= held[0]


def test_to_begin_with_it_a_start_reads_no_more():
    reads: list[int] = []
    for chained in (False, True):
        flash = NorFlash(32)
        records = journal(flash, chained)
        code, payload = encoding.shortest(BATCH)
        for n in range(500):
            records.append(code, T + 10 * n, payload)
        flash.reads = flash.read_bytes = 0
        journal(flash, chained)
        reads.append(flash.read_bytes)
    assert reads[1] <= reads[0] + SECTOR
