"""Child processes: they ignore Ctrl-C, which the parent handles, and end with their parent."""

import fcntl
import multiprocessing
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext
from typing import Any


@contextmanager
def starting() -> Iterator[None]:
    """Children started inside ignore SIGINT (Ctrl-C).

    It is blocked here meanwhile: one that arrives is delivered at the end.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def spawning() -> SpawnContext:
    """For processes that begin as new programs; get it before `starting`."""
    # Their first would start it, which unblocks SIGINT.
    resource_tracker.ensure_running()
    return multiprocessing.get_context("spawn")


def follow_parent() -> None:
    """Call first in a child: it exits as soon as its parent has ended, for whatever reason."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def pools_work() -> bool:
    """Whether Python's pools of processes do: they want semaphores, which are files in /dev/shm.
    Where that is missing or read-only, threads that wait for programs do as well."""
    try:
        multiprocessing.get_context("fork").Lock()
    except (OSError, ImportError):
        return False
    return True


def tie(child: int, end: int) -> None:
    """A process that is not ours inside ends with us, at once, whatever it is busy with.

    `child`: its number. `end`: the reading end of a pipe that it has inherited, whose writing end
    only we hold. When that is closed, by our own death at the latest, the system sends SIGIO.
    """
    fcntl.fcntl(end, fcntl.F_SETOWN, child)
    fcntl.fcntl(end, fcntl.F_SETFL, os.O_ASYNC)


def run_tied(command: Sequence[str], **how: Any) -> subprocess.CompletedProcess[Any]:
    """As subprocess.run, of a program that may be long busy with what we then no longer want: it
    is tied to us. Raises OSError where it cannot be started."""
    end, ours = os.pipe()
    try:
        with subprocess.Popen(command, pass_fds=(end,), **how) as process:
            try:
                tie(process.pid, end)
                out, err = process.communicate()
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(command, process.returncode, out, err)
    finally:
        os.close(end)
        os.close(ours)
