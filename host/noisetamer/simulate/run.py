"""Whole runs: every unit of each scenario and seed, and what their folders get of it."""

import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from noisetamer.base.child_processes import follow_parent, pools_work, spawning, starting
from noisetamer.base.output import writing
from noisetamer.simulate import expect, levels_series, output_folder, summary, trace
from noisetamer.simulate.output_folder import LEVELS, PANELS, SHEET, SUMMARY, TRACE, UNITS
from noisetamer.simulate.unit_run import FirmwareStoppedError, UnitRun, play

_ON_SHEET = 12  # pictures


@dataclass(frozen=True)
class Job:
    """All units of one scenario with one seed, and the folder for what they leave.

    drawn: whether it gets pictures. traced: whether it gets a trace.
    """

    name: str
    runs: list[UnitRun]
    expected: expect.Expectations
    out: Path
    drawn: bool = True
    traced: bool = True

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
        output_folder.check(job.out)
    for job in jobs:
        output_folder.make(job.out)
    if len(jobs) == 1 and len(jobs[0].runs) == 1:
        return [_finish(jobs[0], [_play(jobs[0], progress)])]
    return _in_processes(jobs, progress)


class _Played(NamedTuple):
    """What one unit's run came to: it grows with what happened, not with how long it took.

    Begin and end by the machine's monotonic clock, s. series: for the picture, if it is in it.
    """

    unit: str
    began: float
    ended: float
    tally: summary.Tally
    series: levels_series.Series | None
    verdicts: list[expect.Verdict]


def _play(job: Job, progress: Callable[[int], None]) -> _Played:
    """Play the only unit of a job, and sum it up meanwhile."""
    (run,) = job.runs
    tally = summary.Tally(run.name)
    in_picture = job.drawn and run.unit < levels_series.MOST_UNITS
    series: levels_series.Series | None = None
    told = [] if job.expected.values else None

    def on_line(line: dict[str, Any]) -> None:
        nonlocal series
        tally.add(line)
        if in_picture:
            series = series or levels_series.Series.begun(line)
            series.add(line)
        if told is not None and not trace.is_second(line):
            told.append(line)

    folder = job.out / UNITS / run.name
    began = time.monotonic()
    play(run, folder, progress, on_line, pictures=job.drawn, traced=job.traced)
    ended = time.monotonic()
    verdicts = []
    if told is not None and tally.begins_at is not None:
        units = {"units": {run.name: tally.result()}}
        whole = expect.Run(job.cut, {run.name: run.late_s})
        verdicts = expect.check(job.expected, units, told, whole)
    return _Played(run.name, began, ended, tally, series, verdicts)


def _finish(job: Job, played: list[_Played]) -> RunResult:
    """What the units of one job left, as one trace, one summary, its pictures and verdicts."""
    parts = job.out / UNITS
    path = job.out / TRACE
    with writing(path):
        path.unlink(missing_ok=True)
    if job.traced:
        traces = [parts / one.unit / TRACE for one in played]
        if len(traces) == 1:
            with writing(path):
                shutil.move(traces[0], path)
        else:
            trace.merge(traces, path)
    wall_s = max(one.ended for one in played) - min(one.began for one in played)
    simulated_s = sum(run.until_s for run in job.runs)
    totals = summary.summarise([one.tally for one in played], simulated_s, wall_s)
    summary.write(totals, job.out / SUMMARY)
    output_folder.clear_pictures(job.out)
    if job.drawn:
        # Slow to load: not for a unit of its own process, nor for the demo.
        from noisetamer.simulate import levels_plot

        series = [one.series for one in played if one.series]
        left_out = len(totals["units"]) - len(series)
        title = job.runs[0].scenario.title
        with _drawing:
            levels_plot.draw(series, left_out, job.out / LEVELS, title)
        _gather_pictures(parts, job.out)
    told = [one.verdicts for one in played if one.verdicts]
    # By expectation, then by unit.
    verdicts = [verdict for of_units in zip(*told, strict=True) for verdict in of_units]
    if not told:
        verdicts = expect.check(job.expected, totals, [])
    shutil.rmtree(parts, ignore_errors=True)
    return RunResult(totals, verdicts, {one.unit: one.ended - one.began for one in played})


