"""The command line of calibration: `noisetamer calibrate METHOD`."""

import argparse

from noisetamer.workshop.calibrate.calibrator import calibrator_command
from noisetamer.workshop.calibrate.frequency import frequency_command
from noisetamer.workshop.calibrate.side_by_side import side_by_side_command


def add_options(parser: argparse.ArgumentParser) -> None:
    methods = parser.add_subparsers(dest="method", required=True, metavar="METHOD")
    for name, what, module in (
        ("calibrator", "with a sound calibrator of 94 or 114 dB", calibrator_command),
        ("check", "read the calibrator and adjust nothing: the 0.5 dB rule", calibrator_command),
        ("beside", "beside a reference meter, over a spread of real levels", side_by_side_command),
        ("frequency", "the equaliser, from a noise beside a reference", frequency_command),
    ):
        module.add_options(methods.add_parser(name, help=what, description=what))


def run_command(arguments: argparse.Namespace) -> int:
    """0 done, 1 a check found the data void. Raises UserError for what is refused."""
    if arguments.method == "beside":
        return side_by_side_command.run(arguments)
    if arguments.method == "frequency":
        return frequency_command.run(arguments)
    return calibrator_command.run(arguments, adjust=arguments.method == "calibrator")
