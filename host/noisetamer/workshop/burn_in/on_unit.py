"""Burn-in of one unit: what it has yet to pass, its signed result, its lines in the ledger."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from mpremote.transport import TransportError

from noisetamer.base.errors import UserError
from noisetamer.workshop.burn_in import plan
from noisetamer.workshop.burn_in.check import SETTLED, Check, from_table
from noisetamer.workshop.burn_in.context import Desk
from noisetamer.workshop.burn_in.operator import Technician
from noisetamer.workshop.burn_in.result import Result, canonical, is_genuine
from noisetamer.workshop.burn_in.session import Session
from noisetamer.workshop.ledger.ledger import Ledger, utc_now
from noisetamer.workshop.port.connection import Fixture
from noisetamer.workshop.port.errors import BoardError

# In the ledger: of the whole, and of each check.
STEP, CHECK = "burn-in", "burn-in check"

_LONGEST_MIN = 60.0


@dataclass(frozen=True)
class Order:
    """What a run is to do. minutes: of listening under load; again: what has passed too; clock:
    this computer's, s; told: hears of every check, under way (None) and done.
    """

    technician: Technician
    minutes: float
    again: bool
    seed: int
    clock: Callable[[], float]
    told: Callable[[str, Check | None], None]


def check_minutes(minutes: float) -> None:
    """Raises UserError for a span nobody waits for."""
    if not 0 < minutes <= _LONGEST_MIN:
        raise UserError(f"{minutes:g} minutes of burn-in: give a number up to {_LONGEST_MIN:g}.")


def burn_in(
    fixture: Fixture, serial: str, chain: str, ledger: Ledger, order: Order
) -> tuple[Result, str]:
    """(result, signature). chain: the unit's key.

    Raises BoardError, TransportError, and UserError when the ledger or the technician fails.
    """
    session = Session(fixture.repl())
    try:
        settled = {} if order.again else passed(ledger, serial, session.about["firmware"])
        found = _checked(session, settled, ledger, serial, order)
        checks = [found[name] for name in plan.NAMES]
        result = Result(serial, _now(), order.minutes, session.about, checks)
        body = canonical(result.to_table())
        signature = session.signature(body)
    finally:
        with suppress(TransportError, OSError):
            fixture.restarted()
            fixture.release()
    if not is_genuine(result.to_table(), signature, chain):
        raise BoardError("it signs with another key than the ledger's: flash it again")
    return result, signature


def passed(ledger: Ledger, serial: str, firmware: str) -> dict[str, Check]:
    """The checks whose newest line says that they are settled under this firmware."""
    newest: dict[str, tuple[str, Check]] = {}
    for entry in ledger.history(serial, CHECK):
        table: dict[str, Any] = entry.facts["burn_in"]
        newest[table["check"]["name"]] = table["under"], from_table(table["check"])
    return {
        name: check
        for name, (under, check) in newest.items()
        if under == firmware and check.outcome in SETTLED and name in plan.NAMES
    }


def _checked(
    session: Session, settled: dict[str, Check], ledger: Ledger, serial: str, order: Order
) -> dict[str, Check]:
    desk = Desk(
        session,
        order.technician,
        order.minutes,
        order.seed,
        lambda name: order.told(name, None),
        order.clock,
    )
    found = dict(settled)
    for bare in plan.run(desk, settled):
        check = replace(bare, at=_now())
        under = session.about["firmware"]
        facts = {"burn_in": {"check": check.to_table(), "under": under}}
        ledger.record(serial, CHECK, check.outcome, facts)
        order.told(check.name, check)
        found[check.name] = check
    return found


def _now() -> str:
    return utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")
