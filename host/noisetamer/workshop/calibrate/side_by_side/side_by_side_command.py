"""`noisetamer calibrate beside`: beside a reference meter."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import serial

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate import common_options
from noisetamer.workshop.calibrate.certificate.publish import (
    CalibrationRun,
    history,
    issue,
    refusals_entered,
)
from noisetamer.workshop.calibrate.side_by_side import compare, unit_levels
from noisetamer.workshop.calibrate.side_by_side.meters import (
    dt8852_meter,
    readings_file,
    serial_meter,
)
from noisetamer.workshop.calibrate.side_by_side.meters.reading_thread import ReadingThread
from noisetamer.workshop.calibrate.side_by_side.series import (
    TIME_WEIGHTINGS,
    LevelSeries,
    Readings,
    TimeWeighting,
)
from noisetamer.workshop.calibrate.unit import live_unit
from noisetamer.workshop.calibrate.unit.instrument import Instrument
from noisetamer.workshop.calibrate.unit.recorded_unit import RecordedUnit
from noisetamer.workshop.calibrate.unit.unit_settings import Files

_DT8852 = "dt8852"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        metavar="PORT|WAV|LINES",
        help="the unit's serial port, a recording of its microphone, or its console's lines",
    )
    meter = parser.add_mutually_exclusive_group(required=True)
    meter.add_argument(
        "--meter", metavar="NAME", help="live: dt8852, or a row of meters.toml (lines, noisetamer)"
    )
    meter.add_argument("--typed", action="store_true", help="live: type each level and Enter")
    meter.add_argument("--readings", type=Path, metavar="CSV", help="time,level in dB(A)")
    parser.add_argument("--meter-port", metavar="PORT")
    parser.add_argument("--meters", type=Path, metavar="FILE", help="more rows as in meters.toml")
    parser.add_argument(
        "--time-weighting", choices=TIME_WEIGHTINGS, help="the meter's, where it does not tell"
    )
    parser.add_argument("--minutes", type=float, default=10.0, metavar="N", help="live")
    parser.add_argument(
        "--begins", metavar="TIME", help="of a WAV: its first sample, 2026-11-23T19:00:00"
    )
    common_options.add(parser)


def run(arguments: argparse.Namespace) -> int:
    run = common_options.calibration_run(arguments)
    if common_options.is_recorded(arguments.source):
        instrument = common_options.instrument(arguments)
        if arguments.readings is None:
            raise UserError(f"{arguments.source} is a file: give the meter's with --readings")
        levels = _from_file(arguments, instrument)
        readings = readings_file.read(arguments.readings, near=levels.begin)
        weighting = _must_be_known(arguments.time_weighting)
        return _conclude(
            run, instrument, levels, readings, weighting, common_options.files(arguments)
        )
    if arguments.readings is not None:
        raise UserError(
            f"{arguments.source}: there is no such file; with --readings give the unit's "
            "recording or console lines"
        )
    if not 2.0 <= arguments.minutes <= 600.0:
        raise UserError(f"--minutes {arguments.minutes:g}: give 2 to 600")
    with live_unit.connected(arguments.source) as live, ExitStack() as stack:
        source, weighting = _live_meter(arguments, stack)
        with live.listening(round(60 * arguments.minutes)) as unit:
            instrument = unit.instrument
            reader = ReadingThread(source)
            levels = unit_levels.of_seconds(list(reader.beside(unit.seconds())))
        return _conclude(run, instrument, levels, reader.readings(), weighting(), live.session)


def _conclude(
    run: CalibrationRun,
    instrument: Instrument,
    levels: LevelSeries,
    readings: Readings,
    weighting: TimeWeighting,
    files: Files | None,
) -> int:
    history(run, instrument.serial)
    with refusals_entered(run, instrument.serial):
        comparison = compare.compare_as_stated(levels, readings, weighting, instrument.floor)
        result = compare.result(comparison, run.reference, weighting, [])
    print(f"{instrument.serial}: offset {instrument.calibration + comparison.change:+.2f} dB")
    print(f"  U (k = 2) {result.U:.2f} dB, correlation {comparison.correlation:.3f}")
    for sentence in issue(run, result, instrument, files, None):
        print(f"  {sentence}")
    return 0


def _from_file(arguments: argparse.Namespace, instrument: Instrument) -> LevelSeries:
    path = Path(arguments.source)
    if path.suffix.lower() in (".jsonl", ".json", ".log", ".txt"):
        return unit_levels.of_console(path)
    begins = 0.0
    if arguments.begins:
        try:
            begins = datetime.fromisoformat(arguments.begins).timestamp()
        except ValueError:
            raise UserError(
                f"--begins {arguments.begins}: write a time such as 2026-11-23T19:00:00"
            ) from None
    return unit_levels.of_seconds(list(RecordedUnit(path, instrument, begins=begins).seconds()))


def _live_meter(
    arguments: argparse.Namespace, stack: ExitStack
) -> tuple[Iterator[tuple[float, float]], Callable[[], TimeWeighting]]:
    """(its readings, what tells its time weighting once there are some)."""
    if arguments.typed:
        print("Type each level the meter shows and press Enter at once.", file=sys.stderr)
        typed = readings_file.typed(sys.stdin, lambda wrong: print(wrong, file=sys.stderr))
        return typed, lambda: _must_be_known(arguments.time_weighting)
    if not arguments.meter_port:
        raise UserError("name the meter's port with --meter-port")
    if arguments.meter == _DT8852:
        meter = dt8852_meter.Dt8852Meter(
            stack.enter_context(_opened(arguments.meter_port, dt8852_meter.BAUD))
        )
        return meter.readings(), lambda: _must_be_known(meter.weighting)
    drivers = serial_meter.drivers(serial_meter.SHIPPED)
    if arguments.meters:
        drivers |= serial_meter.drivers(arguments.meters)
    if arguments.meter not in drivers:
        known = ", ".join([_DT8852, *sorted(drivers)])
        raise UserError(f"--meter {arguments.meter}: is not known; there are {known}")
    driver = drivers[arguments.meter]
    port = stack.enter_context(_opened(arguments.meter_port, driver.baud))
    weighting = arguments.time_weighting or driver.time_weighting
    return serial_meter.readings(port, driver), lambda: _must_be_known(weighting)


def _must_be_known(weighting: TimeWeighting | None) -> TimeWeighting:
    if weighting is None:
        raise UserError("say with --time-weighting what the meter is set to: fast, slow or 1s")
    return weighting


def _opened(name: str, baud: int) -> serial.Serial:
    try:
        return serial.serial_for_url(name, baud, timeout=serial_meter.SILENCE_S)
    except (OSError, ValueError) as error:
        raise UserError(
            f"{name}: the meter's port cannot be opened ({error}); plug it in, and see that you "
            "may open it (group dialout)"
        ) from None
