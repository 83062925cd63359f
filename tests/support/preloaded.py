"""The hub as a process of its own that need not load again what it imports.

For each of pytest's workers one process imports it and forks: what runs is the program itself,
from its arguments on. To import the hub costs more than most tests do with it.
"""

import io
import multiprocessing
import os
import runpy
import sys
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

import hub_in_virtual_time

_HUB = "noisetamer.hub"
_PATH = "PYTHONPATH"

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["hub_imports"])


class PreloadedHub:
    """As `subprocess.Popen([python, "-m", "noisetamer.hub", *words])` with a pipe to its input,
    and one that has its output and its errors."""

    def __init__(self, words: list[str], time: Path | None = None) -> None:
        """time: of `hub_in_virtual_time`, whose hub it then is."""
        _begin()
        its_input, ours = _forks.Pipe(duplex=False)
        theirs, its_output = _forks.Pipe(duplex=False)
        path = os.environ.get(_PATH)
        self._process = _forks.Process(
            target=_run, args=(words, time, path, its_input, its_output)
        )
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


def _begin() -> None:
    """Have the process that forks. It takes none of our sys.path over (CPython 3.11), and of what
    it cannot find it says nothing."""
    before = os.environ.get(_PATH)
    os.environ[_PATH] = os.pathsep.join([str(Path(__file__).parent), *filter(None, [before])])
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ[_PATH]
        else:
            os.environ[_PATH] = before


def end_forks() -> None:
    """The process that forks is over: what it and its hubs have used is among our children's."""
    forkserver._forkserver._stop()  # pyright: ignore[reportAttributeAccessIssue]


def _text(end: Connection, mode: str) -> IO[str]:
    descriptor = os.dup(end.fileno())
    end.close()
    return os.fdopen(descriptor, mode, encoding="utf-8")


def _run(
    words: list[str],
    time: Path | None,
    path: str | None,
    its_input: Connection,
    its_output: Connection,
) -> None:
    # What the hub starts finds what it would without us.
    os.environ.pop(_PATH)
    if path is not None:
        os.environ[_PATH] = path
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
    if time:
        hub_in_virtual_time.run(hub_in_virtual_time.SharedTime(time))
        return
    runpy.run_module(_HUB, run_name="__main__", alter_sys=True)
