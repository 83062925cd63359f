"""Burn-in as a step of flashing: once for each firmware, and again for what was left open."""

import time
from collections.abc import Callable
from typing import Any

from noisetamer.workshop.burn_in import on_unit, plan, report_files
from noisetamer.workshop.burn_in.check import Check
from noisetamer.workshop.burn_in.on_unit import BurnInJob, check_minutes
from noisetamer.workshop.burn_in.operator import Nobody, Onlooker
from noisetamer.workshop.burn_in.turns import Turns
from noisetamer.workshop.port.errors import BoardError
from noisetamer.workshop.steps import Bench, State, Step
from tamer import VERSION

_FOLDER = "burn-in"  # beside the ledger


def step(minutes: float = 2.0, clock: Callable[[], float] = time.monotonic) -> Step[Bench]:
    """Goes before the step "start", which leaves the unit running. Raises UserError."""
    check_minutes(minutes)
    turns = Turns()
    return Step(on_unit.STEP, lambda bench: _look(bench, minutes, clock, turns), _left)


def _look(bench: Bench, minutes: float, clock: Callable[[], float], turns: Turns) -> State:
    history = bench.ledger.history(bench.serial, on_unit.STEP)
    facts = {"firmware": VERSION, "network": on_unit.network(bench.ledger, bench.serial)}
    newest = history[-1].facts if history else {}
    done = bench.passed(on_unit.STEP) and facts.items() <= newest.items()
    if done and not _can_be_closed(bench):
        return State(facts)

    def mend() -> dict[str, Any]:
        made: list[str] = []

        under_way = ""

        def report(name: str, check: Check | None) -> None:
            nonlocal under_way
            if check is None:
                under_way = name
                bench.doing(name)
            else:
                made.append(name)
                bench.connection.progress(len(made), len(plan.NAMES))

        job = BurnInJob(
            Onlooker(bench.ask) if bench.ask else Nobody(),
            minutes,
            again=False,
            seed=0,
            clock=clock,
            report=report,
            turns=turns,
            alive=lambda: bench.doing(under_way),
        )
        result, signature = on_unit.burn_in(
            bench.connection, bench.serial, bench.chain_keys, bench.ledger, job
        )
        _, kept = report_files.keep(bench.ledger.path.parent / _FOLDER, result, signature)
        if result.failed:
            names = ", ".join(check.name for check in result.failed)
            verdicts = "; ".join(check.verdict for check in result.failed)
            raise BoardError(f"{names} failed", f"{verdicts}; then run again")
        return kept

    return State(facts, f"burn it in, {minutes:g} min", mend)


def _can_be_closed(bench: Bench) -> bool:
    """Whether another run may close what is open; where nobody looks on, what was not there."""
    still_open = on_unit.still_open(bench.ledger, bench.serial)
    if bench.ask is not None:
        return bool(still_open)
    return any(name in plan.NETWORK for name in still_open)


def _left(bench: Bench) -> str:
    said = on_unit.said(on_unit.still_open(bench.ledger, bench.serial))
    return said and f"{said}; burn in again once they can be done"
