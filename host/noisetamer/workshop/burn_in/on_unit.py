"""Burn-in of one unit: what it has yet to pass, its signed result, its lines in the ledger."""

import base64
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.workshop.burn_in import plan
from noisetamer.workshop.burn_in.check import SETTLED, Check, from_table
from noisetamer.workshop.burn_in.context import MADE, SIGNS, Context
from noisetamer.workshop.burn_in.operator import Operator
from noisetamer.workshop.burn_in.result import Result, canonical, is_genuine
from noisetamer.workshop.ledger import entries
from noisetamer.workshop.ledger.ledger import Ledger, utc_now
from noisetamer.workshop.port.connection import Connection
from noisetamer.workshop.port.errors import BoardError
from noisetamer.workshop.port.session import Session

# In the ledger: of the whole, and of each check.
STEP, CHECK = entries.BURN_IN, entries.BURN_IN_CHECK

_LONGEST_MIN = 60.0

# Bytes to sign a call, as many as a small heap takes.
_PIECE = 768


@dataclass(frozen=True)
class BurnInJob:
    """What a run is to do. minutes: of listening under load; again: what has passed too; clock:
    this computer's, s; report: gets every check, under way (None) and done.
    """

    operator: Operator
    minutes: float
    again: bool
    seed: int
    clock: Callable[[], float]
    report: Callable[[str, Check | None], None]


def check_minutes(minutes: float) -> None:
    """Raises UserError for a span nobody waits for."""
    if not 0 < minutes <= _LONGEST_MIN:
        raise UserError(f"{minutes:g} minutes of burn-in: give a number up to {_LONGEST_MIN:g}.")


def burn_in(
    connection: Connection, serial: str, chain: str, ledger: Ledger, job: BurnInJob
) -> tuple[Result, str]:
    """(result, signature). chain: the unit's key.

    Raises BoardError, and UserError when the ledger or the operator fails.
    """
    session = connection.session()
    try:
        context = Context(
            session,
            session.call(MADE, "about"),
            job.operator,
            job.minutes,
            job.seed,
            lambda name: job.report(name, None),
            job.clock,
        )
        settled = {} if job.again else passed(ledger, serial, context.about["firmware"])
        done = dict(settled)
        for check in _checked(context, settled, ledger, serial):
            job.report(check.name, check)
            done[check.name] = check
        checks = [done[name] for name in plan.NAMES]
        result = Result(serial, _now(), job.minutes, context.about, checks)
        signature = _signed(session, canonical(result.to_table()))
    finally:
        with suppress(BoardError):
            connection.restarted()
            connection.release()
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
    context: Context, settled: dict[str, Check], ledger: Ledger, serial: str
) -> Iterator[Check]:
    """Each check as it is done and in the ledger."""
    for bare in plan.run(context, settled):
        check = replace(bare, at=_now())
        facts = {"burn_in": {"check": check.to_table(), "under": context.about["firmware"]}}
        ledger.record(serial, CHECK, check.outcome, facts)
        yield check


def _signed(session: Session, body: bytes) -> str:
    """HMAC-SHA256 by the key of the unit's own record, in hex."""
    session.restart()
    session.call(SIGNS, "sign_begin")
    for start in range(0, len(body), _PIECE):
        piece = body[start : start + _PIECE]
        session.call(SIGNS, "sign_more", base64.b64encode(piece).decode())
    return session.call(SIGNS, "signature")


def _now() -> str:
    return utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")
