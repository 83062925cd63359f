"""A whole run: every unit of a scenario, and what DIR gets of it."""

import heapq
import multiprocessing
import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base.child_processes import follow_parent, starting
from noisetamer.base.output import writing
from noisetamer.simulate import expect, panel_picture, summary, trace
from noisetamer.simulate.unit_run import UnitRun, play

_CORES = 2


@dataclass(frozen=True)
class RunResult:
    """`verdicts` is empty where the scenario expects nothing."""

    summary: dict[str, Any]
    verdicts: list[expect.Verdict]


def simulate(
    runs: list[UnitRun],
    expected: expect.Expectations,
    out: Path,
    progress: Callable[[float], None],
) -> RunResult:
    """Play the runs, all of one scenario, and fill `out`; `progress` gets seconds done, summed."""
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        parts = out / "units"
        shutil.rmtree(parts, ignore_errors=True)
    began = time.monotonic()
    traces = _play_all(runs, parts, progress)
    wall_s = time.monotonic() - began
    path = out / "trace.jsonl"
    if len(traces) == 1:
        with writing(path):
            shutil.move(traces[0], path)
    else:
        with trace.Trace(out) as whole:
            whole.extend(_by_time(traces))
    lines = trace.read(path)
    simulated_s = sum(run.until_s for run in runs)
    totals = summary.summarise(lines, simulated_s, wall_s)
    summary.write(totals, out / "summary.json")
    scenario = runs[0].scenario
    # Slow to load: not for a unit of its own process, nor for the demo.
    from noisetamer.simulate import levels_plot

    levels_plot.draw(lines, out / "levels.png", scenario.title)
    _gather_pictures(parts, out)
    verdicts = expect.check(expected, totals, lines)
    shutil.rmtree(parts)
    return RunResult(totals, verdicts)


def _play_all(runs: list[UnitRun], parts: Path, progress: Callable[[float], None]) -> list[Path]:
    if len(runs) == 1:
        return [play(runs[0], parts / runs[0].name, progress)]
    # A unit that keeps to real time mostly waits, so all of those run at once.
    workers = len(runs) if runs[0].pace else _CORES
    context = multiprocessing.get_context("spawn")
    # Seconds done of each unit, and at the end whether all are to stop.
    shared = context.Array("q", len(runs) + 1, lock=False)
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_share, initargs=(shared,))
    try:
        with starting():
            waiting = {
                pool.submit(_play_one, i, run, parts / run.name) for i, run in enumerate(runs)
            }
        while waiting:
            try:
                for future in as_completed(waiting, timeout=0.2):
                    waiting.remove(future)
                    future.result()
            except TimeoutError:
                pass
            progress(sum(shared[:-1]))
    finally:
        shared[-1] = True
        pool.shutdown(cancel_futures=True)
    return [parts / run.name / "trace.jsonl" for run in runs]


class _StoppedError(Exception):
    """The whole run is cancelled."""


_shared: Any = None


def _share(shared: Any) -> None:
    global _shared
    _shared = shared
    follow_parent()


def _play_one(number: int, run: UnitRun, folder: Path) -> None:
    def progress(second: int) -> None:
        _shared[number] = second
        if _shared[-1]:
            raise _StoppedError

    play(run, folder, progress)


def _by_time(paths: Iterable[Path]) -> Iterable[dict[str, Any]]:
    return heapq.merge(*(trace.stream(path) for path in paths), key=lambda line: line["t"])


def _gather_pictures(parts: Path, out: Path) -> None:
    """All panel pictures into one folder, and the first dozen on one sheet."""
    pictures = sorted(parts.glob("*/panel/*.png"), key=lambda path: path.name)
    folder, page = out / "panel", out / "panel.png"
    shutil.rmtree(folder, ignore_errors=True)
    page.unlink(missing_ok=True)
    if not pictures:
        return
    folder.mkdir()
    moved = [Path(shutil.move(path, folder / path.name)) for path in pictures]
    captions = [path.stem.replace("_", " ") for path in moved]
    panel_picture.sheet(list(zip(captions, moved, strict=True))[:12], page)
