"""The hub as a process of its own that need not load again what it imports.

For each of pytest's workers one process imports it and forks: what runs is the program itself,
from its arguments on. To import the hub costs more than most tests do with it.
"""

import io
import multiprocessing
import os
import runpy
import sys
from multiprocessing.connection import Connection
from typing import IO

_HUB = "noisetamer.hub"

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([f"{_HUB}.serve"])


class PreloadedHub:
    """As `subprocess.Popen([python, "-m", "noisetamer.hub", *words])` with a pipe to its input,
    and one that has its output and its errors."""

    def __init__(self, words: list[str]) -> None:
        its_input, ours = _forks.Pipe(duplex=False)
        theirs, its_output = _forks.Pipe(duplex=False)
        self._process = _forks.Process(target=_run, args=(words, its_input, its_output))
        self._process.start()
        its_input.close()
        its_output.close()
        assert self._process.pid is not None
        self.pid = self._process.pid
        self.stdin = _text(ours, "w")
        self.stdout = _text(theirs, "r")

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"the hub still runs after {timeout} s")
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


def _text(end: Connection, mode: str) -> IO[str]:
    descriptor = os.dup(end.fileno())
    end.close()
    return os.fdopen(descriptor, mode, encoding="utf-8")


def _run(words: list[str], its_input: Connection, its_output: Connection) -> None:
    os.dup2(its_input.fileno(), 0)
    os.dup2(its_output.fileno(), 1)
    os.dup2(1, 2)
    its_input.close()
    its_output.close()
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(number, "w", closefd=False), "utf-8", write_through=True)
        for number in (1, 2)
    )
    sys.argv = [_HUB, *words]
    runpy.run_module(_HUB, run_name="__main__", alter_sys=True)
