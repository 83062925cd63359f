"""The verb `policy`: a policy's own actions, and the backtest over stored seconds."""

import argparse
from pathlib import Path

from noisetamer.unit.policy import command

_BACKTEST = "what it would have done with stored seconds"


def add_options(parser: argparse.ArgumentParser) -> None:
    actions = command.add_options(parser)
    tried = actions.add_parser("backtest", help=_BACKTEST, description=_BACKTEST)
    command.add_file(tried)
    tried.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DIR|FILE",
        help="folder of `simulate --out` or of the hub, its hub.sqlite, a unit's console lines, "
        "or a table of levels of any meter or office",
    )
    tried.add_argument("--against", metavar="FILE", help="another policy, side by side")
    tried.add_argument("--unit", metavar="ID", help="this unit only")
    tried.add_argument("--since", metavar="TIME", help="local time of the first second")
    tried.add_argument("--until", metavar="TIME", help="local time after the last second")
    tried.add_argument(
        "--zone", metavar="ZONE", help="of a table's times; else the file's, else the policy's"
    )
    tried.add_argument(
        "--date-order", choices=("dmy", "mdy", "ymd"), help="of a table's dates, if it asks"
    )
    tried.add_argument(
        "--out", type=Path, metavar="DIR", help="backtest.json and .png, done.csv, hours.csv"
    )
    tried.add_argument("--json", action="store_true", help="one object on standard output")


def run_command(arguments: argparse.Namespace) -> int:
    """0: done, 2: the file is no policy. Raises UserError for what the user can mend."""
    if arguments.action != "backtest":
        return command.run_command(arguments)
    # Only now: the other actions need not wait for what reads the hub's store and draws.
    from noisetamer.hub.backtest.command import run

    return run(arguments)
