"""Whether processes have nothing to do: each of their threads sleeps, all at the same moment.

Linux wakes whom a byte, a signal or an end of waiting concerns within the system call that brings
it about. So where all sleep, and no byte is on its way that we have ourselves, nothing happens
until a timer fires.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

_SLEEPS = b"SZX"
# Where the number of a process's threads stands in stat, from the state on (man proc_pid_stat).
_THREADS = 17
# Of the number of a process's own clock (man clock_getcpuclockid; Linux's posix-timers_types.h).
_CPUCLOCK_SCHED = 2


class AtRest:
    """Of a process and its children."""

    def __init__(self) -> None:
        # {thread's folder: its stat, open}
        self._threads: dict[str, int] = {}
        # {first thread's folder of each process: (its children, open; who they were)}
        self._processes: dict[str, tuple[int, bytes]] = {}
        self._clocks: list[int] = []
        self._busy = ""  # a thread that was not long ago

    def __call__(self, pid: int) -> bool:
        """Whether it, and its children, all sleep; one that has ended does."""
        busy = self._threads.get(self._busy)
        if busy and not _sleeps(_read(busy)):
            return False
        # How long they were given a processor: the same before and after means that each has slept
        # in between, where it slept at all.
        before = [_used(clock) for clock in self._clocks]
        states: dict[str, bytes] = {}
        for thread, stat in self._threads.items():
            state = states[thread] = _read(stat)
            if not _sleeps(state):
                self._busy = thread
                return False
        # One that has made another, and sleeps, leaves a new one behind.
        found = self._are_all(pid, states)
        if before != [_used(clock) for clock in self._clocks]:
            return False
        if not found:
            self._find(pid)
        return found

    def close(self) -> None:
        for stat in self._threads.values():
            os.close(stat)
        for children, _ in self._processes.values():
            os.close(children)
        self._threads, self._processes, self._clocks = {}, {}, []

    def _are_all(self, pid: int, states: dict[str, bytes]) -> bool:
        """Whether there are no other threads than these."""
        if not self._processes:
            return not Path(_first(pid)).exists()
        if not all(states.values()) or _first(pid) not in self._processes:
            return False
        threads = 0
        for first, (children, were) in self._processes.items():
            if _read(children) != were:
                return False
            threads += int(states[first][states[first].rindex(b")") + 2 :].split()[_THREADS])
        return threads == len(states)

    def _find(self, pid: int) -> None:
        """Open what tells of all threads that there are now."""
        self.close()
        waiting = [pid]
        while waiting:
            one = waiting.pop()
            first = _first(one)
            self._clocks.append(~one << 3 | _CPUCLOCK_SCHED)
            with suppress(OSError):
                children = os.open(f"{first}/children", os.O_RDONLY)
                self._processes[first] = children, _read(children)
                waiting += map(int, self._processes[first][1].split())
                for thread in map(str, Path(first).parent.iterdir()):
                    self._threads[thread] = os.open(f"{thread}/stat", os.O_RDONLY)


def _first(pid: int) -> str:
    return f"/proc/{pid}/task/{pid}"


def _sleeps(stat: bytes) -> bool:
    return not stat or stat[stat.rindex(b")") + 2] in _SLEEPS


def _used(clock: int) -> int:
    """ns of processor, of all threads of a process; -1 of one that has ended."""
    try:
        return time.clock_gettime_ns(clock)
    except OSError:
        return -1


def _read(file: int) -> bytes:
    """Nothing of a thread that has ended."""
    try:
        return os.pread(file, 512, 0)
    except ProcessLookupError:
        return b""
