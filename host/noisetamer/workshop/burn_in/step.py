"""Burn-in as a step of flashing: unattended, once for each firmware."""

import time
from collections.abc import Callable
from typing import Any

from noisetamer.workshop.burn_in import on_unit, plan, report_files
from noisetamer.workshop.burn_in.check import Check
from noisetamer.workshop.burn_in.on_unit import BurnInJob, check_minutes
from noisetamer.workshop.burn_in.operator import Nobody
from noisetamer.workshop.port.errors import BoardError
from noisetamer.workshop.steps import Bench, State, Step
from tamer import VERSION

_FOLDER = "burn-in"  # beside the ledger


def step(minutes: float = 2.0, clock: Callable[[], float] = time.monotonic) -> Step[Bench]:
    """Goes before the step "start", which leaves the unit running. Raises UserError."""
    check_minutes(minutes)
    return Step(on_unit.STEP, lambda bench: _look(bench, minutes, clock))


def _look(bench: Bench, minutes: float, clock: Callable[[], float]) -> State:
    history = bench.ledger.history(bench.serial, on_unit.STEP)
    facts = {"firmware": VERSION}
    if bench.passed(on_unit.STEP) and history[-1].facts.get("firmware") == VERSION:
        return State(facts)

    def mend() -> dict[str, Any]:
        done: list[str] = []

        def report(name: str, check: Check | None) -> None:
            if check is not None:
                done.append(name)
            bench.connection.progress(len(done), len(plan.NAMES))

        job = BurnInJob(Nobody(), minutes, again=False, seed=0, clock=clock, report=report)
        result, signature = on_unit.burn_in(
            bench.connection, bench.serial, bench.secrets.chain, bench.ledger, job
        )
        _, kept = report_files.keep(bench.ledger.path.parent / _FOLDER, result, signature)
        if result.failed:
            said = "; ".join(f"{check.name}: {check.verdict}" for check in result.failed)
            raise BoardError(said)
        return kept

    return State(facts, f"burn it in, {minutes:g} min", mend)
