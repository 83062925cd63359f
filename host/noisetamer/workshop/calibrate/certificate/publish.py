"""A result becomes a certificate, reaches its unit, and is entered in the ledger."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.workshop.calibrate.certificate import certificate
from noisetamer.workshop.calibrate.certificate.certificate import Circumstances
from noisetamer.workshop.calibrate.certificate.reference import Reference
from noisetamer.workshop.calibrate.certificate.result import Result
from noisetamer.workshop.calibrate.drift import verdict
from noisetamer.workshop.calibrate.unit import unit_settings
from noisetamer.workshop.calibrate.unit.instrument import Instrument
from noisetamer.workshop.calibrate.unit.unit_settings import Files
from noisetamer.workshop.ledger import entries
from noisetamer.workshop.ledger.ledger import PASSED, Entry, Ledger

REFUSED = "refused"


@dataclass(frozen=True)
class CalibrationRun:
    """Where results go. ledger: None where none is kept."""

    where: Circumstances
    reference: Reference
    out: Path
    ledger: Path | None


def history(run: CalibrationRun, serial: str) -> list[Entry]:
    """What the ledger holds of a unit; of a replaced one it is said that it is.

    Raises UserError for a serial it never gave.
    """
    if run.ledger is None:
        return []
    with Ledger.read(run.ledger) as ledger:
        successor = ledger.successor(serial)
        if successor:
            print(
                say(
                    f"{serial} was replaced by {successor.serial}, by the ledger: its calibration "
                    "counts for no unit in use; is it the right one?"
                ),
                file=sys.stderr,
            )
        return ledger.history(ledger.unit(serial).serial)


@contextmanager
def refusals_entered(
    run: CalibrationRun, serial: str, step: str = verdict.CALIBRATION
) -> Iterator[None]:
    """A run that is refused is part of the unit's history too."""
    try:
        yield
    except UserError as wrong:
        if run.ledger is not None:
            with Ledger.open(run.ledger) as ledger:
                ledger.record(serial, step, REFUSED, {"reason": str(wrong)})
        raise


def issue(
    run: CalibrationRun,
    result: Result,
    instrument: Instrument,
    files: Files | None,
    void: bool | None,
) -> list[str]:
    """Write everything; returns sentences on what was done.

    files: the unit's flash, None where the result goes on paper only. void: whether the data
    since the unit was last looked at is; None where that cannot be said. Raises UserError.
    """
    contents = certificate.certificate(result, instrument, run.reference, run.where)
    page, digest = certificate.write(contents, run.out)
    said = [f"certificate {page}"]
    if files is not None:
        unit_settings.deliver(files, contents, digest)
        # A check adjusts nothing.
        said.append("noted on the unit" if result.method == "check" else "written to the unit")
    if run.ledger is not None:
        step = verdict.CALIBRATION if result.method != "check" else verdict.CHECK
        outcome = entries.VOID if void and step == verdict.CHECK else PASSED
        with Ledger.open(run.ledger) as ledger:
            kept = unit_settings.facts(contents, digest, void)
            ledger.record(instrument.serial, step, outcome, kept)
        said.append(f"entered in {run.ledger}")
    return said
