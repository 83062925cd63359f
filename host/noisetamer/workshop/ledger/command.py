"""The command line of the ledger: `noisetamer ledger show | units | report | hand-over`."""

import argparse
import sys
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.keys import bundle
from noisetamer.base.keys.passphrase import add_passphrase, passphrase
from noisetamer.base.keys.vault import Vault
from noisetamer.workshop.ledger import report, report_page, secrets_bundle
from noisetamer.workshop.ledger.ledger import Ledger, utc_now
from noisetamer.workshop.ledger.options import KEY, LEDGER, add_key, add_ledger
from noisetamer.workshop.ledger.serials import batch
from noisetamer.workshop.ledger.standing import GOOD, Standing, of_unit, refused, standings


def add_options(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    show = verbs.add_parser("show", help="all that was done to one unit")
    show.add_argument("serial", metavar="SERIAL")
    units = verbs.add_parser("units", help="every unit and where it stands")
    report_verb = verbs.add_parser("report", help="a batch as PDF and CSV")
    hand = verbs.add_parser("hand-over", help="a sealed file of units and secrets, for the hub")
    hand.add_argument("file", type=Path)
    hand.add_argument("--unit", action="append", default=[], metavar="SERIAL", help="only this")
    add_key(hand)
    add_passphrase(hand)
    for verb in (units, hand):
        verb.add_argument("--batch", metavar="NT1-2611", help="only of this batch")
    report_verb.add_argument("--batch", metavar="NT1-2611", required=True)
    report_verb.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    for verb in (show, units, report_verb, hand):
        add_ledger(verb)


def run_command(arguments: argparse.Namespace) -> int:
    """Raises UserError."""
    with Ledger.read(arguments.ledger or LEDGER) as ledger:
        return _VERBS[arguments.what](ledger, arguments)


def _show(ledger: Ledger, arguments: argparse.Namespace) -> int:
    unit = ledger.unit(arguments.serial)
    line = [unit]
    while line[0].replaces:
        line.insert(0, ledger.unit(line[0].replaces))
    for one in line:
        standing = of_unit(ledger, one)
        print(f"{one.serial}  {one.mac}  since {one.at}  {_said(standing)}")
        for entry in ledger.history(one.serial):
            facts = ", ".join(f"{name} {value}" for name, value in entry.facts.items())
            print(f"  {entry.at}  {entry.step:10} {entry.outcome:8} {facts}")
    return 0


def _units(ledger: Ledger, arguments: argparse.Namespace) -> int:
    for standing in standings(ledger, batch(arguments.batch) if arguments.batch else None):
        unit, square = standing.unit, str(standing.facts.get("square", ""))
        print(
            f"{unit.serial:14}  {unit.mac}  {standing.last}  {_said(standing)}  {square}".rstrip()
        )
    for board in refused(ledger):
        print(f"{'-':14}  {board.mac or board.port:17}  {board.at}  refused: {board.reason}")
    return 0


def _report(ledger: Ledger, arguments: argparse.Namespace) -> int:
    batch_report = report.gather(ledger, batch(arguments.batch))
    if not batch_report.units:
        raise UserError(f"The ledger {ledger.path} has no unit of the batch {arguments.batch}.")
    stem = arguments.out / f"{arguments.batch}-report"
    table, page = stem.with_suffix(".csv"), stem.with_suffix(".pdf")
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        # With a mark by which spreadsheets know it is UTF-8.
        table.write_text(report.to_csv(batch_report), encoding="utf-8-sig", newline="")
        report_page.write(batch_report, f"{utc_now():%Y-%m-%d %H:%M} UTC", page)
    except OSError as error:
        raise UserError(
            f"{arguments.out} cannot be written ({error.strerror or error}): free some space or "
            "choose another place with --out."
        ) from None
    print(f"{batch_report.headline}\n{page}\n{table}")
    return 0


def _hand_over(ledger: Ledger, arguments: argparse.Namespace) -> int:
    vault = Vault(arguments.key or KEY)
    wanted = batch(arguments.batch) if arguments.batch else None
    chosen = [of_unit(ledger, ledger.unit(serial)) for serial in arguments.unit]
    for standing in chosen:
        if standing.state != GOOD:
            raise UserError(f"{standing.unit.serial} is not to be handed over: {_said(standing)}.")
    good = [s.unit.serial for s in chosen or standings(ledger, wanted) if s.state == GOOD]
    if not good:
        raise UserError(f"The ledger {ledger.path} has no unit that passed to hand over.")
    units = secrets_bundle.gather(ledger, vault, good)
    bundle.write(arguments.file, units, passphrase(arguments, twice=True))
    print(
        f"{len(units)} units in {arguments.file}: take it to the hub ('noisetamer admit'), the "
        "passphrase by another way",
        file=sys.stderr,
    )
    return 0


_VERBS = {"show": _show, "units": _units, "report": _report, "hand-over": _hand_over}


def _said(standing: Standing) -> str:
    if standing.state == GOOD:
        return standing.state
    at = f" at {standing.step}" if standing.step else ""
    return f"{standing.state}{at}: {standing.reason}"
