"""The command line of the meter: `noisetamer meter`."""

import argparse
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.base.output import is_standard_output, make_folder_of, spare
from noisetamer.base.progress import shown
from noisetamer.sound.measure.meter import KERNELS, Measured, measure
from noisetamer.sound.recording.span import Span, point
from noisetamer.sound.recording.statement import SINE_BELOW_PEAK

# No sound pressure is beyond.
_MOST_DB = 200
_SHOWN = (
    ("LAeq", "whole file"),
    ("LAFmax", ""),
    ("LAFmin", "after the first second"),
    ("LASmax", ""),
    ("LCeq", "whole file"),
    ("LCpeak", ""),
    ("LZeq", "whole file"),
    ("L10", "of LAeq,1s"),
    ("L50", ""),
    ("L90", ""),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `noisetamer meter` takes."""
    parser.add_argument(
        "file",
        type=Path,
        help="a WAV or another sound file, 8 to 192 kHz; with --csv a folder too",
    )
    level = parser.add_mutually_exclusive_group()
    level.add_argument(
        "--full-scale-db",
        type=float,
        metavar="DB",
        help="level of a full-scale sine (default: as the file states it, else 100)",
    )
    level.add_argument(
        "--full-scale-peak-db",
        type=float,
        metavar="DB",
        help="the same as a peak, 3.01 dB higher: what an NTi XL2 calls FS",
    )
    parser.add_argument("--channel", type=int, metavar="N", help="counted from 1")
    add_span(parser)
    parser.add_argument(
        "--kernel",
        choices=sorted(KERNELS),
        default="int",
        help="the firmware's integer kernel on this computer, or the FPU's code of ESP32 and"
        " ESP32-S3 on an emulator; default: %(default)s",
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="LOG",
        help="set our levels beside those of the meter's own log, and draw them",
    )
    parser.add_argument(
        "--zone", help="of the log's and the file's times where they name none, such as +08:00"
    )
    parser.add_argument(
        "--meter-clock",
        default="",
        metavar="+S",
        help="what to add to the log's times, such as +45",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="of --against: picture and page, .png and .pdf (default: FILE-against, here)",
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="one object on standard output")
    shape.add_argument(
        "--csv",
        type=Path,
        metavar="OUT",
        help="a table with a row for each recording in a folder, measured on all cores",
    )


def add_span(parser: argparse.ArgumentParser) -> None:
    """Options that `span_of` reads."""
    words = "a time of day (19:00:05), or so long after the begin (1m30s)"
    parser.add_argument("--from", dest="first", metavar="WHEN", help=words)
    parser.add_argument("--to", dest="end", metavar="WHEN", help=words)
    parser.add_argument(
        "--begins",
        metavar="TIME",
        help="when the file's first sample was, where it does not say so itself, "
        "such as 2026-11-23T19:00:00+08:00",
    )


def span_of(arguments: argparse.Namespace) -> tuple[Span, datetime | None]:
    """(part of the file, begin of the file by the user's word). Raises UserError."""
    points = {}
    for option, text in (("--from", arguments.first), ("--to", arguments.end)):
        try:
            points[option] = None if text is None else point(text)
        except ValueError:
            raise UserError(
                f"{option} {text}: is no time; write it like 19:00:05, or like 90s or 1m30s "
                "after the begin of the file"
            ) from None
    try:
        begins = arguments.begins and datetime.fromisoformat(arguments.begins)
    except ValueError:
        raise UserError(
            f"--begins {arguments.begins}: is no time; write it like 2026-11-23T19:00:00+08:00"
        ) from None
    return Span(points["--from"], points["--to"]), begins


def run_command(arguments: argparse.Namespace) -> int:
    """Raises UserError for what the user can mend."""
    part = span_of(arguments)
    stated = arguments.full_scale_db
    if arguments.full_scale_peak_db is not None:
        stated = round(arguments.full_scale_peak_db - SINE_BELOW_PEAK, 2)
    if stated is not None and not -_MOST_DB <= stated <= _MOST_DB:
        raise UserError(
            f"--full-scale-db: give a level in dB, such as 120, from {-_MOST_DB} to {_MOST_DB}"
        )
    of_log = {
        "--zone": arguments.zone,
        "--meter-clock": arguments.meter_clock,
        "--out": arguments.out,
    }
    for option in [name for name, value in of_log.items() if value and not arguments.against]:
        raise UserError(f"{option}: goes with --against LOG; give both, or neither")
    if arguments.csv:
        return _folder(arguments, part, stated)
    if arguments.file.is_dir() and not arguments.against:
        raise UserError(
            f"{arguments.file}: is a folder; --csv OUT makes a table of its recordings, "
            "or give a sound file in it"
        )
    if arguments.against:
        _against(arguments, part, stated)
        return 0
    with shown(arguments.file.name) as progress:
        found = measure(
            arguments.file, arguments.channel, *part, stated, arguments.kernel, progress
        )
    if arguments.json:
        print(found.as_json())
    else:
        _show(arguments.file, found)
    return 0


def _folder(
    arguments: argparse.Namespace, part: tuple[Span, datetime | None], stated: float | None
) -> int:
    """0, or 2 where a recording could not be measured."""
    # One recording does not wait for what runs many at a time.
    from noisetamer.sound.measure import folder

    if arguments.against:
        raise UserError("--against sets one recording beside its log: leave out --csv")
    files = folder.recordings(arguments.file)
    spare(files, arguments.csv)
    make_folder_of(arguments.csv)
    span, begins = part
    how = {
        "channel": arguments.channel,
        "span": span,
        "begins": begins,
        "stated_dB": stated,
        "kernel": arguments.kernel,
    }
    count = 0
    with shown(arguments.file.name) as progress:

        def done(file: Path, why: str) -> None:
            nonlocal count
            count += 1
            progress(count / len(files))
            if why:
                print(f"noisetamer meter: {say(why)}", file=sys.stderr)

        failures = folder.write(files, arguments.file, arguments.csv, how, done)
    measured, all = len(files) - failures, len(files)
    told = say("{file}: {n} of {of} recordings measured", file=arguments.csv, n=measured, of=all)
    # A table there holds rows alone.
    print(told, file=sys.stderr if is_standard_output(arguments.csv) else sys.stdout)
    return 2 if failures else 0


def _against(
    arguments: argparse.Namespace, part: tuple[Span, datetime | None], stated: float | None
) -> None:
    # Tables and pages are loaded where they are wanted.
    from noisetamer.sound.measure import against, against_page

    file = arguments.out or Path(f"{arguments.file.stem}-against")
    spare((arguments.file, arguments.against), *against_page.outputs(file))
    make_folder_of(file)
    with shown(arguments.file.name) as progress:
        found = against.compare(
            arguments.file,
            arguments.against,
            arguments.channel,
            *part,
            stated,
            arguments.kernel,
            arguments.zone,
            arguments.meter_clock,
            progress,
        )
    words = against_page.words(found, arguments.file.name, arguments.against.name)
    pictures = against_page.save(found, words, file)
    if arguments.json:
        print(found.as_json())
        return
    _tell(found.notes)
    print("\n".join([words["title"], *(f"  {line}" for line in words["lines"])]))
    print(f"  {' '.join(map(str, pictures))}")


def _show(path: Path, found: Measured) -> None:
    _tell(found.notes)
    if found.saturated:
        _tell([f"{found.saturated} samples beyond full scale were cut off"])
    title = "{file}: {s} s, full-scale sine = {level} dB"
    print(say(title, file=path.name, s=found.duration_s, level=f"{found.full_scale_dB:g}"))
    if found.begins:
        print(f"  {say('begins {at}', at=found.begins.replace('T', ' '))}")
    for name, remark in _SHOWN:
        level = getattr(found, name)
        shown = "--" if level is None else f"{level:.2f} dB"
        print(f"  {name:8}{shown:>11}  {say(remark)}".rstrip())
    print(f"  {say('kernel {kernel}; digital part only, indicative', kernel=found.kernel)}")
    if found.full_scale_assumed:
        print(f"  {say('full scale is assumed: --full-scale-db states it')}")


def _tell(notes: Iterable[str]) -> None:
    for note in notes:
        print(say("note: {note}", note=note), file=sys.stderr)
