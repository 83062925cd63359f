"""What a technician sees: each port's step and speed, then a big PASS, or OPEN with what is left,
or FAIL with its reason."""

import sys
import threading
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from noisetamer.base.counted import counted
from noisetamer.base.language import say
from noisetamer.workshop.flash.job import FlashOutcome, Progress
from noisetamer.workshop.steps import Ask

PASS, OPEN, FAIL, FAULT = "PASS", "OPEN", "FAIL", "FAULT"
_MARKS = {
    PASS: "bold white on green",
    OPEN: "bold black on yellow",
    FAIL: "bold white on red",
    FAULT: "bold white on magenta",
}
_BAR_WIDTH = 20


class PortTable:
    """A table that lives while the ports work; without a terminal, a line for every step.

    `report` and what `ask` gives may be called in any thread. What is left on standard output is
    the verdicts.
    """

    def __init__(self, ports: list[str]) -> None:
        self._turn = threading.Lock()
        self._asking = threading.Lock()
        self._at: dict[str, Progress | FlashOutcome | None] = dict.fromkeys(ports)
        self._console = Console(stderr=True)
        self._live: Live | None = None
        self._verdicts = not (self._console.is_terminal and sys.stdout.isatty())

    def __enter__(self) -> Self:
        self._show()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    @property
    def ask(self) -> Ask | None:
        """Puts a question, the table out of the way meanwhile; None where there is no terminal."""
        return self._put if sys.stdin.isatty() and self._console.is_terminal else None

    def report(self, progress: Progress) -> None:
        """Where a port is now."""
        with self._turn:
            before = self._at[progress.port]
            self._at[progress.port] = progress
            if self._console.is_terminal:
                return
            at = progress.step, progress.doing
            if not isinstance(before, Progress) or (before.step, before.doing) != at:
                part = f"{say(', ')}{say(progress.doing)}" if progress.doing else ""
                who = f"{progress.port} {progress.serial or '-'}"
                # In one piece: another thread's line may come at any time.
                sys.stderr.write(f"{who}{say(': ')}{say(progress.step)}{part}\n")
                sys.stderr.flush()

    def ended(self, outcome: FlashOutcome) -> None:
        """A port is done."""
        with self._turn:
            self._at[outcome.port] = outcome
            if self._verdicts:
                sys.stdout.write(f"{verdict(outcome)}\n")
                sys.stdout.flush()

    def _show(self) -> None:
        if self._console.is_terminal:
            # A new one each time: an old one would go back to where it was, over the question.
            self._live = Live(
                console=self._console, get_renderable=self._table, refresh_per_second=4
            )
            self._live.start()

    def _put(self, question: str) -> str:
        with self._asking:
            if self._live:
                self._live.transient = True
                self._live.stop()
            try:
                return input(question)
            finally:
                self._show()

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False)
        for heading in ("port", "unit", "step", "", "kB/s", ""):
            table.add_column(say(heading), justify="right" if heading == "kB/s" else "left")
        with self._turn:
            rows = list(self._at.items())
        for port, at in rows:
            if isinstance(at, Progress):
                bar = ProgressBar(at.of, at.done, width=_BAR_WIDTH) if at.of else Text()
                speed = f"{at.speed / 1000:.0f}" if at.speed else ""
                step = say(f"{at.step}: {at.doing}" if at.doing else at.step)
                table.add_row(port, at.serial, step, bar, speed, Text())
            elif isinstance(at, FlashOutcome):
                word = mark(at)
                said = Text.assemble(
                    Text(f" {say(word)} ", _MARKS[word]),
                    " ",
                    say(at.fault or at.reason or at.left),
                )
                table.add_row(port, at.serial, say(at.step), Text(), _kB_s(at), said)
            else:
                table.add_row(port, "", say("waits"), Text(), "", Text())
        return table


def mark(outcome: FlashOutcome) -> str:
    """PASS, OPEN, FAIL, or FAULT of the program."""
    if outcome.fault:
        return FAULT
    if not outcome.passed:
        return FAIL
    return OPEN if outcome.left else PASS


def verdict(outcome: FlashOutcome) -> str:
    """One line: PASS, OPEN, FAIL, or FAULT of the program; who, where, why or what is left."""
    serial = outcome.serial or outcome.mac or "no unit"
    who = say("{serial} on {port}", serial=serial, port=outcome.port)
    colon = say(": ")
    if why := outcome.fault or ("" if outcome.passed else outcome.reason):
        return f"{say(mark(outcome))} {who}{say(', ')}{say(outcome.step)}{colon}{say(why)}"
    if outcome.plan:
        plan = say("; ").join(map(say, outcome.plan))
        return f"     {who}{colon}{say('would {plan}', plan=plan)}"
    if outcome.left:
        nothing = "" if outcome.changed else colon + say("nothing done")
        left = say("left: {left}", left=outcome.left)
        return f"{say(OPEN)} {who}{nothing}{colon}{left}"
    nothing = "" if outcome.changed else colon + say("nothing to do")
    return f"{say(PASS)} {who}{nothing}"


def summary(outcomes: list[FlashOutcome], seconds: float, jobs: int) -> list[str]:
    """How fast it went, and on the last line how many passed and what to do about the others.

    seconds: of the whole run.
    """
    n = len(outcomes)
    lines = []
    if n:
        transfers = sum(outcome.traffic.seconds for outcome in outcomes)
        size = sum(outcome.traffic.bytes for outcome in outcomes)
        cpu = sum(outcome.cpu for outcome in outcomes)
        lines.append(
            say(
                f"{counted(n, '1 board', '{} boards')} in {seconds:.1f} s, {jobs} at a time: "
                f"{3600 * n / seconds:.0f} an hour; {size / 1e6:.1f} MB in {transfers:.1f} s of "
                f"transfers, {cpu / n:.2f} s of this computer's time a board"
            )
        )
    return [*lines, say(standing(outcomes, n))]


def standing(outcomes: list[FlashOutcome], n: int) -> str:
    """How many of n boards passed, and what is to be done."""
    marks = [mark(outcome) for outcome in outcomes]
    passed, still_open = marks.count(PASS), marks.count(OPEN)
    failed, faults = marks.count(FAIL), marks.count(FAULT)
    said = f"{passed + still_open} of {n} pass"
    if still_open:
        left = {outcome.left for outcome in outcomes if mark(outcome) == OPEN}
        what = left.pop() if len(left) == 1 else "see above"
        said += f", {still_open} of them with something left: {what}"
    if failed:
        said += f", {failed} failed: do what the reason says, then run the same command again"
    if faults:
        said += f", {faults} cut off by a fault of the program: keep the board, report the file"
    return said


def _kB_s(outcome: FlashOutcome) -> str:
    traffic = outcome.traffic
    return f"{traffic.bytes / traffic.seconds / 1000:.0f}" if traffic.seconds > 0.01 else ""
