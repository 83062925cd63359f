"""The command line of labels and of the sign for the pole: `noisetamer label`."""

import argparse
import datetime
import sys
from pathlib import Path

from noisetamer.base.counted import counted
from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.base.output import writing
from noisetamer.unit.policy import file as policy_file
from noisetamer.workshop.label import sign
from noisetamer.workshop.label.draw import ROLL, SHEET, pdf, png
from noisetamer.workshop.label.label import Label, labels
from noisetamer.workshop.ledger.entries import LABEL
from noisetamer.workshop.ledger.ledger import PASSED, Ledger
from noisetamer.workshop.ledger.options import LEDGER, add_ledger
from noisetamer.workshop.ledger.serials import batch
from noisetamer.workshop.ledger.standing import GOOD, standings

_OF_SIGN = ("place", "policy", "run_by", "phone")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("serials", nargs="*", metavar="SERIAL", help="of these units")
    parser.add_argument(
        "--batch", metavar="NT1-2611", help="of all units of a batch that may get one"
    )
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="used places of a sheet")
    add_ledger(parser)
    pole = parser.add_argument_group("the sign for the pole, in Chinese and English")
    pole.add_argument("--sign", action="store_true", help="write sign.pdf and sign.png instead")
    pole.add_argument("--place", metavar="NAME", help="of the square, as people call it")
    pole.add_argument("--policy", metavar="FILE", help="whose limits and hours the sign says")
    pole.add_argument("--run-by", metavar="NAME", help="who runs it")
    pole.add_argument("--phone", metavar="NUMBER", help="where whoever runs it answers")
    pole.add_argument("--size", choices=sign.SIZES, default="a4", help="of the paper (a4)")


def run_command(arguments: argparse.Namespace) -> int:
    """Writes labels-sheet.pdf, labels-roll.pdf and a PNG each; or the sign. Raises UserError."""
    if arguments.sign:
        return _sign(arguments)
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


def _sign(arguments: argparse.Namespace) -> int:
    lacking = [name for name in _OF_SIGN if not (getattr(arguments, name) or "").strip()]
    if lacking:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in lacking)
        raise UserError(f"The sign has to say it: give {options}.")
    policy = policy_file.load(arguments.policy).policy()
    words = sign.Sign(arguments.place, arguments.run_by, arguments.phone, policy)
    pdf_file, png_file = arguments.out / "sign.pdf", arguments.out / "sign.png"
    with writing(arguments.out):
        arguments.out.mkdir(parents=True, exist_ok=True)
        sign.write(words, arguments.size, datetime.date.today(), pdf_file, png_file)
    print(say(f"see {pdf_file}, {png_file}"))
    return 0


def _of_batch(ledger: Ledger, name: str) -> list[str]:
    """Those that get one; of the others it is said why not."""
    units = standings(ledger, batch(name))
    for one in units:
        if not one.may_go_on:
            print(say(f"no label for {one.unit.serial}: {one.said}"), file=sys.stderr)
        elif one.state != GOOD:
            said = f"{one.unit.serial} gets its label all the same: {one.said}"
            print(say(said), file=sys.stderr)
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
    print(f"{say(count)}{say(': ')}{out / 'labels-sheet.pdf'}, {out / 'labels-roll.pdf'}")
