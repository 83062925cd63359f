"""What runs say on the terminal: results on standard output, failures on standard error."""

import sys
from collections.abc import Sequence
from pathlib import Path

from noisetamer.simulate.run import Job, RunResult


def print_result(job: Job, result: RunResult, out: Path | None) -> None:
    """Of an only run: what every unit did, and what is not decided."""
    assert result.summary is not None
    whole, run = result.summary["whole"], result.summary["run"]
    invalid = ", ".join(f"{n} s {why}" for why, n in whole["invalid"].items() if n)
    print(f"{whole['seconds']} s, {whole['valid']} valid" + (f" ({invalid})" if invalid else ""))
    for unit, totals in result.summary["units"].items():
        changes = _count(len(totals["stage_changes"]), "stage change")
        print(f"{unit}: LAeq {totals['LAeq']} dB, {changes}, {_warnings(totals)}")
        for call in totals["hand_overs"]:
            after = f"after {_count(call['ineffective'], 'warning')} in vain"
            print(f"{unit}: {call['at'][11:]} handed over to {call['to']} {after}")
    print(f"{run['simulated_s_per_wall_s']} times real time")
    if out:
        left = ["levels.png"] * job.drawn + ["trace.jsonl"] * job.traced + ["summary.json"]
        print(f"see {', '.join(str(out / name) for name in left)}")
    for verdict in result.verdicts:
        if verdict.undecided:
            print(f"{verdict.unit}: {verdict.name}: not decided, {verdict.sentence} so far")


def print_row(job: Job, result: RunResult) -> None:
    """One of several runs, in a line."""
    if result.summary is None:
        print(f"{job.name}: the firmware stopped")
        return
    met = f"{sum(one.passed for one in result.verdicts)} of {len(result.verdicts)} met"
    whole, took = result.summary["whole"], result.summary["run"]["wall_s"]
    told = met if result.verdicts else "nothing expected"
    print(f"{job.name}: {told}; {whole['seconds']} s, {_warnings(whole)}; took {took:.1f} s")


def print_expectations(jobs: Sequence[Job], results: Sequence[RunResult]) -> None:
    """How many were met, in a line; where nothing was expected that is said."""
    for job, result in zip(jobs, results, strict=True):
        if not result.verdicts:
            print(f"nothing was expected: {job.runs[0].scenario.path.name} has no [expect]")
    verdicts = [verdict for result in results for verdict in result.verdicts]
    if not verdicts:
        return
    met = sum(verdict.passed for verdict in verdicts)
    text = f"{met} of {_count(len(verdicts), 'expectation')} met"
    if any(job.cut for job in jobs):
        text += " so far"
    if undecided := sum(verdict.undecided for verdict in verdicts):
        text += f", {undecided} not decided: the run ended before the story"
    print(text if len(results) == 1 else f"{text}, in {len(results)} runs")


def print_failures(
    jobs: Sequence[Job], results: Sequence[RunResult], commands: Sequence[str]
) -> bool:
    """What failed, and the line that repeats it; whether anything did."""
    any_failed = False
    for job, result, command in zip(jobs, results, commands, strict=True):
        failed = [verdict for verdict in result.verdicts if verdict.failed]
        where = f"{job.name} " if len(jobs) > 1 else ""
        for verdict in failed:
            text = f"{where}{verdict.unit}: {verdict.name}: {verdict.sentence}"
            print(text, file=sys.stderr)
        if failed:
            print(f"again: {command}", file=sys.stderr)
            any_failed = True
    return any_failed


def _warnings(totals: dict) -> str:
    spoken = len(totals["warnings"])
    obeyed = f", {totals['effective_warnings']} obeyed" if spoken else ""
    return f"{_count(spoken, 'warning')}{obeyed}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
