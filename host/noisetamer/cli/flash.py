"""The verb `flash`, also `./flash.sh` without a verb: flashing, and burn-in as one more step."""

import argparse

from noisetamer.workshop.flash import command


def add_options(parser: argparse.ArgumentParser) -> None:
    command.add_options(parser)
    parser.add_argument(
        "--burn-in",
        type=float,
        nargs="?",
        const=2.0,
        metavar="MIN",
        help="try every part too; MIN: minutes of listening under load (2)",
    )
    parser.add_argument(
        "--unattended",
        action="store_true",
        help="with --burn-in: ask nobody, lamps are 'not confirmed'",
    )


def run_command(arguments: argparse.Namespace) -> int:
    """0 when every board passes, 1 when one failed, or its last burn-in did. Raises UserError."""
    if arguments.burn_in is None:
        return command.run_command(arguments)
    # It draws a page, with a library that takes long to load.
    from noisetamer.workshop.burn_in.step import step

    return command.run_command(arguments, [step(arguments.burn_in)])
