"""Whole runs: every unit of each scenario and seed, and what their folders get of it."""

import itertools
import multiprocessing
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from noisetamer.base.child_processes import follow_parent, starting
from noisetamer.base.output import writing
from noisetamer.simulate import expect, levels_series, summary, trace
from noisetamer.simulate.unit_run import FirmwareStoppedError, UnitRun, play

_ON_SHEET = 12  # pictures


@dataclass(frozen=True)
class Job:
    """All units of one scenario with one seed, and the folder for what they leave.

    kept: whether somebody will look at that folder, so that pictures are worth drawing.
    """

    name: str
    runs: list[UnitRun]
    expected: expect.Expectations
    out: Path
    kept: bool = True

    @property
    def cut(self) -> bool:
        """Whether it ends before its story does."""
        return any(run.until_s < run.whole_s for run in self.runs)


@dataclass(frozen=True)
class RunResult:
    """`verdicts` is empty where the scenario expects nothing. wall_s: {unit: how long it took}.

    Where the firmware stopped by itself `summary` is None, and one verdict says so.
    """

    summary: dict[str, Any] | None
    verdicts: list[expect.Verdict]
    wall_s: dict[str, float]


def simulate(jobs: list[Job], progress: Callable[[float], None]) -> list[RunResult]:
    """Play the jobs, and fill their folders; `progress` gets seconds done, summed.

    Raises UserError, also where the firmware of an only job stopped by itself.
    """
    for job in jobs:
        with writing(job.out):
            job.out.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(job.out / "units", ignore_errors=True)
    if len(jobs) == 1 and len(jobs[0].runs) == 1:
        return [_finish(jobs[0], [_played(jobs[0].runs[0], jobs[0].out, jobs[0].kept, progress)])]
    return _in_processes(jobs, progress)


class _Played(NamedTuple):
    """One unit's run: begin and end by the machine's monotonic clock, s."""

    unit: str
    began: float
    ended: float


def _played(run: UnitRun, out: Path, kept: bool, progress: Callable[[int], None]) -> _Played:
    began = time.monotonic()
    play(run, out / "units" / run.name, progress, pictures=kept)
    return _Played(run.name, began, time.monotonic())


def _finish(job: Job, played: list[_Played]) -> RunResult:
    """What the units of one job left, as one trace, one summary, its pictures and verdicts."""
    parts = job.out / "units"
    wall_s = max(one.ended for one in played) - min(one.began for one in played)
    path = job.out / "trace.jsonl"
    traces = [parts / one.unit / "trace.jsonl" for one in played]
    if len(traces) == 1:
        with writing(path):
            shutil.move(traces[0], path)
        lines = trace.stream(path)
    else:
        lines = trace.merged(traces, path)
    chart = levels_series.Collector(levels_series.MOST_UNITS) if job.kept else None
    told: list[dict[str, Any]] = []

    def seen() -> Iterator[dict[str, Any]]:
        # Once, and none is held: a month of seconds would fill the memory.
        for line in lines:
            if chart:
                chart.add(line)
            if not trace.is_second(line):
                told.append(line)
            yield line

    totals = summary.summarise(seen(), sum(run.until_s for run in job.runs), wall_s)
    summary.write(totals, job.out / "summary.json")
    if chart:
        # Slow to load: not for a unit of its own process, nor for the demo.
        from noisetamer.simulate import levels_plot

        levels_plot.draw(*chart.found(), job.out / "levels.png", job.runs[0].scenario.title)
        _gather_pictures(parts, job.out)
    late_s = {run.name: run.late_s for run in job.runs}
    verdicts = expect.check(job.expected, totals, told, expect.Run(job.cut, late_s))
    shutil.rmtree(parts)
    return RunResult(totals, verdicts, {one.unit: one.ended - one.began for one in played})


def _in_processes(jobs: list[Job], progress: Callable[[float], None]) -> list[RunResult]:
    """Units on all cores, each job finished there too as soon as its last unit has ended."""
    numbers = itertools.count()
    units = [[(next(numbers), run) for run in job.runs] for job in jobs]
    count = next(numbers)
    # A unit that keeps to real time mostly waits, so all of those run at once.
    paced = jobs[0].runs[0].pace
    workers = count if paced else min(count, len(os.sched_getaffinity(0)))
    context = multiprocessing.get_context("spawn")
    # Seconds done of each unit, and at the end whether all are to stop.
    shared = context.Array("q", count + 1, lock=False)
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_share, initargs=(shared,))
    played: list[list[Future[_Played]]] = []
    finished: dict[int, Future[RunResult]] = {}
    try:
        with starting():
            for job, those in zip(jobs, units, strict=True):
                played.append(
                    [pool.submit(_play_one, n, run, job.out, job.kept) for n, run in those]
                )
        while len(finished) < len(jobs) or not all(one.done() for one in finished.values()):
            for place, job in enumerate(jobs):
                if place not in finished and all(one.done() for one in played[place]):
                    finished[place] = _finishing(pool, job, played[place], alone=len(jobs) == 1)
            progress(sum(shared[:-1]))
            under_way = [*itertools.chain(*played), *finished.values()]
            wait([one for one in under_way if not one.done()], 0.2, FIRST_COMPLETED)
        return [finished[place].result() for place in range(len(jobs))]
    finally:
        shared[-1] = True
        pool.shutdown(cancel_futures=True)


def _finishing(
    pool: ProcessPoolExecutor, job: Job, played: list[Future[_Played]], alone: bool
) -> Future[RunResult]:
    stopped = []
    for run, one in zip(job.runs, played, strict=True):
        try:
            one.result()
        except FirmwareStoppedError as error:
            # Among many, one that stops is what a CI wants to read of in its report.
            if alone:
                raise
            stopped.append(expect.Verdict("firmware", run.name, False, str(error)))
    if stopped:
        failed: Future[RunResult] = Future()
        failed.set_result(RunResult(None, stopped, {}))
        return failed
    return pool.submit(_finish, job, [one.result() for one in played])


class _StoppedError(Exception):
    """The whole run is cancelled."""


_shared: Any = None


def _share(shared: Any) -> None:
    global _shared
    _shared = shared
    follow_parent()


def _play_one(number: int, run: UnitRun, out: Path, kept: bool) -> _Played:
    def progress(second: int) -> None:
        _shared[number] = second
        if _shared[-1]:
            raise _StoppedError

    return _played(run, out, kept, progress)


def _gather_pictures(parts: Path, out: Path) -> None:
    """All panel pictures into one folder, and the first of them on one sheet."""
    pictures = sorted(parts.glob("*/panel/*.png"), key=lambda path: path.name)
    folder, page = out / "panel", out / "panel.png"
    shutil.rmtree(folder, ignore_errors=True)
    page.unlink(missing_ok=True)
    if not pictures:
        return
    folder.mkdir()
    moved = [Path(shutil.move(path, folder / path.name)) for path in pictures]
    from noisetamer.simulate import panel_picture

    shown = [(_caption(path), path) for path in moved[:_ON_SHEET]]
    note = "The point in the lower right corner blinks: the box is alive."
    if more := len(moved) - len(shown):
        note += f" {more} more in the folder {folder.name}."
    panel_picture.sheet(shown, page, note=note)


def _caption(picture: Path) -> str:
    """Of SIM-0001_190205_red.png: SIM-0001  19:02:05  red."""
    unit, time, stage = picture.stem.split("_")
    return f"{unit}  {time[:2]}:{time[2:4]}:{time[4:]}  {stage}"
