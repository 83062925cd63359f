"""Where the ledger and its key are, for every command that needs them."""

import argparse
from pathlib import Path

LEDGER = Path.home() / "noisetamer" / "ledger.sqlite"
# Not beside the ledger: who copies or sends that has not the secrets too.
KEY = Path.home() / ".config" / "noisetamer" / "ledger.key"


def add_ledger(parser: argparse.ArgumentParser) -> None:
    """--ledger; None where it is not given, which means LEDGER."""
    parser.add_argument(
        "--ledger", type=Path, metavar="FILE", help="of all units ever made (default ~/noisetamer)"
    )


def add_key(parser: argparse.ArgumentParser) -> None:
    """--key; None where it is not given, which means KEY."""
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="that opens the ledger's secrets: keep a copy"
    )
