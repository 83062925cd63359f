"""The command line: `noisetamer bench`."""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from noisetamer import __version__
from noisetamer.base.errors import UserError
from noisetamer.base.output import to_be_written, writing
from noisetamer.bench import hub, meter, picture, simulation
from noisetamer.bench.found import Found

SUBJECTS: dict[str, Callable[[Path, bool, Callable[[str], None]], Found]] = {
    "meter": meter.measured,
    "simulation": simulation.measured,
    "hub": hub.measured,
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument(
        "--only",
        default="",
        metavar="A,B",
        help="of meter (beside ffmpeg, sox and scipy, where they are installed), simulation (a box"
        " in sound and in levels), hub (boxes at one that is started for it); default: all",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="half a minute instead of a few; starts weigh more in it",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures, for programs")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="the ratios, as PNG or SVG")


def run_command(arguments: argparse.Namespace) -> int:
    """0. Raises UserError."""
    names = list(filter(None, (word.strip() for word in arguments.only.split(","))))
    for name in names or filter(None, [arguments.only]):
        if name not in SUBJECTS:
            raise UserError(
                f"--only {name}: there is none such; there are: {', '.join(SUBJECTS)}."
            )
    if arguments.picture and arguments.picture.suffix not in (".png", ".svg"):
        raise UserError(f"--picture {arguments.picture}: name a file that ends in .png or .svg.")
    # Ended from outside, the bench still ends what it started and takes its files away.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with to_be_written(arguments.json), to_be_written(arguments.picture):
        _measure(arguments, names)
    return 0


def _measure(arguments: argparse.Namespace, names: list[str]) -> None:
    where, each = machine(), dict[str, Found]()
    with tempfile.TemporaryDirectory(prefix="noisetamer-bench-") as folder:
        for name in names or SUBJECTS:
            each[name] = SUBJECTS[name](Path(folder), arguments.quick, _progress)
    where["versions"] = ", ".join(
        [where["versions"], *(v for f in each.values() for v in f.versions)]
    )
    ratios = [one for found in each.values() for one in found.ratios]
    left_out = {name: why for found in each.values() for name, why in found.left_out.items()}
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    print("\n".join(lines(each, where)))
    if arguments.json:
        figures = {name: value for one in each.values() for name, value in one.figures.items()}
        by_name = {one.name: one.ratio for one in ratios}
        text = {**where, "figures": figures, "ratios": by_name, "left_out": left_out}
        with writing(arguments.json):
            arguments.json.write_text(json.dumps(text, indent=2, ensure_ascii=False) + "\n")
    if arguments.picture:
        if not ratios:
            raise UserError(f"--picture {arguments.picture}: of these there is no ratio to draw.")
        missing = [f"left out: {name}, {why}" for name, why in left_out.items()]
        picture.draw(ratios, "\n".join([*where.values(), *missing]), arguments.picture)


def machine() -> dict[str, str]:
    """Date, processor and versions, as sentences."""
    cores = os.cpu_count() or 1
    load = os.getloadavg()[0]
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {version(name)}" for name in ("numpy", "scipy") if find_spec(name)]
    busy = f"; busy: load {load:.1f}" if load > 0.5 * cores else ""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{_processor()}, {cores} cores{busy}",
        "versions": ", ".join([f"Noise Tamer {__version__}", *versions]),
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def lines(each: dict[str, Found], where: dict[str, str]) -> list[str]:
    """For people: of each subject."""
    shown = list(where.values())
    for name, found in each.items():
        shown += ["", f"{name}: {found.what}"]
        shown += [f"  {what:64}{_figure(value):>10}" for what, value in found.figures.items()]
        shown += [f"  left out: {other}, {why}" for other, why in found.left_out.items()]
    ratios = [one for found in each.values() for one in found.ratios]
    if ratios:
        shown += ["", "Ratios: below 1 the first takes less"]
        shown += [f"  {one.name:64}{one.ratio:>10.3g}" for one in ratios]
    return shown


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _progress(line: str) -> None:
    begin, end = ("\r\x1b[K", "") if sys.stderr.isatty() else ("", "\n")
    print(f"{begin}{line}", end=end, file=sys.stderr, flush=True)
