"""What a technician sees: each port's step and speed, then a big PASS or FAIL with its reason."""

import sys
import threading
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from noisetamer.workshop.flash.job import FlashOutcome, Progress

_MARKS = {
    "PASS": "bold white on green",
    "FAIL": "bold white on red",
    "FAULT": "bold white on magenta",
}
_BAR_WIDTH = 20


class PortTable:
    """A table that lives while the ports work; without a terminal, a line for every step.

    `report` may be called in any thread. What is left on standard output is the verdicts.
    """

    def __init__(self, ports: list[str]) -> None:
        self._turn = threading.Lock()
        self._at: dict[str, Progress | FlashOutcome | None] = dict.fromkeys(ports)
        self._console = Console(stderr=True)
        self._live = None
        if self._console.is_terminal:
            self._live = Live(
                console=self._console, get_renderable=self._table, refresh_per_second=4
            )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    def report(self, progress: Progress) -> None:
        """Where a port is now."""
        with self._turn:
            before = self._at[progress.port]
            self._at[progress.port] = progress
        new = not isinstance(before, Progress) or before.step != progress.step
        if new and not self._live:
            print(f"{progress.port} {progress.serial or '-'}: {progress.step}", file=sys.stderr)

    def ended(self, outcome: FlashOutcome) -> None:
        """A port is done."""
        with self._turn:
            self._at[outcome.port] = outcome
        if not self._live:
            print(verdict(outcome), flush=True)

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False)
        for heading in ("port", "unit", "step", "", "kB/s", ""):
            table.add_column(heading, justify="right" if heading == "kB/s" else "left")
        with self._turn:
            rows = list(self._at.items())
        for port, at in rows:
            if isinstance(at, Progress):
                bar = ProgressBar(at.of, at.done, width=_BAR_WIDTH) if at.of else Text()
                speed = f"{at.speed / 1000:.0f}" if at.speed else ""
                table.add_row(port, at.serial, at.step, bar, speed, Text())
            elif isinstance(at, FlashOutcome):
                word = "FAULT" if at.fault else "PASS" if at.passed else "FAIL"
                mark = Text(f" {word} ", _MARKS[word])
                said = Text.assemble(mark, " ", at.fault or at.reason)
                table.add_row(port, at.serial, at.step, Text(), _kB_s(at), said)
            else:
                table.add_row(port, "", "waits", Text(), "", Text())
        return table


def verdict(outcome: FlashOutcome) -> str:
    """One line: PASS, FAIL, or FAULT of the program; who, where, why."""
    who = f"{outcome.serial or outcome.mac or 'no unit'} on {outcome.port}"
    if outcome.fault:
        return f"FAULT {who}, {outcome.step}: {outcome.fault}"
    if not outcome.passed:
        return f"FAIL {who}, {outcome.step}: {outcome.reason}"
    if outcome.plan:
        return f"     {who}: would {'; '.join(outcome.plan)}"
    return f"PASS {who}" + ("" if outcome.changed else ": nothing to do")


def summary(outcomes: list[FlashOutcome], seconds: float, jobs: int) -> list[str]:
    """How fast it went, and on the last line how many passed. seconds: of the whole run."""
    n = len(outcomes)
    lines = []
    if n:
        transfers = sum(outcome.traffic.seconds for outcome in outcomes)
        size = sum(outcome.traffic.bytes for outcome in outcomes)
        cpu = sum(outcome.cpu for outcome in outcomes)
        lines.append(
            f"{n} boards in {seconds:.1f} s, {jobs} at a time: {3600 * n / seconds:.0f} an hour; "
            f"{size / 1e6:.1f} MB in {transfers:.1f} s of transfers, {cpu / n:.2f} s of this "
            "computer's time a board"
        )
    passed = sum(outcome.passed for outcome in outcomes)
    faults = sum(bool(outcome.fault) for outcome in outcomes)
    failed = n - passed - faults
    lines.append(
        f"{passed} of {n} pass"
        + (f", {failed} failed" if failed else "")
        + (f", {faults} cut off by a fault of the program" if faults else "")
    )
    return lines


def _kB_s(outcome: FlashOutcome) -> str:
    traffic = outcome.traffic
    return f"{traffic.bytes / traffic.seconds / 1000:.0f}" if traffic.seconds > 0.01 else ""
