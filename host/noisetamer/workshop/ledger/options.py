"""Where the ledger and its key are, for every command that needs them."""

import argparse
from pathlib import Path

LEDGER = Path.home() / "noisetamer" / "ledger.sqlite"
# Not beside the ledger: who copies or sends that has not the secrets too.
KEY = Path.home() / ".config" / "noisetamer" / "ledger.key"


def add_ledger(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """--ledger; None where it is not given, which means LEDGER. default: argparse.SUPPRESS for a
    verb behind one that has the option already."""
    parser.add_argument(
        "--ledger",
        type=Path,
        default=default,
        metavar="FILE",
        help="of all units ever made (default ~/noisetamer)",
    )


def add_key(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """--key; None where it is not given: then it is looked for (key_file.py). default: as for
    `add_ledger`."""
    parser.add_argument(
        "--key",
        type=Path,
        default=default,
        metavar="FILE",
        help="that opens the ledger's secrets: keep a copy (default: beside the ledger)",
    )
