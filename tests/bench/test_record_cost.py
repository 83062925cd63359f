"""What a record costs the box and the network, in counts: they do not depend on the machine.

From what happened to the message that goes to the broker, by way of the journal on flash.
"""

from collections.abc import Callable

import pytest
from bytecodes import bytecodes
from nor_flash import NorFlash

from tamer.record import encoding, messages
from tamer.record.reading import Second
from tamer.tell.journal import Journal
from tamer.tell.reporter import Reporter

pytestmark = pytest.mark.bench

T = 1795431600
BATCH = [Second(T + i, 523 + i, 540 + i, 601 + i, 720 + i, 0) for i in range(10)]

# Bytecodes and bytes of the same way while a record was JSON, made anew for each sending.
AS_JSON = {"ten seconds": (2142, 270), "stage": (887, 130)}
AGAIN_AS_JSON = 1359

Say = Callable[[Reporter], None]


def seconds(reporter: Reporter) -> None:
    for second in BATCH:
        reporter.keep(second)


def stage(reporter: Reporter) -> None:
    reporter.event(T, "stage", "red", "polite", 650, 702)


def sent(journal: Journal) -> bytes:
    """As the link does it."""
    record = journal.read()
    assert record
    return encoding.enveloped(record.sequence - 1, record.body)


def cost(say: Say) -> tuple[int, int]:
    """(bytecodes, bytes) of a record, once the journal has its first segment."""
    journal = Journal(NorFlash(16), 7)
    reporter = Reporter(journal, "0123456789ab", False)
    say(reporter)
    sent(journal)
    codes = bytecodes(lambda: say(reporter) or sent(journal))
    say(reporter)
    return codes, len(sent(journal))


@pytest.mark.parametrize(
    ("name", "say", "bytecodes_at_most", "bytes_at_most"),
    # Ten seconds cost more to code than they did as JSON, for an eighth of the bytes: it is flash
    # and the line that are dear, and a box codes one such record in ten seconds. What a file
    # system did in C the ring does in bytecodes, a third of them here the flash itself.
    [("ten seconds", seconds, 2.4, 0.13), ("stage", stage, 1.9, 0.85)],
)
def test_a_record_costs_what_it_may_beside_json(
    name: str, say: Say, bytecodes_at_most: float, bytes_at_most: float
):
    codes, size = cost(say)
    assert codes < bytecodes_at_most * AS_JSON[name][0]
    assert size < bytes_at_most * AS_JSON[name][1]


def test_a_record_that_is_sent_again_is_read_and_not_made_anew():
    journal = Journal(NorFlash(16), 7)
    seconds(Reporter(journal, "0123456789ab", False))
    sent(journal)
    journal.rewind()
    assert bytecodes(sent, journal) < 0.7 * AGAIN_AS_JSON


def test_a_full_ring_costs_no_append_more_after_however_many_short_boots():
    """What is to be thinned at once is thinned in a boot's first, before anything is heard."""
    flash = NorFlash(8)
    code, payload = encoding.shortest(BATCH)
    journal, t = Journal(flash, 1), T
    for _ in range(900):
        journal.append(code, t, payload)
        t += 10
    told = encoding.of_event("boot", {"reset": "power on", "kernel": "int", "self_test": "x" * 90})
    later = []
    for boot in range(2, 40):
        journal = Journal(flash, boot)
        journal.append(encoding.EVENT, t, told)
        for _ in range(3):
            t += 10
            later.append(bytecodes(journal.append, code, t, payload))
    # Four records of Seconds are decoded with each, 7,000 bytecodes a record.
    assert max(later) < 40_000


def test_how_the_box_is_costs_little_to_look_at_and_to_tell():
    """It is looked at every five seconds, and told a few times a day."""
    journal = Journal(NorFlash(16), 7)
    stage(Reporter(journal, "0123456789ab", False))
    assert bytecodes(journal.held) < 40
    before = 7, "0.1.0", T, 0, 0
    told = *before, journal.held(), journal.room, -61
    sizes = [len(messages.encode(messages.status(True, *values))) for values in (before, told)]
    assert sizes[1] - sizes[0] < 48
