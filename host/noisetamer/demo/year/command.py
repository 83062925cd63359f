"""`noisetamer year`: a street's simulated year, as a data folder that a hub opens."""

import argparse
import time
from datetime import date
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.demo.year import make, town, truth

_MOST_SQUARES, _MOST_DAYS, _FEWEST_DAYS = 200, 366, 20


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a new folder, for `hub --data`"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="default 1")
    parser.add_argument(
        "--squares", type=int, default=20, metavar="N", help="each with a box; default 20"
    )
    parser.add_argument("--days", type=int, default=365, metavar="N", help="default 365")
    parser.add_argument(
        "--until", metavar="DATE", help="the day after the last, as 2026-11-28; default today"
    )
    parser.add_argument(
        "--workers", type=int, default=0, metavar="N", help="processes; default: one a core"
    )


def run_command(arguments: argparse.Namespace) -> int:
    """Raises UserError."""
    year = _asked(arguments)
    out: Path = arguments.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"--out {out}: holds something already; name a new folder.")
    # Loads what draws, too: not for whoever asks for help.
    from rich.console import Console
    from rich.progress import Progress

    began = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks = {name: bar.add_task(name, total=None) for name in ("squares", "events")}

        def progress(name: str, done: float, many: float) -> None:
            bar.update(tasks[name], completed=done, total=many)

        try:
            make.made(out, year, progress, arguments.workers or make.cores())
        except OSError as error:
            raise UserError(
                f"The year cannot be written to {out} ({error}): free space, or name another "
                "folder."
            ) from None
    size = sum(one.stat().st_size for one in out.rglob("*") if one.is_file())
    print(
        f"{year.days} days of {len(year.sites)} squares in {out}: {size / 1e6:.0f} MB, "
        f"{time.monotonic() - began:.0f} s. What was put in: {out / truth.FILE}."
    )
    print(f"Look at it: noisetamer hub --data {out}")
    return 0


def _asked(arguments: argparse.Namespace) -> town.Year:
    if not 1 <= arguments.squares <= _MOST_SQUARES:
        raise UserError(f"--squares {arguments.squares}: give 1 to {_MOST_SQUARES}.")
    if not _FEWEST_DAYS <= arguments.days <= _MOST_DAYS:
        raise UserError(f"--days {arguments.days}: give {_FEWEST_DAYS} to {_MOST_DAYS}.")
    if not 0 <= arguments.seed < 2**32:
        raise UserError(f"--seed {arguments.seed}: give a whole number from 0 on.")
    if not 0 <= arguments.workers <= 64:
        raise UserError(f"--workers {arguments.workers}: give 1 to 64.")
    try:
        until = date.fromisoformat(arguments.until) if arguments.until else date.today()
    except ValueError:
        raise UserError(
            f"--until {arguments.until}: is no date; write it as 2026-11-28."
        ) from None
    if not date(2021, 1, 1) <= until <= date(2099, 12, 31):
        raise UserError(f"--until {arguments.until}: give a date from 2021 to 2099.")
    return town.year(arguments.seed, until, arguments.days, arguments.squares)
