"""`noisetamer calibrate beside`: beside a reference meter."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import serial

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.sound.level_tables import DATE_ORDERS
from noisetamer.workshop.calibrate import common_options
from noisetamer.workshop.calibrate.certificate.publish import (
    CalibrationRun,
    history,
    issue,
    refusals_entered,
)
from noisetamer.workshop.calibrate.side_by_side import (
    alignment,
    clock_search,
    compare,
    series,
    unit_levels,
)
from noisetamer.workshop.calibrate.side_by_side.meters import (
    dt8852_meter,
    exported_file,
    serial_meter,
    typed_levels,
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
from tamer.record.reading import is_dated

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
    meter.add_argument(
        "--readings",
        type=Path,
        metavar="FILE",
        help="what the meter exported, or time,level in dB(A)",
    )
    parser.add_argument("--meter-port", metavar="PORT")
    parser.add_argument("--meters", type=Path, metavar="FILE", help="more rows as in meters.toml")
    parser.add_argument(
        "--time-weighting", choices=TIME_WEIGHTINGS, help="the meter's, where it does not tell"
    )
    parser.add_argument("--minutes", type=float, default=10.0, metavar="N", help="live")
    parser.add_argument(
        "--begins",
        metavar="TIME",
        help="of a WAV that does not say: its first sample, 2026-11-23T19:00:00",
    )
    exported = parser.add_argument_group("what the meter's file does not tell")
    exported.add_argument(
        "--zone",
        metavar="ZONE",
        help="of its clock: +08:00, UTC or Asia/Shanghai; else this one's",
    )
    exported.add_argument("--date-order", choices=DATE_ORDERS, help="of day, month and year")
    exported.add_argument(
        "--meter-clock",
        default="",
        metavar="SHIFT",
        help="to add to its clock, +45 s or -00:05:00; else found up to ten minutes",
    )
    common_options.add(parser)


def run(arguments: argparse.Namespace) -> int:
    run = common_options.calibration_run(arguments)
    if common_options.is_recorded(arguments.source):
        instrument = common_options.instrument(arguments)
        if arguments.readings is None:
            raise UserError(f"{arguments.source} is a file: give the meter's with --readings")
        weighting = _must_be_known(arguments.time_weighting)
        levels, dated = _from_file(arguments, instrument)
        table, readings = exported_file.read(
            arguments.readings,
            weighting,
            near=levels.begin if dated else None,
            zone=arguments.zone,
            date_order=arguments.date_order,
            clock=arguments.meter_clock,
        )
        print(say(table.taken))
        shift = 0.0
        if not arguments.meter_clock:
            shown = series.as_shown(levels, weighting)
            shift = clock_search.rough_shift(shown, readings, table.offset)
        return _conclude(
            run,
            instrument,
            levels,
            Readings(readings.times + shift, readings.dB),
            weighting,
            common_options.files(arguments),
            [table.taken],
            shift,
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
    notes: Sequence[str] = (),
    shift: float = 0.0,
) -> int:
    """shift: s by which the readings' times were moved already."""
    history(run, instrument.serial)
    with refusals_entered(run, instrument.serial):
        comparison = compare.compare_as_stated(levels, readings, weighting, instrument.floor)
        comparison = replace(comparison, clock=comparison.clock + shift)
        result = compare.result(comparison, run.reference, weighting, list(notes))
    offset = say(f"offset {instrument.calibration + comparison.change:+z.2f} dB")
    print(f"{instrument.serial}{say(': ')}{offset}")
    print("  " + say(f"U (k = 2) {result.U:.2f} dB, correlation {comparison.correlation:.3f}"))
    if abs(comparison.clock) > alignment.LARGEST_DIFFERENCE_S:
        way = "behind" if comparison.clock > 0 else "ahead"
        print("  " + say(f"the meter's clock was {abs(comparison.clock):.1f} s {way}"))
    for sentence in issue(run, result, instrument, files, None):
        print(f"  {say(sentence)}")
    return 0


def _from_file(arguments: argparse.Namespace, instrument: Instrument) -> tuple[LevelSeries, bool]:
    """(what the unit heard, whether it is known when)."""
    path = Path(arguments.source)
    if path.suffix.lower() in (".jsonl", ".json", ".log", ".txt"):
        levels = unit_levels.of_console(path)
        return levels, is_dated(levels.begin)
    begins = None
    if arguments.begins:
        try:
            begins = datetime.fromisoformat(arguments.begins).timestamp()
        except ValueError:
            raise UserError(
                f"--begins {arguments.begins}: write a time such as 2026-11-23T19:00:00"
            ) from None
    recorded = RecordedUnit(path, instrument, begins=begins)
    return unit_levels.of_seconds(list(recorded.seconds())), recorded.dated


def _live_meter(
    arguments: argparse.Namespace, stack: ExitStack
) -> tuple[Iterator[tuple[float, float]], Callable[[], TimeWeighting]]:
    """(its readings, what tells its time weighting once there are some)."""
    if arguments.typed:
        print(say("Type each level the meter shows and press Enter at once."), file=sys.stderr)
        typed = typed_levels.typed(
            sys.stdin, lambda wrong: print(say(str(wrong)), file=sys.stderr)
        )
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
