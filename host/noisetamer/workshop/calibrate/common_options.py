"""Options that every method takes: who, where, with which reference, and which unit."""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from noisetamer import __version__
from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.certificate import reference
from noisetamer.workshop.calibrate.certificate.certificate import Circumstances
from noisetamer.workshop.calibrate.certificate.publish import CalibrationRun
from noisetamer.workshop.calibrate.unit import unit_settings
from noisetamer.workshop.calibrate.unit.instrument import Instrument, as_equaliser, of_microphone
from noisetamer.workshop.calibrate.unit.unit_settings import FolderFiles

# No port has such a name.
_SUFFIXES = (".wav", ".flac", ".ogg", ".raw", ".jsonl", ".json", ".log", ".txt", ".csv")


def add(parser: argparse.ArgumentParser) -> None:
    """To the parser of a method."""
    parser.add_argument(
        "--reference",
        type=Path,
        required=True,
        metavar="FILE",
        help="TOML of the reference instrument: name, serial, due, U (see calibrate/README.md)",
    )
    parser.add_argument("--operator", required=True, metavar="NAME")
    parser.add_argument("--place", required=True, metavar="TEXT")
    parser.add_argument(
        "--out", type=Path, default=Path("certificates"), metavar="DIR", help="for PDF and JSON"
    )
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="enter the result here")
    parser.add_argument("--valid-days", type=int, default=365, metavar="N", help="until due again")
    recorded = parser.add_argument_group("a unit that is not on a port")
    recorded.add_argument(
        "--files", type=Path, metavar="DIR", help="its files: settings.json is read and written"
    )
    recorded.add_argument("--unit", default="UNNAMED", metavar="SERIAL")
    recorded.add_argument("--microphone", default="INMP441", metavar="NAME")
    recorded.add_argument(
        "--calibration", type=float, default=0.0, metavar="DB", help="offset that holds now"
    )


def calibration_run(arguments: argparse.Namespace) -> CalibrationRun:
    """Raises UserError, also where the reference is overdue."""
    if not 1 <= arguments.valid_days <= 3650:
        raise UserError(f"--valid-days {arguments.valid_days}: give 1 to 3650")
    for option in ("operator", "place"):
        if not getattr(arguments, option).strip():
            raise UserError(f"--{option} is empty: a certificate without it proves nothing")
    now = datetime.now(UTC)
    return CalibrationRun(
        where=Circumstances(arguments.operator, arguments.place, now, arguments.valid_days),
        reference=reference.read(arguments.reference, now.date()),
        out=arguments.out,
        ledger=arguments.ledger,
    )


def is_recorded(source: str) -> bool:
    """Whether this names a file, and not a port. Raises UserError where the file is missing."""
    if Path(source).is_file():
        return True
    if Path(source).suffix.lower() in _SUFFIXES:
        raise UserError(f"{source}: there is no such file; check its name")
    return False


def files(arguments: argparse.Namespace) -> FolderFiles | None:
    """Of a unit that is not on a port; None where --files is not given. Raises UserError."""
    return FolderFiles(arguments.files) if arguments.files else None


def instrument(arguments: argparse.Namespace) -> Instrument:
    """Of a unit that is not on a port: from its files, or from the options."""
    unit_files = files(arguments)
    if unit_files is None:
        return of_microphone(
            arguments.microphone, arguments.unit, __version__, arguments.calibration
        )
    settings = unit_settings.settings_of(unit_files)
    own = settings.get("equaliser")
    try:
        calibration = float(settings.get("calibration", 0.0))
        equaliser = None if own is None else as_equaliser(own)
    except (TypeError, ValueError):
        raise UserError(
            f"{arguments.files}/settings.json: calibration or equaliser is no number: "
            f"{json.dumps(settings.get('calibration'))}"
        ) from None
    serial = str(settings.get("unit", arguments.unit))
    return of_microphone(arguments.microphone, serial, __version__, calibration, equaliser)
