"""One port, from finding out what is on it to a verdict."""

import time
from dataclasses import replace
from typing import Any

from noisetamer.base import fault_report
from noisetamer.base.errors import UserError
from noisetamer.base.output import room
from noisetamer.workshop.flash.enrolment import enrol
from noisetamer.workshop.flash.job import IDENTIFY, FlashJob, FlashOutcome, Progress, RunContext
from noisetamer.workshop.flash.log import Log
from noisetamer.workshop.flash.steps import FlashBench
from noisetamer.workshop.ledger.ledger import FAILED, Ledger
from noisetamer.workshop.ledger.standing import BURNED_IN, of_unit
from noisetamer.workshop.port.connection import Connection
from noisetamer.workshop.port.errors import BoardError
from noisetamer.workshop.port.ports import Port
from noisetamer.workshop.steps import State, Step


def flash(port: Port, job: FlashJob, context: RunContext) -> FlashOutcome:
    """Take one board through all steps.

    The outcome holds the board's faults, and the program's, which the ledger does not hold
    against the board.

    Raises UserError when the ledger fails or a disk is full, and whatever `context.report` raises.
    """
    began, cpu_began = time.monotonic(), time.thread_time()
    outcome = FlashOutcome(port.name)
    step_began = began
    now = Progress(port.name, "", IDENTIFY)

    def report(**changed: Any) -> None:
        nonlocal now
        now = replace(now, serial=outcome.serial, step=outcome.step, **changed)
        context.report(now)

    def moved(done: int, of: int) -> None:
        # Parts of a step, which are told of one by one, have no speed.
        speed = 0.0 if now.doing else done / max(time.monotonic() - step_began, 1e-3)
        report(done=done, of=of, speed=speed)

    def doing(what: str) -> None:
        report(doing=what)

    connection = Connection(port, job.baud, moved, outcome.traffic)
    log = Log(context.ledger, job.batch, outcome)
    try:
        report()
        bench = enrol(connection, job, context, outcome, log, doing)
        for step in job.steps:
            step_began = time.monotonic()
            outcome.step = step.name
            report(done=0, of=0, speed=0.0, doing="")
            with room():
                state = step.look(bench)
            if job.dry and state.lacking:
                outcome.plan = _plan(job, step, state)
                break
            log.settle(step.name, state)
            outcome.left = "; ".join(filter(None, (outcome.left, step.left(bench))))
        outcome.passed = True
        _remember(context.ledger, outcome)
    except UserError:
        raise
    except BoardError as error:
        outcome.reason = str(error)
    except Exception as error:
        outcome.fault = fault_report.keep(error)
    finally:
        connection.close()
        outcome.seconds = time.monotonic() - began
        outcome.cpu = time.thread_time() - cpu_began
    if not (job.dry or outcome.fault):
        log.end()
    return outcome


def _remember(ledger: Ledger, outcome: FlashOutcome) -> None:
    """What burn-in found before holds until burn-in says otherwise."""
    burned_in = of_unit(ledger, ledger.unit(outcome.serial)).word(BURNED_IN)
    if burned_in.state == FAILED:
        outcome.broken = True
        outcome.left = f"it failed burn-in: {burned_in.todo}"


def _plan(job: FlashJob, lacking: Step[FlashBench], state: State) -> list[str]:
    """What would be done: this step, and those that can be looked at only after it."""
    after = job.steps[list(job.steps).index(lacking) + 1 :]
    return [state.lacking, *(f"then {step.name}" for step in after)]
