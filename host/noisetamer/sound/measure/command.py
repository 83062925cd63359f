"""The command line of the meter: `noisetamer meter`."""

import argparse
import sys
from pathlib import Path

from noisetamer.sound.measure.meter import KERNELS, Measured, measure

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
    parser.add_argument("file", type=Path, help="a WAV or another sound file, 8 to 192 kHz")
    parser.add_argument(
        "--full-scale-db",
        type=float,
        default=100.0,
        metavar="DB",
        help="level of a full-scale sine (default 100)",
    )
    parser.add_argument("--channel", type=int, metavar="N", help="counted from 1")
    parser.add_argument("--kernel", choices=sorted(KERNELS), default="int")
    parser.add_argument("--json", action="store_true", help="one object on standard output")


def run_command(arguments: argparse.Namespace) -> int:
    """Raises UserError for what the user can mend."""
    found = measure(arguments.file, arguments.full_scale_db, arguments.channel, arguments.kernel)
    if arguments.json:
        print(found.as_json())
    else:
        _show(arguments.file, found)
    return 0


def _show(path: Path, found: Measured) -> None:
    for note in found.notes:
        print(f"note: {note}", file=sys.stderr)
    if found.saturated:
        print(f"note: {found.saturated} samples beyond full scale were cut off", file=sys.stderr)
    print(f"{path.name}: {found.duration_s} s, full-scale sine = {found.full_scale_dB:g} dB")
    for name, remark in _SHOWN:
        level = getattr(found, name)
        shown = "--" if level is None else f"{level:.2f} dB"
        print(f"  {name:8}{shown:>11}  {remark}".rstrip())
    print(f"  kernel {found.kernel}; digital part only, indicative")
