"""The hub as a process: alone in its folder, many files, an orderly end."""

import asyncio
import fcntl
import os
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from noisetamer.base.errors import UserError

MOST_FILES = 65_536


def allow_many_files() -> None:
    """As many open connections as the system lets us have; the broker inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def stop_on_signal(stopping: asyncio.Event, exit_with_stdin: bool) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    if exit_with_stdin:

        def wait_for_end() -> None:
            while os.read(sys.stdin.fileno(), 4096):
                pass
            loop.call_soon_threadsafe(stopping.set)

        # a thread: a standard input that is a file or /dev/null cannot be polled
        threading.Thread(target=wait_for_end, daemon=True).start()


@contextmanager
def alone_in(data: Path, name: str = "lock", option: str = "--data") -> Iterator[None]:
    """The data folder, for one hub at a time. name: of the file that is locked; option: by which
    another folder is named."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (data / name).open("w")
    except OSError as error:
        raise UserError(
            f"The data folder {data} cannot be used ({error.strerror}): "
            f"name another with {option}."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(
                f"Another hub is running in {data}: end it, or name another folder with {option}."
            ) from None
        yield
