"""`noisetamer evidence`: what happened in a square, in one file that proves itself."""

import argparse
import sys
from contextlib import closing
from datetime import timedelta, timezone
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from noisetamer.base import language
from noisetamer.base.errors import UserError
from noisetamer.base.output import make_folder_of
from noisetamer.hub.people.audit import COMMAND_LINE
from noisetamer.unit.policy import times


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of the verb."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the hub's")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--incident", type=int, metavar="N", help="its number, as on its page")
    what.add_argument("--square", metavar="NAME", help="or a square, with --since and --until")
    parser.add_argument("--since", metavar="TIME", help="local time of the first second")
    parser.add_argument("--until", metavar="TIME", help="local time after the last second")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="ending in .zip")
    parser.add_argument(
        "--reason", default="", metavar="TEXT", help="what for; stands in the audit log"
    )
    parser.add_argument(
        "--utc-offset", type=float, default=8.0, metavar="H", help="of the square's clock"
    )
    parser.add_argument(
        "--log-key", default="", metavar="PLACE", help="as the hub's, where its key is in a token"
    )


def run_command(arguments: argparse.Namespace) -> None:
    """Raises UserError for what the user can mend."""
    out: Path = arguments.out
    if out.suffix.lower() != ".zip":
        raise UserError(f"--out {out}: give a name that ends in .zip")
    # only now: --help need not wait for a store and what draws
    from noisetamer.hub.evidence.bundle import make
    from noisetamer.hub.evidence.proofs import must_be_its_key, opened_log
    from noisetamer.hub.evidence.scope import Asked

    since, until = _span(arguments)
    if not arguments.reason.isprintable():
        # it stands in tables that people read line by line, and in a log that is UTF-8
        raise UserError(f"--reason {arguments.reason!r}: give a line of plain text")
    asked = Asked(
        by=COMMAND_LINE.name,
        reason=arguments.reason,
        incident=arguments.incident,
        square=arguments.square or "",
        since=since,
        until=until,
        utc_offset=arguments.utc_offset,
    )
    make_folder_of(out)
    must_be_its_key(arguments.data, arguments.log_key)
    console = Console(stderr=True)
    with (
        closing(opened_log(arguments.data, arguments.log_key)) as log,
        Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
            disable=not sys.stderr.isatty(),
        ) as progress,
    ):
        task = progress.add_task("", total=None)
        words = {
            "records": "writing the records into the log",
            "reading": "reading the records",
            "drawing": "drawing the report",
            "proving": "getting proofs, cosignatures and a time stamp",
            "packing": "packing",
        }

        def tell(step: str, done: int, of: int) -> None:
            progress.update(task, description=language.say(words[step]))

        made = make(arguments.data, log, asked, out, tell)
    for sentence in made.claims[language.chosen()]:
        print(sentence)
    print(f"{made.file}: {made.bytes / 1e6:.2f} MB, SHA-256 {made.sha256}")


def _span(arguments: argparse.Namespace) -> tuple[int, int]:
    if not -14 <= arguments.utc_offset <= 14:
        raise UserError(
            f"{arguments.utc_offset:g} h is no offset from UTC: give -14 to 14 with --utc-offset."
        )
    if arguments.incident is not None:
        if arguments.since or arguments.until:
            raise UserError("--since and --until go with --square; an incident has its own time")
        return 0, 0
    if not (arguments.since and arguments.until):
        raise UserError("--square wants --since and --until, local times")
    zone = timezone(timedelta(hours=arguments.utc_offset))
    since, until = (
        round(times.moment(text).replace(tzinfo=zone).timestamp())
        for text in (arguments.since, arguments.until)
    )
    return since, until
