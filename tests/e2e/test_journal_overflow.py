"""A box whose journal overflowed in a long silence is not acknowledged for ever in vain."""

import dataclasses
from pathlib import Path

import pytest
from hub_process import HubProcess
from live_box import PACE, STORY, Ledger, as_second, reach

from noisetamer.hub.wire import Event
from noisetamer.simulate.trace import is_second
from noisetamer.simulate.unit_run import BOARD, UnitRun, settings
from noisetamer.simulate.unit_simulator import UnitSimulator
from noisetamer.virtual.firmware_process import FirmwareProcess, Tier

pytestmark = pytest.mark.e2e

SMALL = 8 * 4096  # bytes: not three hours
ALONE_S = 3 * 3600


def lived(box: FirmwareProcess, start: int, seconds: int, pace: float):
    """The trace of one boot, line by line."""
    story = dataclasses.replace(STORY, start=start, duration_s=seconds)
    simulator = UnitSimulator(story, 1, 0, "SIM-0001", None)
    return simulator.play(box, seconds, Tier.LEVELS, pace, lambda second: None)


def told_of(ledger: Ledger) -> set[int]:
    """The seconds of which an event tells their minute's level, or that not even that is left."""
    return {
        t
        for record in ledger.records
        if isinstance(record, Event) and record.kind in ("thinned", "lost")
        for t in range(record.fields["start"], record.fields["end"] + 1)
    }


def test_what_is_left_arrives_and_is_acknowledged_to_the_end(hub: HubProcess, tmp_path: Path):
    run = UnitRun(STORY, 1, 0, ALONE_S, Tier.LEVELS, PACE, reach(hub))
    assert run.hub is not None
    certificate = run.hub.certificate
    chip = tmp_path / "chip"
    box = FirmwareProcess(chip, BOARD, settings(run), certificate, journal_bytes=SMALL)
    hub.kill()
    heard = [as_second(line) for line in lived(box, STORY.start, ALONE_S, 0) if is_second(line)]
    hub.start()

    def done() -> bool:
        ledger = Ledger(hub)
        arrived = ledger.seconds(boot=1)
        # Of its last seconds fewer than a batch of ten were not yet in the journal.
        complete = bool(arrived) and arrived[-1].t > heard[-1].t - 10
        # In its next life it may have had to give up more before the hub was there.
        complete = complete and heard[0].t in told_of(ledger)
        return complete and ledger.acknowledged.get(1) == ledger.numbers(boot=1)[-1]

    later = lived(box, STORY.start + ALONE_S + 60, 3600, PACE)
    try:
        while not done():
            next(later)
    finally:
        box.power_off()

    ledger = Ledger(hub)
    numbers, left = ledger.numbers(boot=1), ledger.seconds(boot=1)
    # What was thinned is not there, but its events.
    assert numbers == sorted(set(numbers)) != list(range(numbers[0], numbers[-1] + 1))
    # From where the Seconds begin to the last batch before the power went: nothing missing.
    assert left == heard[heard.index(left[0]) : heard.index(left[-1]) + 1]
    assert len(left) > 1800
    assert {second.t for second in heard if second.t < left[0].t} <= told_of(ledger)
    # What is missing is known to be, and why; the rest follows as it was made.
    assert ledger.findings
    assert {(one.kind, one.alarming) for one in ledger.findings} == {("gap", False)}
