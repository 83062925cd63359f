"""`noisetamer report`: a month of a square as PDF, for residents and for the office."""

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from noisetamer.base import language
from noisetamer.base.errors import UserError
from noisetamer.base.output import make_folder_of


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of the verb."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the hub's")
    parser.add_argument("--square", required=True, metavar="NAME", help="as on the page")
    parser.add_argument("--month", required=True, metavar="YYYY-MM", help="of the square's clock")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="ending in .pdf")
    parser.add_argument(
        "--zone", default="+08:00", metavar="ZONE", help="of the square's clock, as Asia/Shanghai"
    )
    parser.add_argument(
        "--split",
        metavar="DATE",
        help="first day of now, to compare complaints with before (default: when first heard)",
    )
    parser.add_argument(
        "--open-day", metavar="DATE", help="the next one (default: the 15th after the month)"
    )
    parser.add_argument("--contact", default="", metavar="TEXT", help="whom residents ask")


def run_command(arguments: argparse.Namespace) -> None:
    """Raises UserError for what the user can mend."""
    out: Path = arguments.out
    if out.suffix.lower() != ".pdf":
        raise UserError(f"--out {out}: give a name that ends in .pdf")
    # only now: --help need not wait for a store and what draws
    from noisetamer.hub.month_report.gather import Asked
    from noisetamer.hub.month_report.making import make

    asked = Asked(
        square=arguments.square,
        month=arguments.month,
        zone=arguments.zone,
        split=_day("--split", arguments.split),
        open_day=_day("--open-day", arguments.open_day),
        contact=arguments.contact,
    )
    make_folder_of(out)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as progress:
        task = progress.add_task("", total=None)
        words = {"reading": "reading the records", "drawing": "drawing the report"}

        def tell(step: str, done: int, of: int) -> None:
            progress.update(task, description=language.say(words[step]))

        made = make(arguments.data, asked, out, time.time(), tell)
    print(f"{out}: {made.bytes / 1e6:.2f} MB, SHA-256 {made.sha256}")


def _day(option: str, text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f'{option} "{text}": write a day like 2026-11-15') from None
