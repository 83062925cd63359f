"""The command line of labels: `noisetamer label`."""

import argparse
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.workshop.label.draw import ROLL, SHEET, pdf, png
from noisetamer.workshop.label.label import labels
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.options import LEDGER, add_ledger
from noisetamer.workshop.ledger.serials import batch
from noisetamer.workshop.ledger.standing import GOOD, standings


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("serials", nargs="*", metavar="SERIAL", help="of these units")
    parser.add_argument("--batch", metavar="NT1-2611", help="of all good units of a batch")
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="used places of a sheet")
    add_ledger(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """Writes labels-sheet.pdf, labels-roll.pdf and a PNG each. Raises UserError."""
    places = SHEET.columns * SHEET.rows
    if not 0 <= arguments.skip < places:
        raise UserError(f"--skip {arguments.skip}: a sheet has {places} places.")
    if bool(arguments.serials) == bool(arguments.batch):
        raise UserError("Which labels? Name serials, or a batch with --batch.")
    with Ledger.read(arguments.ledger or LEDGER) as ledger:
        serials = arguments.serials or [
            standing.unit.serial
            for standing in standings(ledger, batch(arguments.batch))
            if standing.state == GOOD
        ]
        chosen = labels(ledger, serials)
    if not chosen:
        raise UserError(f"No unit of the batch {arguments.batch} has passed yet.")
    out: Path = arguments.out
    try:
        out.mkdir(parents=True, exist_ok=True)
        pdf(chosen, SHEET, out / "labels-sheet.pdf", arguments.skip)
        pdf(chosen, ROLL, out / "labels-roll.pdf")
        for label in chosen:
            png(label, out / f"{label.serial}.png")
    except OSError as error:
        raise UserError(
            f"{out} cannot be written ({error.strerror or error}): free some space or choose "
            "another place with --out."
        ) from None
    print(f"{len(chosen)} labels: {out / 'labels-sheet.pdf'}, {out / 'labels-roll.pdf'}")
    return 0
