"""The command line of burn-in: `noisetamer burn-in`, and `noisetamer burn-in verify FILE`."""

import argparse
import sys
import time
from pathlib import Path

from noisetamer.base.columns import padded
from noisetamer.base.errors import UserError
from noisetamer.base.keys.vault import Vault
from noisetamer.base.language import say
from noisetamer.workshop.burn_in import on_unit, report_files, result
from noisetamer.workshop.burn_in.check import OPEN, Check
from noisetamer.workshop.burn_in.on_unit import BurnInJob
from noisetamer.workshop.burn_in.operator import Ammeter, Nobody, Onlooker, Operator
from noisetamer.workshop.ledger import chain_keys, key_file
from noisetamer.workshop.ledger.ledger import FAILED, PASSED, Ledger
from noisetamer.workshop.ledger.options import LEDGER, add_key, add_ledger
from noisetamer.workshop.port import ports
from noisetamer.workshop.port.connection import Connection
from noisetamer.workshop.port.errors import BoardError, PortError
from noisetamer.workshop.port.ports import Port
from noisetamer.workshop.port.session import IDENTITY


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", metavar="PORT", help="of the unit; default: the only board")
    looks = parser.add_mutually_exclusive_group()
    looks.add_argument(
        "--unattended", action="store_true", help="ask nobody: lamps are 'not confirmed'"
    )
    looks.add_argument(
        "--current-ma", action="store_true", help="ask for the supply's current, not for the eye"
    )
    parser.add_argument(
        "--minutes", type=float, default=2.0, metavar="N", help="of listening under load (2)"
    )
    parser.add_argument("--again", action="store_true", help="also what this firmware has passed")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the pattern on flash")
    parser.add_argument(
        "--out", type=Path, default=Path("burn-in"), metavar="DIR", help="for JSON, PNG and PDF"
    )
    add_ledger(parser)
    add_key(parser)
    verbs = parser.add_subparsers(dest="action", metavar="verify FILE")
    verify = verbs.add_parser("verify", help="whether a result is just as its unit signed it")
    verify.add_argument("file", type=Path, metavar="FILE", help="JSON of a burn-in")
    # A default would undo what stands before the verb.
    for add in (add_ledger, add_key):
        add(verify, argparse.SUPPRESS)


def run_command(arguments: argparse.Namespace) -> int:
    """0 when nothing failed, 1 when a check did or a result is not genuine."""
    ledger_file = arguments.ledger or LEDGER
    if arguments.action == "verify":
        result.read(arguments.file)  # A wrong file is said before a missing ledger is.
        return verify(arguments.file, ledger_file, _vault(ledger_file, arguments.key))
    on_unit.check_minutes(arguments.minutes)
    port = _port(arguments.port)
    operator: Operator = Onlooker()
    if arguments.unattended:
        operator = Nobody()
    elif arguments.current_ma:
        operator = Ammeter()
    job = BurnInJob(
        operator, arguments.minutes, arguments.again, arguments.seed, time.monotonic, report
    )
    vault = _vault(ledger_file, arguments.key)
    return burn_in(port, ledger_file, vault, arguments.out, job)


def burn_in(port: Port, ledger_file: Path, vault: Vault, out: Path, job: BurnInJob) -> int:
    """Try the unit on a port, print the outcome and keep it. Raises UserError."""
    connection = Connection(port)
    serial = ""
    with Ledger.open_existing(ledger_file) as ledger:
        try:
            serial = connection.session().call(IDENTITY, "serial")
            if not serial:
                raise BoardError("it has no serial number", "flash it first")
            unit = ledger.unit(serial)
            keys = chain_keys.of_unit(ledger, vault, unit)
            outcome, signature = on_unit.burn_in(connection, serial, keys, ledger, job)
        except BoardError as error:
            if serial:
                ledger.record(serial, on_unit.STEP, FAILED, {"reason": str(error)})
            print(f"{say('FAIL')} {serial or port.name}{say(': ')}{say(str(error))}")
            return 1
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                "stopped: what has passed is in the ledger; run it again, it goes on there"
            ) from None
        finally:
            connection.close()
        file, facts = report_files.keep(out, outcome, signature)
        ledger.record(serial, on_unit.STEP, FAILED if outcome.failed else PASSED, facts)
    print(_last_line(outcome, file))
    return 1 if outcome.failed else 0


def verify(file: Path, ledger_file: Path, vault: Vault) -> int:
    """Say whether a result is just what its unit signed. Raises UserError."""
    table, signature = result.read(file)
    with Ledger.read(ledger_file) as ledger:
        unit = ledger.unit(table["serial"])
        keys = chain_keys.of_unit(ledger, vault, unit)
    if not result.is_genuine(table, signature, keys):
        print(say(f"{file}: this is not what {unit.serial} signed: it has been changed."))
        return 1
    print(say(f"{file}: signed by {unit.serial} on {table['at']}, unchanged."))
    return 0


def report(name: str, check: Check | None) -> None:
    """A line for each check on standard output; what is under way on standard error."""
    if check is None:
        print(f"... {say(name)}", file=sys.stderr, flush=True)
    else:
        outcome = padded(say(check.outcome), 14, right=True)
        print(f"{outcome}  {say(check.name)}{say(': ')}{say(check.verdict)}", flush=True)


def _last_line(outcome: result.Result, file: Path) -> str:
    """PASS only where nothing is left to do."""
    still_open = {check.name: check.outcome for check in outcome.checks if check.outcome in OPEN}
    word = "FAIL" if outcome.failed else "OPEN" if still_open else "PASS"
    failed = f"{len(outcome.failed)} of {len(outcome.checks)} checks failed"
    if outcome.failed:
        failed += f" ({', '.join(check.name for check in outcome.failed)})"
    said = [say(failed)]
    if still_open:
        said.append(say(on_unit.said(still_open)))
    return f"{say(word)} {outcome.serial}{say(': ')}{say(', ').join(said)}{say('; ')}{file}"


def _vault(ledger_file: Path, named: Path | None) -> Vault:
    with Ledger.read(ledger_file) as ledger:
        return key_file.vault(ledger, key_file.places(ledger_file, named))


def _port(name: str | None) -> Port:
    port = _wanted(name)
    try:
        ports.open_port(port).close()
    except PortError as error:
        raise UserError(str(error)) from None
    return port


def _wanted(name: str | None) -> Port:
    if name:
        return ports.named(name)
    boards, _ = ports.scan()
    if len(boards) != 1:
        named = ", ".join(port.name for port in boards) or "no port"
        raise UserError(f"Boards on {named}: name the unit's with --port.")
    return boards[0]
