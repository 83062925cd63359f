"""The passphrase of a hand-over file: typed, or from a file."""

import argparse
import getpass
import sys
from pathlib import Path

from noisetamer.base.errors import UserError


def add_passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="its first line, else it is asked"
    )


def passphrase(arguments: argparse.Namespace, twice: bool) -> str:
    """twice: typed again, because nobody could open the file after a slip. Raises UserError."""
    file = arguments.passphrase_file
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"The passphrase in {file} cannot be read ({error}).") from None
    if not sys.stdin.isatty():
        raise UserError("There is nobody to ask for a passphrase: give --passphrase-file.")
    typed = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Again: ") != typed:
        raise UserError("The two passphrases differ: try again.")
    return typed
