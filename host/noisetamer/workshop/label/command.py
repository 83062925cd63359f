"""The command line of labels: `noisetamer label`."""

import argparse
import sys
from pathlib import Path

from noisetamer.base.counted import counted
from noisetamer.base.errors import UserError
from noisetamer.workshop.label.draw import ROLL, SHEET, pdf, png
from noisetamer.workshop.label.label import Label, labels
from noisetamer.workshop.ledger.entries import LABEL
from noisetamer.workshop.ledger.ledger import PASSED, Ledger
from noisetamer.workshop.ledger.options import LEDGER, add_ledger
from noisetamer.workshop.ledger.serials import batch
from noisetamer.workshop.ledger.standing import GOOD, standings


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("serials", nargs="*", metavar="SERIAL", help="of these units")
    parser.add_argument(
        "--batch", metavar="NT1-2611", help="of all units of a batch that may get one"
    )
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
    with Ledger.open_existing(arguments.ledger or LEDGER) as ledger:
        serials = arguments.serials or _of_batch(ledger, arguments.batch)
        chosen = labels(ledger, serials)
        _write(chosen, arguments.out, arguments.skip)
        for label in chosen:
            ledger.record(label.serial, LABEL, PASSED, {})
    return 0


def _of_batch(ledger: Ledger, name: str) -> list[str]:
    """Those that get one; of the others it is said why not."""
    units = standings(ledger, batch(name))
    for one in units:
        if not one.may_go_on:
            print(f"no label for {one.unit.serial}: {one.said}", file=sys.stderr)
        elif one.state != GOOD:
            print(f"{one.unit.serial} gets its label all the same: {one.said}", file=sys.stderr)
    serials = [one.unit.serial for one in units if one.may_go_on]
    if not serials:
        raise UserError(f"No unit of the batch {name} has passed yet.")
    return serials


def _write(chosen: list[Label], out: Path, skip: int) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        pdf(chosen, SHEET, out / "labels-sheet.pdf", skip)
        pdf(chosen, ROLL, out / "labels-roll.pdf")
        for label in chosen:
            png(label, out / f"{label.serial}.png")
    except OSError as error:
        raise UserError(
            f"{out} cannot be written ({error.strerror or error}): free some space or choose "
            "another place with --out."
        ) from None
    count = counted(len(chosen), "1 label", "{} labels")
    print(f"{count}: {out / 'labels-sheet.pdf'}, {out / 'labels-roll.pdf'}")
