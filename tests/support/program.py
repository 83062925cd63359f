"""The installed program, run as a user runs it."""

import io
import os
import signal
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from waiting import DEADLINE, until

from noisetamer import cli
from noisetamer.base.paths import executable

PROGRAM = executable("noisetamer", "noisetamer")

_MARK = "NOISETAMER_TEST_RUN"


@dataclass(frozen=True)
class Ran:
    """What came of it. `wrong`: the lines on standard error, without a progress bar's blanks."""

    code: int
    out: str
    wrong: list[str]


def run(*words: object) -> Ran:
    """`noisetamer WORDS` by its own entry, in this process: it need not be loaded every time."""
    out, wrong = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(wrong):
        code = cli.run([str(word) for word in words])
    return Ran(code, out.getvalue(), _lines(wrong.getvalue()))


def run_program(*words: object) -> Ran:
    """`noisetamer WORDS` as a process of its own, to its end."""
    done = subprocess.run(
        [PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    return Ran(done.returncode, done.stdout, _lines(done.stderr))


class Running:
    """`noisetamer WORDS` in a terminal of its own, with everything it starts.

    Whatever it starts inherits a mark in its environment, so that none can hide.
    """

    def __init__(self, *words: object) -> None:
        self._mark = uuid.uuid4().hex
        self.out: list[str] = []
        self.wrong: list[str] = []
        with ctrl_c_heard():
            self.process = subprocess.Popen(
                [PROGRAM, *map(str, words)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, _MARK: self._mark},
                start_new_session=True,
            )
        self._readers = [
            threading.Thread(target=_read, args=pair, daemon=True)
            for pair in ((self.process.stdout, self.out), (self.process.stderr, self.wrong))
        ]
        for reader in self._readers:
            reader.start()

    def wait_for(self, words: str) -> str:
        """The first line on standard output that has these words."""

        def found() -> str:
            line = next((line for line in list(self.out) if words in line), "")
            if not line and self.process.poll() is not None:
                raise AssertionError(f"it ended ({self.process.returncode}): {self.wrong}")
            return line

        return until(found, f"the line with {words!r}")

    def ctrl_c(self) -> None:
        """As a terminal does it: to the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> int:
        """Wait for its end; the exit code."""
        code = self.process.wait(DEADLINE)
        for reader in self._readers:
            reader.join(DEADLINE)
        return code

    def family(self) -> set[int]:
        """Every process that runs because of it, itself included."""
        mark = f"{_MARK}={self._mark}".encode()
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.add(int(folder.name))
            except OSError:
                continue  # not ours, or gone meanwhile
        return found

    def listening(self) -> set[int]:
        """The TCP ports its processes listen on."""
        inodes = set()
        for pid in self.family():
            for link in Path(f"/proc/{pid}/fd").glob("*"):
                try:
                    target = str(link.readlink())
                except OSError:
                    continue
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])
        return {port for port, inode in _listeners() if inode in inodes}

    def kill_family(self) -> None:
        """For the end of a test that failed half way."""
        for pid in self.family():
            os.kill(pid, signal.SIGKILL)


@contextmanager
def ctrl_c_heard() -> Iterator[None]:
    """Programs started inside hear Ctrl-C, as from a terminal. Only in the main thread.

    A shell without job control has SIGINT ignored for what it starts in the background (`nohup`,
    `cmd &` in a script, some CI runners), and children inherit that; a handler they do not.
    """
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    mask = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)


def _listeners():
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = row.split()
        if fields[3] == "0A":
            yield int(fields[1].rsplit(":", 1)[1], 16), fields[9]


def _read(stream, lines: list[str]) -> None:
    for line in stream:
        lines.extend(_lines(line))


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
