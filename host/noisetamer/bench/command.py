"""The command line: `noisetamer bench`."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from noisetamer import __version__
from noisetamer.base.errors import UserError
from noisetamer.base.output import make_folder_of, writing
from noisetamer.bench import hub, meter, picture, twin
from noisetamer.bench.found import Found

SUBJECTS: dict[str, Callable[[Path, bool, Callable[[str], None]], Found]] = {
    "meter": meter.measured,
    "twin": twin.measured,
    "hub": hub.measured,
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument(
        "--only", default="", metavar="A,B", help=f"of {', '.join(SUBJECTS)}; default: all"
    )
    parser.add_argument("--quick", action="store_true", help="shorter, and less exact")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures, for programs")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="the ratios, as PNG or SVG")


def run_command(arguments: argparse.Namespace) -> int:
    """0. Raises UserError."""
    names = list(filter(None, (word.strip() for word in arguments.only.split(","))))
    for name in names:
        if name not in SUBJECTS:
            raise UserError(
                f"--only {name}: there is none such; there are: {', '.join(SUBJECTS)}."
            )
    if arguments.picture and arguments.picture.suffix not in (".png", ".svg"):
        raise UserError(f"--picture {arguments.picture}: name a file that ends in .png or .svg.")
    where, all = machine(), Found()
    with tempfile.TemporaryDirectory(prefix="noisetamer-bench-") as folder:
        for name in names or SUBJECTS:
            found = SUBJECTS[name](Path(folder), arguments.quick, _progress)
            all.figures |= found.figures
            all.ratios += found.ratios
            all.left_out |= found.left_out
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    print("\n".join(lines(all, where)))
    if arguments.json:
        ratios = {one.name: one.ratio for one in all.ratios}
        text = {**where, "figures": all.figures, "ratios": ratios, "left_out": all.left_out}
        make_folder_of(arguments.json)
        with writing(arguments.json):
            arguments.json.write_text(json.dumps(text, indent=2, ensure_ascii=False) + "\n")
    if arguments.picture:
        if not all.ratios:
            raise UserError(f"--picture {arguments.picture}: of these there is no ratio to draw.")
        picture.draw(all.ratios, "\n".join(where.values()), arguments.picture)
    return 0


def machine() -> dict[str, str]:
    """Date, processor and versions, as sentences."""
    cores = os.cpu_count() or 1
    load = os.getloadavg()[0]
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {version(name)}" for name in ("numpy", "scipy")]
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


def lines(found: Found, where: dict[str, str]) -> list[str]:
    """For people."""
    return [
        *where.values(),
        *(f"{name:56}{value:12.4g}" for name, value in found.figures.items()),
        *(f"{one.name:56}{one.ratio:12.3g}" for one in found.ratios),
        *(f"left out: {name}: {why}" for name, why in found.left_out.items()),
    ]


def _progress(line: str) -> None:
    begin, end = ("\r\x1b[K", "") if sys.stderr.isatty() else ("", "\n")
    print(f"{begin}{line}", end=end, file=sys.stderr, flush=True)
