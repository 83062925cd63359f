"""One port, from finding out what is on it to a verdict."""

import time

from mpremote.transport import TransportError, TransportExecError

from noisetamer.base.errors import UserError
from noisetamer.workshop.flash.enrolment import enrol
from noisetamer.workshop.flash.job import IDENTIFY, Order, Outcome, Progress, Workshop
from noisetamer.workshop.flash.log import Log
from noisetamer.workshop.flash.steps import FlashBench
from noisetamer.workshop.port.connection import Fixture
from noisetamer.workshop.port.errors import why
from noisetamer.workshop.port.ports import Port
from noisetamer.workshop.steps import State, Step


def flash(port: Port, order: Order, workshop: Workshop) -> Outcome:
    """Everything that is lacking, on one port; the board's own faults are in the Outcome.

    Raises UserError when the ledger fails, and whatever `workshop.told` raises.
    """
    began, cpu_began = time.monotonic(), time.thread_time()
    outcome = Outcome(port.name)
    step_began = began

    def moved(done: int, of: int) -> None:
        speed = done / max(time.monotonic() - step_began, 1e-3)
        workshop.told(Progress(port.name, outcome.serial, outcome.step, done, of, speed))

    fixture = Fixture(port, order.baud, moved, outcome.traffic)
    log = Log(workshop.ledger, outcome)
    try:
        workshop.told(Progress(port.name, "", IDENTIFY))
        bench = enrol(fixture, order, workshop, outcome, log)
        for step in order.steps:
            step_began = time.monotonic()
            outcome.step = step.name
            workshop.told(Progress(port.name, outcome.serial, step.name))
            state = step.look(bench)
            if order.dry and state.lacking:
                outcome.plan = _plan(order, step, state)
                break
            log.settle(step.name, state)
        outcome.passed = True
    except UserError:
        raise
    except TransportExecError as error:
        outcome.reason = why(error)
    except TransportError as error:
        words = fixture.last_words(error)
        outcome.reason = f"MicroPython crashed; it says: {words}" if words else why(error)
    except Exception as error:
        outcome.reason = why(error)
    finally:
        fixture.close()
        outcome.seconds = time.monotonic() - began
        outcome.cpu = time.thread_time() - cpu_began
    if not order.dry:
        log.end()
    return outcome


def _plan(order: Order, lacking: Step[FlashBench], state: State) -> list[str]:
    """What would be done: this step, and those that can be looked at only after it."""
    after = order.steps[list(order.steps).index(lacking) + 1 :]
    return [state.lacking, *(f"then {step.name}" for step in after)]
