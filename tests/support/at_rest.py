"""Whether processes have nothing to do: each of their threads sleeps, all at the same moment.

Linux wakes whom a byte, a signal or an end of waiting concerns within the system call that brings
it about. So where all sleep, and no byte is on its way that we have ourselves, nothing happens
until a timer fires.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class AtRest:
    """Of processes and their children."""

    def __init__(self) -> None:
        # {thread's folder: (its schedstat, its stat)}, open
        self._files: dict[str, tuple[int, int]] = {}

    def __call__(self, *pids: int) -> bool:
        """Whether they, and their children, all sleep; one that has ended does."""
        threads = self._threads(pids)
        # How often it was given a processor, and for how long: the same before and after means
        # that it has slept in between, where it slept at all.
        before = [self._read(thread, 0) for thread in threads]
        if not all(self._sleeps(thread) for thread in threads):
            return False
        after = [self._read(thread, 0) for thread in threads]
        # One that has made another, and sleeps, leaves a new one behind.
        return before == after and threads == self._threads(pids)

    def close(self) -> None:
        for thread in [*self._files]:
            self._forget(thread)

    def _threads(self, pids: Iterable[int]) -> list[str]:
        found: list[str] = []
        waiting = [*pids]
        while waiting:
            pid = waiting.pop()
            process = f"/proc/{pid}/task"
            with suppress(OSError), os.scandir(process) as tasks:
                for task in tasks:
                    found.append(task.path)
                    if task.path not in self._files:
                        self._open(task.path)
                children = Path(f"{process}/{pid}/children").read_text()
                waiting += map(int, children.split())
        for gone in self._files.keys() - set(found):
            self._forget(gone)
        return found

    def _open(self, thread: str) -> None:
        with suppress(OSError):
            first = os.open(f"{thread}/schedstat", os.O_RDONLY)
            self._files[thread] = first, os.open(f"{thread}/stat", os.O_RDONLY)

    def _forget(self, thread: str) -> None:
        for file in self._files.pop(thread):
            os.close(file)

    def _sleeps(self, thread: str) -> bool:
        state = self._read(thread, 1)
        return not state or state[state.rindex(b")") + 2 :][:1] in b"SZX"

    def _read(self, thread: str, which: int) -> bytes:
        """Nothing of one that has ended."""
        try:
            return os.pread(self._files[thread][which], 512, 0)
        except (KeyError, ProcessLookupError):
            return b""
