"""`noisetamer calibrate calibrator` and `check`: with a sound calibrator."""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.workshop.calibrate import common_options
from noisetamer.workshop.calibrate.calibrator import steady_tone
from noisetamer.workshop.calibrate.calibrator.steady_tone import Placement
from noisetamer.workshop.calibrate.certificate import reference
from noisetamer.workshop.calibrate.certificate.publish import (
    CalibrationRun,
    history,
    issue,
    refusals_entered,
)
from noisetamer.workshop.calibrate.drift import verdict
from noisetamer.workshop.calibrate.unit import live_unit
from noisetamer.workshop.calibrate.unit.instrument import Instrument, Listening
from noisetamer.workshop.calibrate.unit.live_unit import LiveUnit
from noisetamer.workshop.calibrate.unit.recorded_unit import RecordedUnit
from noisetamer.workshop.calibrate.unit.unit_settings import Files

# s: a start of two, a minute of patience, a margin.
_FIRST = "Seat the calibrator on the microphone, switch it on, press Enter "
_AGAIN = "Seat the calibrator once more, switch it on, press Enter "
_LISTEN_S = steady_tone.PATIENCE_S + 5


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="PORT|WAV",
        help="the unit's serial port, or recordings of its microphone, one a placement",
    )
    parser.add_argument(
        "--level", type=float, metavar="DB", help="which of the calibrator's levels sounds"
    )
    parser.add_argument(
        "--correction",
        type=float,
        default=0.0,
        metavar="DB",
        help="what this microphone in the coupler reads besides the calibrator's level",
    )
    parser.add_argument(
        "--placements", type=int, default=2, metavar="N", help="on a port (default 2)"
    )
    common_options.add(parser)


def run(arguments: argparse.Namespace, adjust: bool) -> int:
    """0: done; 1: a check that found the data since the last one void."""
    run = common_options.calibration_run(arguments)
    reference.as_calibrator(run.reference, arguments.reference)
    if not 1 <= arguments.placements <= 9:
        raise UserError(f"--placements {arguments.placements}: give 1 to 9")
    if common_options.is_recorded(arguments.sources[0]):
        instrument = common_options.instrument(arguments)
        units = (
            contextlib.nullcontext(RecordedUnit(Path(name), instrument))
            for name in arguments.sources
        )
        return _calibrate(
            arguments, run, instrument, units, common_options.files(arguments), adjust
        )
    if len(arguments.sources) > 1:
        raise UserError("give one port, or recordings that are there")
    with live_unit.connected(arguments.sources[0]) as live:
        with live.listening(0) as unit:
            instrument = unit.instrument
        units = _seated(live, arguments.placements)
        status = _calibrate(arguments, run, instrument, units, live.session, adjust)
        if adjust:
            _after(arguments, run, live)
        return status


def _calibrate(
    arguments: argparse.Namespace,
    run: CalibrationRun,
    instrument: Instrument,
    units: Iterator[contextlib.AbstractContextManager[Listening]],
    files: Files | None,
    adjust: bool,
) -> int:
    past = history(run, instrument.serial)
    step = verdict.CALIBRATION if adjust else verdict.CHECK
    with refusals_entered(run, instrument.serial, step):
        placements = [_read(arguments, run, unit) for unit in units]
        drift = verdict.verdict(-steady_tone.change(placements), past)
        result = steady_tone.result(
            placements, run.reference, adjust, [_capital(drift.sentence(adjust))]
        )
    print(f"{instrument.serial}{say(': ')}{say(drift.sentence(adjust))}")
    if adjust:
        print("  " + say(f"offset {instrument.calibration + (result.change or 0.0):+z.2f} dB"))
    print(f"  U (k = 2) {result.U:.2f} dB")
    for sentence in issue(run, result, instrument, files, drift.void if past else None):
        print(f"  {say(sentence)}")
    return int(not adjust and drift.void)


def _capital(sentence: str) -> str:
    return f"{sentence[0].upper()}{sentence[1:]}."


def _read(
    arguments: argparse.Namespace,
    run: CalibrationRun,
    unit: contextlib.AbstractContextManager[Listening],
) -> Placement:
    with unit as listening:
        return steady_tone.steady_reading(
            listening.seconds(),
            listening.instrument,
            run.reference,
            arguments.level,
            arguments.correction,
        )


def _seated(
    live: LiveUnit, placements: int
) -> Iterator[contextlib.AbstractContextManager[Listening]]:
    for number in range(1, placements + 1):
        question = _AGAIN if number > 1 else _FIRST
        try:
            input(say(question))
        except EOFError:
            print()  # below the question
            raise UserError(
                "Nobody is at the terminal to seat the calibrator: run it in one (by ssh with "
                "-t), or give recordings of the microphone in place of the port"
            ) from None
        yield live.listening(_LISTEN_S)


def _after(arguments: argparse.Namespace, run: CalibrationRun, live: LiveUnit) -> None:
    """Read the tone once more with what was written. Raises UserError if it does not hold."""
    deviation = _read(arguments, run, live.listening(_LISTEN_S)).deviation
    print("  " + say(f"read again: {deviation:+z.2f} dB"))
    if abs(deviation) > verdict.LARGEST_DRIFT:
        raise UserError(
            f"with the new offset the unit still reads {deviation:+z.2f} dB too much: seat the "
            "calibrator and calibrate again"
        )
