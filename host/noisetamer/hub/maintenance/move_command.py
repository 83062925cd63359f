"""The command line of a move: `noisetamer hub move`."""

import argparse
import sys


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of `noisetamer hub move`."""
    parser.add_argument(
        "--to",
        required=True,
        metavar="URL",
        help="postgresql://USER:PASSWORD@HOST/NAME, an empty database; sqlite: back into files",
    )


def run(arguments: argparse.Namespace) -> None:
    """No hub may run in the folder. Raises UserError for what the user can mend."""
    # only now: a hub that starts need not know every store there is
    from noisetamer.hub.maintenance import move

    found = move.move(arguments.data, arguments.to, _progress)
    print("\n".join(move.in_words(found)))


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        print(
            f"\r\033[K{line}", end="" if line.endswith(("...", "rows")) else "\n", file=sys.stderr
        )
    elif not line.endswith(("...", "rows")):
        print(line, file=sys.stderr)
