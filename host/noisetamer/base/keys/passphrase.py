"""The passphrase of a secrets bundle: typed, or from a file."""

import argparse
import getpass
import sys
from pathlib import Path

from noisetamer.base.errors import UserError

_NOBODY = "There is nobody to ask for a passphrase: give --passphrase-file."


def add_passphrase(parser: argparse.ArgumentParser) -> None:
    """Add the option that `passphrase` reads."""
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="its first line, else it is asked"
    )


def passphrase(arguments: argparse.Namespace, twice: bool) -> str:
    """The first line of --passphrase-file, else typed.

    `twice`: ask again and compare; a bundle sealed with a typo could never be opened. Raises
    UserError where the file cannot be read, the two differ, standard input is no terminal or ends.
    """
    file = arguments.passphrase_file
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UserError(f"The passphrase in {file} cannot be read ({reason}).") from None
    if not sys.stdin.isatty():
        raise UserError(_NOBODY)
    try:
        typed = getpass.getpass("Passphrase: ")
        again = getpass.getpass("Again: ") if twice else typed
    except EOFError:
        raise UserError(_NOBODY) from None
    if again != typed:
        raise UserError("The two passphrases differ: try again.")
    return typed
