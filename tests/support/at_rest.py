"""Whether processes have nothing to do: each of their threads sleeps, all at the same moment.

Linux wakes whom a byte, a signal or an end of waiting concerns within the system call that brings
it about. So where all sleep, and no byte is on its way that we have ourselves, nothing happens
until a timer fires.
"""

import os
from contextlib import suppress

_SLEEPS = b"SZX"


class AtRest:
    """Of a process and its children."""

    def __init__(self) -> None:
        # {thread's folder: (its schedstat, its stat)}, open
        self._files: dict[str, tuple[int, int]] = {}
        self._busy = ""  # a thread that was not long ago

    def __call__(self, pid: int) -> bool:
        """Whether it, and its children, all sleep; one that has ended does."""
        if self._busy in self._files and not self._sleeps(self._busy):
            return False
        # How often it was given a processor, and for how long: the same before and after means
        # that it has slept in between, where it slept at all.
        before = [self._read(thread, 0) for thread in self._files]
        for thread in self._files:
            if not self._sleeps(thread):
                self._busy = thread
                return False
        if before != [self._read(thread, 0) for thread in self._files]:
            return False
        # One that has made another, and sleeps, leaves a new one behind.
        return not self._look_for_others(pid)

    def close(self) -> None:
        for thread in [*self._files]:
            self._forget(thread)

    def _look_for_others(self, pid: int) -> bool:
        """Whether there are other threads than before."""
        found: set[str] = set()
        waiting = [pid]
        while waiting:
            one = waiting.pop()
            folder = f"/proc/{one}/task"
            with suppress(OSError), os.scandir(folder) as tasks:
                found.update([task.path for task in tasks])
                with open(f"{folder}/{one}/children", "rb", 0) as children:  # noqa: PTH123 (often)
                    waiting += map(int, children.read().split())
        if found == self._files.keys():
            return False
        for gone in self._files.keys() - found:
            self._forget(gone)
        for thread in found - self._files.keys():
            with suppress(OSError):
                first = os.open(f"{thread}/schedstat", os.O_RDONLY)
                self._files[thread] = first, os.open(f"{thread}/stat", os.O_RDONLY)
        return True

    def _forget(self, thread: str) -> None:
        for file in self._files.pop(thread):
            os.close(file)

    def _sleeps(self, thread: str) -> bool:
        state = self._read(thread, 1)
        return not state or state[state.rindex(b")") + 2] in _SLEEPS

    def _read(self, thread: str, which: int) -> bytes:
        """Nothing of one that has ended."""
        try:
            return os.pread(self._files[thread][which], 512, 0)
        except ProcessLookupError:
            return b""
