"""The command line of the simulation: `noisetamer simulate`."""

import argparse
import itertools
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.output import spare, to_be_written
from noisetamer.base.paths import BOARDS
from noisetamer.base.progress import shown
from noisetamer.simulate import console, junit
from noisetamer.simulate.expect import Expectations
from noisetamer.simulate.run import Job, RunResult, simulate
from noisetamer.simulate.seeds import seeds
from noisetamer.simulate.unit_run import BOARD, Hub, UnitRun
from noisetamer.square import quantity, scenario
from noisetamer.square.scenario import Scenario
from noisetamer.unit.boards import wiring
from noisetamer.virtual.firmware_process import Tier


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    names = ", ".join(scenario.shipped())
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        help=f"files, or shipped ones: {names}",
    )
    parser.add_argument("--all", action="store_true", help="every shipped scenario")
    chance = parser.add_mutually_exclusive_group()
    chance.add_argument("--seed", type=int, default=1, metavar="N", help="default 1")
    chance.add_argument("--seeds", metavar="A..B", help="one run for each: 1..20, or 3,7,10..12")
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
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="trace, summary, pictures; several runs: a folder each",
    )
    parser.add_argument(
        "--no-trace",
        action="store_true",
        help="leave the trace out, which has 400 MB for a month of a unit",
    )
    parser.add_argument(
        "--no-pictures",
        action="store_true",
        help="leave pictures out, which take longer than a short run",
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="the verdicts, for a CI")


def run_command(arguments: argparse.Namespace) -> int:
    """0 when every expectation is met, 1 when not. Raises UserError."""
    chances = seeds(arguments.seeds) if arguments.seeds else [arguments.seed]
    given = [*arguments.scenarios, *(scenario.shipped() if arguments.all else [])]
    if not given:
        raise UserError("name a scenario, shipped or a file, or say --all; see --help.")
    with _folder(arguments.out) as out:
        jobs, commands = [], []
        for word in dict.fromkeys(given):
            for seed in chances:
                jobs.append(_job(arguments, word, seed, out))
                commands.append(reproduce(arguments, word, seed))
        several = len(jobs) > 1
        if arguments.junit:
            spare((scenario.load(word).path for word in given), arguments.junit)
        if several:
            jobs = _apart(jobs, len(chances) > 1)
        with to_be_written(arguments.junit):
            results = _with_progress(jobs)
            for job, result in zip(jobs, results, strict=True):
                if several:
                    console.print_row(job, result)
                else:
                    console.print_result(job, result, arguments.out)
            console.print_expectations(jobs, results)
            if several and arguments.out:
                print(f"see {arguments.out}")
            if arguments.junit:
                suites = [
                    junit.Suite(job.name, result.verdicts, command, result.wall_s)
                    for job, result, command in zip(jobs, results, commands, strict=True)
                ]
                junit.write(suites, arguments.junit)
    return int(console.print_failures(jobs, results, commands))


def _job(arguments: argparse.Namespace, word: str, seed: int, out: Path) -> Job:
    """One scenario with one seed. Raises UserError."""
    story = scenario.with_faults(scenario.load(word), arguments.fault)
    runs = plan(
        story,
        seed=seed,
        units=arguments.units,
        until_s=until(arguments.until, story),
        tier=Tier.LEVELS if arguments.levels else Tier.AUDIO,
        pace=_pace(arguments),
        board=arguments.board,
    )
    expected = Expectations.from_table(story.expect, story.path.name)
    kept = arguments.out is not None
    drawn, traced = kept and not arguments.no_pictures, kept and not arguments.no_trace
    return Job(story.name, runs, expected, out, drawn, traced)


def _apart(jobs: list[Job], by_seed: bool) -> list[Job]:
    """Each with a name and a folder of its own, also where two files have the same name."""
    found: dict[str, Job] = {}
    for job in jobs:
        name = f"{job.name} seed {job.runs[0].seed}" if by_seed else job.name
        names = itertools.chain([name], (f"{name} ({n})" for n in itertools.count(2)))
        name = next(one for one in names if one not in found)
        found[name] = replace(job, name=name, out=job.out / name.replace(" ", "-"))
    return list(found.values())


def plan(
    story: Scenario,
    *,
    seed: int,
    units: int,
    until_s: int,
    tier: Tier,
    pace: float,
    hubs: list[Hub] | None = None,
    reporting: bool = False,
    board: str = BOARD,
) -> list[UnitRun]:
    """One run for each unit. Raises UserError for impossible numbers and unknown boards.

    reporting: they will have a hub, if they have none in `hubs` yet.
    """
    if not (BOARDS / f"{board}.py").is_file():
        known = ", ".join(path.stem for path in wiring.shipped())
        raise UserError(f"--board {board}: there is no such board file; there is: {known}.")
    if not 1 <= units <= 999:
        raise UserError(f"--units {units}: give a number from 1 to 999.")
    if seed < 0:
        raise UserError(f"--seed {seed}: give a number from 0 on.")
    for fault in story.faults:
        if fault.kind.of_hub and not (hubs or reporting):
            raise UserError(
                f"{fault.kind} happens on the way to a hub, and this run has none; leave it out."
            )
    runs = [
        UnitRun(story, seed, unit, until_s, tier, pace, hubs[unit] if hubs else None, board)
        for unit in range(units)
    ]
    if until_s < story.duration_s:
        return runs
    # Whose story begins later is heard to its end as well.
    return [replace(run, until_s=run.whole_s) for run in runs]


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


def reproduce(arguments: argparse.Namespace, word: str, seed: int) -> str:
    """The line that runs one of the scenarios again, the very same."""
    words = ["noisetamer", "simulate", word, "--seed", str(seed)]
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


def _with_progress(jobs: list[Job]) -> list[RunResult]:
    total = sum(run.until_s for job in jobs for run in job.runs)
    title = jobs[0].runs[0].scenario.title if len(jobs) == 1 else f"{len(jobs)} runs"
    with shown(title, total, remaining=True) as progress:
        return simulate(jobs, progress)
