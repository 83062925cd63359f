"""The verb `update`: releases are made in the workshop, and rolled out by a hub."""

import argparse

from noisetamer.hub.updates import command as hub
from noisetamer.workshop.release import command as workshop


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of the verb."""
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    workshop.add_options(tasks)
    hub.add_options(tasks)


def run_command(arguments: argparse.Namespace) -> int:
    """As of the two rooms. Raises UserError."""
    if arguments.task in hub.TASKS:
        return hub.run_command(arguments)
    return workshop.run_command(arguments)
