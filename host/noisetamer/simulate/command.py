"""The command line of the simulation: `noisetamer simulate`."""

import argparse
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from noisetamer.base.errors import UserError
from noisetamer.base.output import writing
from noisetamer.base.paths import BOARDS
from noisetamer.simulate import junit
from noisetamer.simulate.expect import Expectations
from noisetamer.simulate.run import RunResult, simulate
from noisetamer.simulate.unit_run import BOARD, Hub, UnitRun
from noisetamer.square import quantity, scenario
from noisetamer.square.scenario import Scenario
from noisetamer.unit.boards import wiring
from noisetamer.virtual.firmware_process import Tier


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    names = ", ".join(scenario.shipped())
    parser.add_argument("scenario", help=f"a file, or one that is shipped: {names}")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="default 1")
    parser.add_argument("--units", type=int, default=1, metavar="N", help="each in its own square")
    parser.add_argument("--until", metavar="TIME", help="simulated time: 5s, 20m, 2h")
    parser.add_argument("--levels", action="store_true", help="Seconds instead of sound: weeks")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--realtime", action="store_true", help="the same as --speed 1")
    pace.add_argument("--speed", type=float, metavar="X", help="simulated s per s (default: most)")
    parser.add_argument(
        "--fault",
        nargs=3,
        action="append",
        default=[],
        metavar=("KIND", "FROM", "TO"),
        help="a fault besides the scenario's own, like: ntp-lost 0s 10m",
    )
    parser.add_argument("--board", default=BOARD, metavar="NAME", help=f"default {BOARD}")
    parser.add_argument("--out", type=Path, metavar="DIR", help="trace, summary, pictures")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="the verdicts, for a CI")


def run_command(arguments: argparse.Namespace) -> int:
    """0 when every expectation is met, 1 when not. Raises UserError."""
    story = scenario.with_faults(scenario.load(arguments.scenario), arguments.fault)
    expected = Expectations.from_table(story.expect, story.path.name)
    runs = plan(
        story,
        seed=arguments.seed,
        units=arguments.units,
        until_s=until(arguments.until, story),
        tier=Tier.LEVELS if arguments.levels else Tier.AUDIO,
        pace=_pace(arguments),
        board=arguments.board,
    )
    if arguments.junit:
        # Not after an hour of simulation.
        with writing(arguments.junit):
            arguments.junit.touch()
    with _folder(arguments.out) as out:
        result = _with_progress(runs, expected, out, story.title)
        _print_result(result, arguments.out)
        command = reproduce(arguments)
        if arguments.junit:
            junit.write(result.verdicts, arguments.junit, story.name, command)
    failed = [verdict for verdict in result.verdicts if not verdict.passed]
    for verdict in failed:
        print(f"{verdict.unit}: {verdict.name}: {verdict.sentence}", file=sys.stderr)
    if failed:
        print(f"again: {command}", file=sys.stderr)
    return 1 if failed else 0


def plan(
    story: Scenario,
    *,
    seed: int,
    units: int,
    until_s: int,
    tier: Tier,
    pace: float,
    hubs: list[Hub] | None = None,
    board: str = BOARD,
) -> list[UnitRun]:
    """One run for each unit. Raises UserError for impossible numbers and unknown boards."""
    if not (BOARDS / f"{board}.py").is_file():
        known = ", ".join(path.stem for path in wiring.shipped())
        raise UserError(f"--board {board}: there is no such board file; there is: {known}.")
    if not 1 <= units <= 999:
        raise UserError(f"--units {units}: give a number from 1 to 999.")
    if seed < 0:
        raise UserError(f"--seed {seed}: give a number from 0 on.")
    for fault in story.faults:
        if fault.kind.of_hub and not hubs:
            raise UserError(
                f"{fault.kind} happens on the way to a hub, and this run has none; leave it out."
            )
    return [
        UnitRun(story, seed, unit, until_s, tier, pace, hubs[unit] if hubs else None, board)
        for unit in range(units)
    ]


def until(text: str | None, story: Scenario) -> int:
    """Whole seconds to simulate, at most as long as the story is."""
    if text is None:
        return story.duration_s
    try:
        seconds = quantity.duration(text)
    except ValueError as wrong:
        raise UserError(f"--until: {wrong}.") from None
    if seconds < 1:
        raise UserError(f"--until {text}: give at least 1s.")
    return min(int(seconds), story.duration_s)


def reproduce(arguments: argparse.Namespace) -> str:
    """The line that runs the very same again."""
    words = ["noisetamer", "simulate", arguments.scenario, "--seed", str(arguments.seed)]
    if arguments.units != 1:
        words += ["--units", str(arguments.units)]
    if arguments.until:
        words += ["--until", arguments.until]
    if arguments.levels:
        words.append("--levels")
    for fault in arguments.fault:
        words += ["--fault", *fault]
    if arguments.board != BOARD:
        words += ["--board", arguments.board]
    return shlex.join(words)


def _pace(arguments: argparse.Namespace) -> float:
    if arguments.realtime:
        return 1.0
    if arguments.speed is None:
        return 0.0
    if not 0.01 <= arguments.speed <= 10000:
        raise UserError(f"--speed {arguments.speed:g}: give a factor from 0.01 to 10000.")
    return arguments.speed


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _with_progress(
    runs: list[UnitRun], expected: Expectations, out: Path, title: str
) -> RunResult:
    total = sum(run.until_s for run in runs)
    # On standard error: standard output is for the result.
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(title, total=total)
        return simulate(runs, expected, out, lambda done: bar.update(task, completed=done))


def _print_result(result: RunResult, out: Path | None) -> None:
    whole, run = result.summary["whole"], result.summary["run"]
    invalid = ", ".join(f"{n} s {why}" for why, n in whole["invalid"].items() if n)
    print(f"{whole['seconds']} s, {whole['valid']} valid" + (f" ({invalid})" if invalid else ""))
    for unit, totals in result.summary["units"].items():
        changes = len(totals["stage_changes"])
        warnings = f"{len(totals['warnings'])} warnings"
        if totals["warnings"]:
            warnings += f", {totals['effective_warnings']} obeyed"
        print(f"{unit}: LAeq {totals['LAeq']} dB, {changes} stage changes, {warnings}")
        for call in totals["hand_overs"]:
            after = f"after {call['ineffective']} warnings in vain"
            print(f"{unit}: {call['at'][11:]} handed over to {call['to']} {after}")
    print(f"{run['simulated_s_per_wall_s']} times real time")
    if out:
        print(f"see {out / 'levels.png'}, {out / 'trace.jsonl'}, {out / 'summary.json'}")
