"""CPU seconds of programs, measured in turns: what else the machine does meets all alike."""

import os
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence

from noisetamer.base.child_processes import run_tied
from noisetamer.base.errors import UserError


def said(command: Sequence[str]) -> str:
    """What a program writes, wherever. Raises UserError where it fails."""
    try:
        done = run_tied(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except OSError as error:
        raise UserError(f"{command[0]} cannot be run: {error.strerror}.") from None
    if done.returncode:
        last = done.stdout.strip().rsplit("\n", 1)[-1]
        raise UserError(f"{command[0]} ended with {done.returncode}: {last}")
    return done.stdout


def cpu_of(command: Sequence[str]) -> float:
    """User and system seconds of a program and all it starts. Raises UserError where it fails."""
    before = os.times()
    said(command)
    after = os.times()
    used = after.children_user - before.children_user
    return used + after.children_system - before.children_system


def in_turns(
    commands: Mapping[str, Sequence[str]], turns: int, progress: Callable[[str], None]
) -> dict[str, float]:
    """{name: median CPU seconds}. One turn before counts for none: files come into memory."""
    found: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(turns + 1):
        for name, command in commands.items():
            progress(f"{name}: {f'turn {turn} of {turns}' if turn else 'warming up'}")
            used = cpu_of(command)
            if turn:
                found[name].append(used)
    return {name: statistics.median(each) for name, each in found.items()}
