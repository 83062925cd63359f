"""The command line of the meter's tests: `noisetamer verify-meter`."""

import argparse
import re
import shlex
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from noisetamer.base.errors import UserError
from noisetamer.sound.verify import kernels, report
from noisetamer.sound.verify.catalogue import KEYS
from noisetamer.sound.verify.outcome import Outcome, verify
from noisetamer.sound.verify.provenance import provenance

_OUT = Path("out", "verify-meter")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600}
_LONGEST_DRIFT = 31 * 86_400


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `noisetamer verify-meter` takes."""
    parser.add_argument(
        "--kernel",
        choices=kernels.CHOICES,
        default="all",
        help="the FPU's code, the fixed-point codes for RISC-V and Xtensa, the integer kernel on"
        " this computer and on Xtensa, or all of them; default: %(default)s",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=_OUT,
        metavar="DIR",
        help=f"for report.html and report.json (default {_OUT})",
    )
    parser.add_argument(
        "--drift",
        default="1h",
        metavar="TIME",
        help="how much time the drift test simulates (default 1h; 24h takes five to ten minutes)",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=KEYS,
        default=[],
        metavar="TEST",
        help="one test, may be repeated: " + ", ".join(KEYS),
    )


def run_command(arguments: argparse.Namespace) -> int:
    """0 if everything is within its limits, 1 if not. Raises UserError."""
    seconds = drift_seconds(arguments.drift)
    chosen, not_run = kernels.chosen(arguments.kernel)
    outcome = _with_progress(chosen, not_run, arguments.only, seconds)
    path = report.write(outcome, arguments.out, provenance(_again(arguments)))
    _tell(outcome, path)
    for failure in outcome.failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return 0 if outcome.passed else 1


def drift_seconds(text: str) -> int:
    """Whole seconds of "90s", "30min" or "24h". Raises UserError."""
    match = re.fullmatch(r"(\d{1,7})(s|m|min|h)", text.strip())
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not 60 <= seconds <= _LONGEST_DRIFT:
        raise UserError(f"--drift {text}: give a time from 60s to 744h, such as 30min or 24h.")
    return seconds


def _with_progress(
    chosen: list[kernels.Kernel], not_run: list[str], only: list[str], seconds: int
) -> Outcome:
    # On standard error: standard output stays for what was found.
    with Progress(
        TextColumn("{task.description:28}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=1.0)
        return verify(
            chosen,
            not_run,
            only,
            seconds,
            lambda what, share: bar.update(task, description=what, completed=share),
        )


def _tell(outcome: Outcome, path: Path) -> None:
    for sentence in outcome.not_run:
        print(sentence)
    if outcome.left_out:
        print(f"a part only, left out: {', '.join(outcome.left_out)}")
    for kernel in outcome.kernels:
        print(kernel.title)
        for section in outcome.sections[kernel.name]:
            worst = section.worst
            bound = worst.strictest
            verdict = "passed" if section.passed else "FAILED"
            print(
                f"  {section.key:13}{len(section.checks):4} checks {verdict}; nearest to a limit: "
                f"{worst.name}, margin {bound.margin(worst.reading):.3g} {worst.unit}"
            )
            for note in section.notes:
                print(f"  {'':13}{note}")
    print(
        f"{len(outcome.checks)} checks, {len(outcome.failures)} failed; digital part "
        f"{'within' if outcome.within_class1 else 'NOT within'} the class 1 limits of "
        f"IEC 61672-1 in {len(outcome.class1_checks)} checks. No word on microphone, case and "
        "windscreen; not a certified class."
    )
    print(f"report: {path}")


def _again(arguments: argparse.Namespace) -> str:
    words = ["noisetamer", "verify-meter", "--kernel", arguments.kernel]
    words += ["--drift", arguments.drift]
    for key in arguments.only:
        words += ["--only", key]
    return shlex.join(words)
