"""pytest's workers are forks of the process that starts them, which has imported the modules of
the tests that are asked for: each of them would import the same again, for as long as hundreds of
tests take.
"""

import atexit
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType
from typing import IO, NoReturn

import execnet.gateway_io
import pytest
from execnet.gateway_base import ExecModel, Popen2IO

_Ends = tuple[int, IO[bytes], IO[bytes]]
"""Of a fork: its number, what goes to it, and what comes of it."""


class _Fork(Popen2IO):
    """A worker, in the place of one that execnet starts as a program."""

    def __init__(self, execmodel: ExecModel, pid: int, to_it: IO[bytes], of_it: IO[bytes]) -> None:
        super().__init__(to_it, of_it, execmodel=execmodel)
        self._pid = pid

    def wait(self) -> int | None:
        try:
            return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        except ChildProcessError:  # it was waited for
            return None

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)


def pytest_xdist_setupnodes(config: pytest.Config, specs: list) -> None:
    if sys.platform != "linux" or not all(spec.popen and not spec.python for spec in specs):
        return
    session = config.pluginmanager.get_plugin("session")
    assert isinstance(session, pytest.Session)
    try:
        for argument in config.args:
            path = config.invocation_params.dir / argument.partition("::")[0]
            kind = pytest.Dir if path.is_dir() else pytest.Module
            _import(kind.from_parent(session, path=path))
    except (Exception, pytest.skip.Exception):
        # What of it is imported may be half a module. Workers that begin with nothing say it.
        return
    # All before the first is spoken to: for that execnet has threads.
    forks: list[_Ends] = []
    for _ in specs:
        forks.append(_fork(forks))
    start = execnet.gateway_io.create_io

    def create_io(spec, execmodel):
        # One that crashed is replaced by a program.
        return _Fork(execmodel, *forks.pop(0)) if forks else start(spec, execmodel)

    execnet.gateway_io.create_io = create_io


def _import(node: pytest.Collector) -> None:
    if isinstance(node, pytest.Module):
        assert node.obj
        return
    for inside in node.collect():
        if isinstance(inside, pytest.Collector):
            _import(inside)


def _fork(others: Sequence[_Ends]) -> _Ends:
    its_input, to_it = os.pipe()
    of_it, its_output = os.pipe()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    pid = os.fork()
    if not pid:
        # Theirs are open as long as the parent's are, and no longer.
        for _, to_other, of_other in others:
            to_other.close()
            of_other.close()
        os.close(to_it)
        os.close(of_it)
        _work(its_input, its_output)
    os.close(its_input)
    os.close(its_output)
    return pid, os.fdopen(to_it, "wb"), os.fdopen(of_it, "rb")


def _work(its_input: int, its_output: int) -> NoReturn:
    """As `python -c "exec(eval(sys.stdin.readline()))"`, execnet's own worker."""
    code = 1
    try:
        os.dup2(its_input, 0)
        os.dup2(its_output, 1)
        sys.stdin = os.fdopen(0, "rb", buffering=0, closefd=False)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        # Processes of multiprocessing import what theirs has begun with.
        sys.modules["__main__"] = ModuleType("__main__")
        sys.argv = ["-c"]
        exec(eval(sys.stdin.readline()), {"__name__": "__main__"})
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stderr.flush()
        os._exit(code)
