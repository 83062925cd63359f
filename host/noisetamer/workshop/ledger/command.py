"""The command line of the ledger: `noisetamer ledger show | units | report | hand-over`."""

import argparse
import sys
from pathlib import Path

from rich.cells import cell_len

from noisetamer.base.columns import padded
from noisetamer.base.counted import counted
from noisetamer.base.errors import UserError
from noisetamer.base.keys import bundle
from noisetamer.base.keys.passphrase import add_passphrase, passphrase
from noisetamer.base.language import say
from noisetamer.base.output import spare
from noisetamer.workshop.ledger import batch as batches
from noisetamer.workshop.ledger import key_file, report, report_page, secrets_bundle, show
from noisetamer.workshop.ledger.entries import HAND_OVER, SET_ASIDE
from noisetamer.workshop.ledger.ledger import PASSED, Ledger, utc_now
from noisetamer.workshop.ledger.options import LEDGER, add_key, add_ledger
from noisetamer.workshop.ledger.refused import refused
from noisetamer.workshop.ledger.serials import batch
from noisetamer.workshop.ledger.standing import GONE, GOOD, Standing, of_unit, standings


def add_options(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    show = verbs.add_parser("show", help="all that was done to one unit")
    show.add_argument("serial", metavar="SERIAL")
    units = verbs.add_parser("units", help="every unit and where it stands")
    report_verb = verbs.add_parser("report", help="a batch as PDF and CSV")
    hand = verbs.add_parser("hand-over", help="a sealed file of units and secrets, for the hub")
    hand.add_argument("file", type=Path)
    hand.add_argument("--unit", action="append", default=[], metavar="SERIAL", help="only this")
    hand.add_argument(
        "--although",
        metavar="REASON",
        help="hand over what failed too, for this reason, which is written down; with --unit",
    )
    aside = verbs.add_parser("set-aside", help="a unit that is given up; flashing brings it back")
    aside.add_argument("serial", metavar="SERIAL")
    aside.add_argument("reason", metavar="REASON")
    add_key(hand)
    add_passphrase(hand)
    for verb in (units, hand):
        verb.add_argument("--batch", metavar="NT1-2611", help="only of this batch")
    report_verb.add_argument("--batch", metavar="NT1-2611", required=True)
    report_verb.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    for verb in (show, units, report_verb, hand, aside):
        add_ledger(verb)


def run_command(arguments: argparse.Namespace) -> int:
    """Raises UserError."""
    ledger_file = arguments.ledger or LEDGER
    # What is handed over or given up is written down.
    writes = arguments.what in ("hand-over", "set-aside")
    with Ledger.open_existing(ledger_file) if writes else Ledger.read(ledger_file) as ledger:
        return _VERBS[arguments.what](ledger, arguments)


def _show(ledger: Ledger, arguments: argparse.Namespace) -> int:
    print("\n".join(show.page(ledger, arguments.serial)))
    return 0


def _units(ledger: Ledger, arguments: argparse.Namespace) -> int:
    wanted = batch(arguments.batch) if arguments.batch else None
    units = standings(ledger, wanted)
    squares = [str(unit.facts.get("square") or "-") for unit in units]
    widest = max(map(cell_len, squares), default=0)
    for unit, square in zip(units, squares, strict=True):
        left = ""
        if unit.state == GOOD and unit.left:
            todo = say(", ").join(map(say, unit.left))
            left = say("; ") + say("left: {left}", left=todo)
        print(
            f"{unit.unit.serial:14}  {unit.unit.mac}  {unit.last}  "
            f"{padded(square, widest)}  {say(unit.said)}{left}"
        )
    for board in refused(ledger, wanted):
        said = say("refused: {reason}", reason=board.reason)
        print(f"{'-':14}  {board.mac or '-':17}  {board.at}  {said}")
    return 0


def _report(ledger: Ledger, arguments: argparse.Namespace) -> int:
    batch_report = batches.gather(ledger, batch(arguments.batch))
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
    print(say(batch_report.headline), say(batch_report.finish_line), page, table, sep="\n")
    return 0


def _set_aside(ledger: Ledger, arguments: argparse.Namespace) -> int:
    if not arguments.reason.strip():
        raise UserError("Why is it given up? The reason is empty.")
    serial = ledger.unit(arguments.serial).serial
    ledger.record(serial, SET_ASIDE, PASSED, {"reason": arguments.reason})
    print(say(f"{serial} is set aside: it counts for no batch until it is flashed again"))
    return 0


def _hand_over(ledger: Ledger, arguments: argparse.Namespace) -> int:
    keys = key_file.places(ledger.path, arguments.key)
    spare([ledger.path, *keys], arguments.file)
    vault = key_file.vault(ledger, keys)
    chosen = _to_hand_over(ledger, arguments)
    units = secrets_bundle.gather(ledger, vault, [one.unit.serial for one in chosen])
    bundle.write(arguments.file, units, passphrase(arguments, twice=True))
    for one in chosen:
        facts: dict[str, object] = {"file": arguments.file.name}
        if not one.may_go_on:
            facts |= {"although": arguments.although, "stood": one.said}
        ledger.record(one.unit.serial, HAND_OVER, PASSED, facts)
    count = counted(len(units), "1 unit", "{} units")
    print(
        say(
            f"{count} in {arguments.file}: take it to the hub ('noisetamer admit'), the "
            "passphrase by another way"
        ),
        file=sys.stderr,
    )
    return 0


def _to_hand_over(ledger: Ledger, arguments: argparse.Namespace) -> list[Standing]:
    """The units named, else all that may go on; of the others it is said why not."""
    although = arguments.although
    if although is not None and not (arguments.unit and although.strip()):
        raise UserError("--although: say why, and name the units that it is for with --unit.")
    if arguments.unit:
        chosen = [of_unit(ledger, ledger.unit(serial)) for serial in arguments.unit]
        for one in chosen:
            if one.state in GONE or not (one.may_go_on or although):
                raise UserError(_not_to_be_handed_over(one))
    else:
        wanted = batch(arguments.batch) if arguments.batch else None
        everyone = standings(ledger, wanted)
        chosen = [one for one in everyone if one.may_go_on]
        for one in everyone:
            if not one.may_go_on:
                print(say(f"left out: {one.unit.serial}, {one.said}"), file=sys.stderr)
    if not chosen:
        raise UserError(f"The ledger {ledger.path} has no unit that may be handed over.")
    for one in chosen:
        if one.state != GOOD:
            said = f"{one.unit.serial} goes along all the same: {one.said}"
            print(say(said), file=sys.stderr)
    return chosen


def _not_to_be_handed_over(standing: Standing) -> str:
    serial = standing.unit.serial
    if standing.state in GONE:
        return f"{serial} is not to be handed over: {standing.said}."
    left = "; ".join(todo for todo in standing.left if not todo.startswith("hand"))
    return (
        f"{serial} is not to be handed over: {standing.state} at {standing.step}. Left to do: "
        f"{left}. Or give the reason for an exception with --although."
    )


_VERBS = {
    "set-aside": _set_aside,
    "show": _show,
    "units": _units,
    "report": _report,
    "hand-over": _hand_over,
}
