"""The bench: `noisetamer board check|wiring`."""

import argparse
from pathlib import Path

from noisetamer.base.output import spare
from noisetamer.base.paths import BOARDS
from noisetamer.unit.boards import check, parts, wiring
from noisetamer.unit.boards.chips import CHIPS


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `noisetamer board` takes."""
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    checks = what.add_parser("check", help="what of a board file cannot work")
    checks.add_argument("file", help="a board file, or the name of a shipped one")
    shows = what.add_parser("wiring", help="which pin goes where")
    shows.add_argument("file", help="a board file, or the name of a shipped one")
    shows.add_argument("--out", type=Path, metavar="PNG", help="draw it as well")


def run_command(arguments: argparse.Namespace) -> int:
    """0; 1 where a check found what cannot work. Raises UserError for what the user can mend."""
    found = wiring.read(_file(arguments.file))
    return {"check": _check, "wiring": _wiring}[arguments.what](found, arguments)


def _file(word: str) -> Path:
    shipped = BOARDS / f"{word}.py"
    return shipped if shipped.is_file() else Path(word)


def _check(found: wiring.Wiring, arguments: argparse.Namespace) -> int:
    sentences = check.findings(found)
    for finding in sentences:
        print(f"{'error' if finding.serious else 'remark'}: {finding.sentence}")
    if found.board.chip in CHIPS and found.board.microphone:
        print(f"load: {check.load_of(found)}")
    errors = sum(finding.serious for finding in sentences)
    print(f"{found.path.name}: {_count(errors, 'error')}, {len(found.wires)} wires.")
    return 1 if errors else 0


def _wiring(found: wiring.Wiring, arguments: argparse.Namespace) -> int:
    if arguments.out:
        spare([found.path], arguments.out)
    print(found.title)
    before = ""
    for part, terminal, target in parts.rows(found):
        print(f"  {part if part != before else '':40}{terminal:>8}  {target}")
        before = part
    if arguments.out:
        # Slow to load, and mostly not wanted.
        from noisetamer.unit.boards import drawing

        drawing.draw(found, arguments.out)
        print(f"drawn in {arguments.out}")
    return 0


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
