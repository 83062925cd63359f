"""The command line of the hub: `noisetamer hub`."""

import argparse
from dataclasses import replace
from pathlib import Path

from noisetamer.hub.serve import Options, run


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of `noisetamer hub`."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="all it keeps")
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS", help="0.0.0.0: all")
    parser.add_argument("--port", type=int, default=8080, help="of the page; 0: a free one")
    parser.add_argument("--mqtt-port", type=int, default=8883, help="for the units; 0: a free one")
    parser.add_argument(
        "--name", action="append", default=[], help="host name or address units connect to"
    )
    parser.add_argument(
        "--enrol",
        action="append",
        default=[],
        metavar="ID[=PLACE]",
        help="admit a unit; the page names it by its place: SIM-0001=东门广场",
    )
    parser.add_argument(
        "--utc-offset", type=float, default=8.0, metavar="H", help="of the square's clock"
    )
    parser.add_argument(
        "--no-tell-time",
        action="store_true",
        help="leave the units their clocks: for simulated ones, which live at another time",
    )
    parser.add_argument(
        "--with-parent", action="store_true", help="end when standard input closes"
    )


def run_command(arguments: argparse.Namespace) -> None:
    """Raises UserError for what the user can mend."""
    run(replace(options(arguments), at_terminal=not arguments.with_parent))


def options(arguments: argparse.Namespace) -> Options:
    """What was asked for."""
    return Options(
        data=arguments.data,
        bind=arguments.bind,
        port=arguments.port,
        mqtt_port=arguments.mqtt_port,
        names=arguments.name,
        enrol=arguments.enrol,
        utc_offset=arguments.utc_offset,
        tell_time=not arguments.no_tell_time,
        exit_with_stdin=arguments.with_parent,
    )