class _UnderWay:
    """A job whose units are played, each in some process."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.result: RunResult | None = None
        self._played: dict[str, _Played] = {}
        self._stopped: dict[str, expect.Verdict] = {}

    def ended(self, run: UnitRun, played: _Played) -> None:
        self._played[run.name] = played

    def stopped(self, run: UnitRun, why: FirmwareStoppedError) -> None:
        self._stopped[run.name] = expect.Verdict("firmware", run.name, False, str(why))

    @property
    def is_played(self) -> bool:
        return len(self._played) + len(self._stopped) == len(self.job.runs)

    def taken(self) -> list[_Played]:
        """What its units came to, in their order, which is then not held here any more; nothing
        where the firmware of one has stopped: that is the result."""
        names = [run.name for run in self.job.runs]
        if self._stopped:
            verdicts = [self._stopped[name] for name in names if name in self._stopped]
            self.result = RunResult(None, verdicts, {})
            return []
        return [self._played.pop(name) for name in names]


def _in_processes(jobs: list[Job], progress: Callable[[float], None]) -> list[RunResult]:
    """Units on all cores, each job finished there too as soon as its last unit has ended.

    Where pools do not work, threads here play them, beside each box's own process.
    """
    whole = [_UnderWay(job) for job in jobs]
    waiting = deque((one, run) for one in whole for run in one.job.runs)
    count = len(waiting)
    # A unit that keeps to real time mostly waits, so all of those run at once.
    paced = jobs[0].runs[0].pace
    workers = count if paced else min(count, len(os.sched_getaffinity(0)))
    context = spawning() if pools_work() else None
    # Seconds done of each unit, and at the end whether all are to stop.
    shared = context.Array("q", count + 1, lock=False) if context else [0] * (count + 1)

    def processes(most: int) -> Executor:
        if context:
            return ProcessPoolExecutor(most, context, _follow, (shared,))
        return ThreadPoolExecutor(most, initializer=_share, initargs=(shared,))

    pool = processes(workers)
    playing: dict[Future[_Played], tuple[_UnderWay, UnitRun]] = {}
    finishing: dict[Future[RunResult], _UnderWay] = {}
    try:
        while any(one.result is None for one in whole):
            # One more than there are workers, for none to wait; more would only hold memory.
            while waiting and len(playing) + len(finishing) <= workers:
                of, run = waiting.popleft()
                job = replace(of.job, runs=[run])
                with starting():
                    begun = pool.submit(_play_one, count - len(waiting) - 1, job)
                playing[begun] = of, run
            under_way: list[Future[Any]] = [*playing, *finishing]
            wait(under_way, 0.2, FIRST_COMPLETED)
            progress(sum(shared[:-1]))
            for one in [one for one in finishing if one.done()]:
                finishing.pop(one).result = one.result()
            for one in [one for one in playing if one.done()]:
                of, run = playing.pop(one)
                try:
                    of.ended(run, one.result())
                except FirmwareStoppedError as error:
                    if len(jobs) == 1:
                        raise
                    # Among many it is what a CI wants to read of in its report.
                    of.stopped(run, error)
                if of.is_played and (played := of.taken()):
                    if of.job.drawn and not (waiting or playing or finishing):
                        # What playing took is given back before pictures are drawn.
                        pool.shutdown()
                        pool = processes(1)
                    with starting():
                        finishing[pool.submit(_finish, of.job, played)] = of
        return [one.result for one in whole if one.result]
    finally:
        shared[-1] = True
        pool.shutdown(cancel_futures=True)


class _StoppedError(Exception):
    """The whole run is cancelled."""


_shared: Any = None
# The style of a picture is the whole process's, in which several threads may finish.
_drawing = threading.Lock()


def _share(shared: Any) -> None:
    global _shared
    _shared = shared


def _follow(shared: Any) -> None:
    _share(shared)
    follow_parent()


def _play_one(number: int, job: Job) -> _Played:
    def progress(second: int) -> None:
        _shared[number] = second
        if _shared[-1]:
            raise _StoppedError

    return _play(job, progress)


def _gather_pictures(parts: Path, out: Path) -> None:
    """All panel pictures into one folder, and the first of them on one sheet."""
    pictures = sorted(parts.glob("*/panel/*.png"), key=lambda path: path.name)
    folder, page = out / PANELS, out / SHEET
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
