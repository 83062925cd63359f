"""Burn-in of one unit: what it has yet to pass, its signed result, its lines in the ledger."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from noisetamer.base.errors import UserError
from noisetamer.workshop.burn_in import plan
from noisetamer.workshop.burn_in.check import OPEN, SETTLED, Check, from_table
from noisetamer.workshop.burn_in.context import MADE, SIGNS, Context
from noisetamer.workshop.burn_in.operator import Operator
from noisetamer.workshop.burn_in.result import Result, canonical, is_genuine
from noisetamer.workshop.burn_in.turns import Turns
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
    this computer's, s; report: gets every check, under way (None) and done; turns: shared with
    the other units on the bench; alive: called while the run waits, and ends it by raising.
    """

    operator: Operator
    minutes: float
    again: bool
    seed: int
    clock: Callable[[], float]
    report: Callable[[str, Check | None], None]
    turns: Turns = field(default_factory=Turns)
    alive: Callable[[], None] = lambda: None


def check_minutes(minutes: float) -> None:
    """Raises UserError for a span nobody waits for."""
    if not 0 < minutes <= _LONGEST_MIN:
        raise UserError(f"{minutes:g} minutes of burn-in: give a number up to {_LONGEST_MIN:g}.")


def burn_in(
    connection: Connection,
    serial: str,
    chain_keys: Sequence[str],
    ledger: Ledger,
    job: BurnInJob,
) -> tuple[Result, str]:
    """(result, signature). chain_keys: the unit's.

    Raises BoardError, and UserError when the ledger or the operator fails.
    """
    session = connection.session()
    try:
        context = Context(
            session,
            session.call(MADE, "about") | {"network": network(ledger, serial)},
            job.operator,
            job.minutes,
            job.seed,
            lambda name: job.report(name, None),
            job.clock,
            job.turns,
            job.alive,
        )
        under = Under(context.about["firmware"], context.about["network"])
        settled = {} if job.again else passed(ledger, serial, under)
        done = dict(settled)
        for check in _checked(context, settled, ledger, serial, under):
            job.report(check.name, check)
            done[check.name] = check
        checks = [done[name] for name in plan.NAMES]
        result = Result(serial, _now(), job.minutes, context.about, checks)
        signature = _signed(session, canonical(result.to_table()))
    finally:
        with suppress(BoardError):
            connection.restarted()
            connection.release()
    if not is_genuine(result.to_table(), signature, chain_keys):
        raise BoardError("it signs with another key than the ledger's", "flash it again")
    return result, signature


def network(ledger: Ledger, serial: str) -> str:
    """What a unit is set up to reach, in words: another one is another thing to try."""
    setups = [line.facts for line in ledger.history(serial, "setup") if "ssid" in line.facts]
    if not setups or not setups[-1]["ssid"]:
        return "none"
    return f"{setups[-1]['ssid']}, {setups[-1]['hub'] or 'no hub'}"


class Under(NamedTuple):
    """What a check was passed under. network: as `network` says it."""

    firmware: str
    network: str

    def of(self, name: str) -> str:
        """For one check; when it changes the check is to be done again."""
        return f"{self.firmware}, {self.network}" if name in plan.NETWORK else self.firmware


def still_open(ledger: Ledger, serial: str) -> dict[str, str]:
    """Name and outcome of each check whose newest line is neither settled nor failed."""
    newest = {
        line.facts["burn_in"]["check"]["name"]: line.facts["burn_in"]["check"]["outcome"]
        for line in ledger.history(serial, CHECK)
    }
    return {name: outcome for name, outcome in newest.items() if outcome in OPEN}


def said(still_open: Mapping[str, str]) -> str:
    """What is open, for a last line: how many of which kind, and their names."""
    parts = []
    for kind in OPEN:
        names = [name for name, outcome in still_open.items() if outcome == kind]
        if names:
            parts.append(f"{len(names)} {kind} ({', '.join(names)})")
    return ", ".join(parts)


def passed(ledger: Ledger, serial: str, now: Under) -> dict[str, Check]:
    """The checks whose newest line says that they are settled under the same."""
    newest: dict[str, tuple[str, Check]] = {}
    for entry in ledger.history(serial, CHECK):
        table: dict[str, Any] = entry.facts["burn_in"]
        newest[table["check"]["name"]] = table["under"], from_table(table["check"])
    return {
        name: check
        for name, (under, check) in newest.items()
        if under == now.of(name) and check.outcome in SETTLED and name in plan.NAMES
    }


def _checked(
    context: Context, settled: dict[str, Check], ledger: Ledger, serial: str, under: Under
) -> Iterator[Check]:
    """Each check as it is done and in the ledger."""
    for bare in plan.run(context, settled):
        check = replace(bare, at=_now())
        facts = {"burn_in": {"check": check.to_table(), "under": under.of(check.name)}}
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
