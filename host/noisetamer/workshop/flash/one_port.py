"""One port, from finding out what is on it to a verdict."""

import time

from noisetamer.base import fault_report
from noisetamer.base.errors import UserError
from noisetamer.workshop.flash.enrolment import enrol
from noisetamer.workshop.flash.job import IDENTIFY, FlashJob, FlashOutcome, Progress, RunContext
from noisetamer.workshop.flash.log import Log
from noisetamer.workshop.flash.steps import FlashBench
from noisetamer.workshop.port.connection import Connection
from noisetamer.workshop.port.errors import BoardError
from noisetamer.workshop.port.ports import Port
from noisetamer.workshop.steps import State, Step


def flash(port: Port, job: FlashJob, context: RunContext) -> FlashOutcome:
    """Take one board through all steps.

    The outcome holds the board's faults, and the program's, which the ledger does not hold
    against the board.

    Raises UserError when the ledger fails, and whatever `context.report` raises.
    """
    began, cpu_began = time.monotonic(), time.thread_time()
    outcome = FlashOutcome(port.name)
    step_began = began

    def moved(done: int, of: int) -> None:
        speed = done / max(time.monotonic() - step_began, 1e-3)
        context.report(Progress(port.name, outcome.serial, outcome.step, done, of, speed))

    connection = Connection(port, job.baud, moved, outcome.traffic)
    log = Log(context.ledger, job.batch, outcome)
    try:
        context.report(Progress(port.name, "", IDENTIFY))
        bench = enrol(connection, job, context, outcome, log)
        for step in job.steps:
            step_began = time.monotonic()
            outcome.step = step.name
            context.report(Progress(port.name, outcome.serial, step.name))
            state = step.look(bench)
            if job.dry and state.lacking:
                outcome.plan = _plan(job, step, state)
                break
            log.settle(step.name, state)
        outcome.passed = True
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


def _plan(job: FlashJob, lacking: Step[FlashBench], state: State) -> list[str]:
    """What would be done: this step, and those that can be looked at only after it."""
    after = job.steps[list(job.steps).index(lacking) + 1 :]
    return [state.lacking, *(f"then {step.name}" for step in after)]
