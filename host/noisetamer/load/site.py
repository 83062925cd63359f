"""The hub that a load speaks to: one of its own, or one that runs already."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.hub import address
from noisetamer.hub.registry import Units

_READY_SECONDS = 120.0
_ANSWER_SECONDS = 5.0
# A store whose disk has less room than that may be kept from its next commit.
_ROOM = 1 << 20
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Site(ABC):
    """data: the hub's folder."""

    def __init__(self, data: Path) -> None:
        self.data = data

    @abstractmethod
    def processes(self) -> dict[str, list[int]]:
        """{what: numbers of its processes}, as they run now: "hub", "broker"."""

    def address(self) -> tuple[str, int]:
        """Where units connect. Raises UserError."""
        told = address.told(self.data)
        if told is None:
            raise UserError(
                f"No hub has run in {self.data} yet: start it with 'noisetamer hub --data "
                f"{self.data}', or leave --hub away and the load starts one of its own."
            )
        return told

    def addresses(self) -> list[tuple[str, int]]:
        """All where units connect, each to one of them. Raises UserError."""
        return [self.address()]

    def enrol(self, units: list[str]) -> None:
        """Raises UserError."""
        Units(self.data / "units.sqlite").enrol_all(units)


class NamedHub(Site):
    """A hub that somebody else has started; it is left running."""

    def address(self) -> tuple[str, int]:
        """Where units connect. Raises UserError where no hub runs."""
        told = super().address()
        if not self.processes()["hub"]:
            raise UserError(
                f"No hub runs in {self.data} now: start it with 'noisetamer hub --data "
                f"{self.data}', or leave --hub away and the load starts one of its own."
            )
        return told

    def processes(self) -> dict[str, list[int]]:
        hub = _holder_of(self.data / "lock")
        return {"hub": [hub] if hub else [], "broker": children(hub, "nats-server") if hub else []}


class OwnHub(Site):
    """A hub of the load's own, started and ended by it."""

    def __init__(self, data: Path, named: str = "with --data") -> None:
        """named: how another folder is."""
        super().__init__(data)
        self._named = named
        data.mkdir(parents=True, exist_ok=True)
        # only now is there a first unit to make the registry for
        self._process: subprocess.Popen[str] | None = None
        self.said: deque[str] = deque(maxlen=200)
        self._port = 0

    def start(self) -> None:
        """Until it is ready. Raises UserError with its reason."""
        told = address.told(self.data)
        command = [sys.executable, "-m", "noisetamer.hub", "--data", str(self.data)]
        command += ["--port", str(self._port), "--mqtt-port", str(told[1] if told else 0)]
        self._process = process = subprocess.Popen(
            [*command, "--name", "127.0.0.1", "--with-parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(process, ready), daemon=True)
        self._reader.start()
        until = time.monotonic() + _READY_SECONDS
        while not ready.wait(0.1):
            if process.poll() is not None or time.monotonic() > until:
                raise UserError(f"The hub of the load did not start: {self._why()}")

    def look(self) -> None:
        """Raises UserError where it has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            raise UserError(f"The hub of the load has ended: {self._why()}")

    def look_closely(self) -> None:
        """As `look`, and where it says of itself that it is not well; takes seconds at most."""
        self.look()
        if self._is_ill():
            raise UserError(f"The hub of the load cannot go on: {self._why()}")

    def processes(self) -> dict[str, list[int]]:
        if self._process is None or self._process.poll() is not None:
            return {"hub": [], "broker": []}
        hub = self._process.pid
        return {"hub": [hub], "broker": children(hub, "nats-server")}

    async def kill(self) -> None:
        """As a power cut of this one program; its broker goes with it."""
        assert self._process is not None
        process, self._process = self._process, None
        process.kill()
        await asyncio.to_thread(process.wait)

    async def restart(self) -> None:
        """Raises UserError."""
        await asyncio.to_thread(self.start)

    def stop(self) -> None:
        """In order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def _is_ill(self) -> bool:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=_ANSWER_SECONDS)) as page:
            try:
                page.request("GET", "/health")
                return page.getresponse().status == HTTPStatus.SERVICE_UNAVAILABLE
            except (OSError, HTTPException):
                # busy, or about to end
                return False

    def _why(self) -> str:
        try:
            with tempfile.TemporaryFile(dir=self.data) as probe:
                probe.write(bytes(_ROOM))
                probe.flush()
        except OSError as error:
            return (
                f"{self.data} cannot be written: {error.strerror}; free some space or name "
                f"another folder {self._named}."
            )
        assert self._process is not None
        code = self._process.poll()
        if code is not None:
            # its last words may still be in the pipe
            self._reader.join(_ANSWER_SECONDS)
        if code is not None and code < 0:
            return f"it was killed ({signal.Signals(-code).name})"
        return self.said[-1] if self.said else f"it did not say why (exit status {code})"

    def _read(self, process: "subprocess.Popen[str]", ready: threading.Event) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.said.append(line.rstrip())
            if line.startswith("ready: "):
                self._port = int(line.rstrip("/\n ").rsplit(":", 1)[1])
                # from here on it complains or is silent
                self.said.clear()
                ready.set()


class Meter:
    """CPU that a site's processes have used, those too that have ended since."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._of: dict[str, dict[int, float]] = {"hub": {}, "broker": {}}

    def look(self) -> dict[str, float]:
        """{what: s so far}; what a process uses between the last look and its end is not seen."""
        for what, processes in self._site.processes().items():
            for process in processes:
                self._of[what][process] = cpu(process) or self._of[what].get(process, 0.0)
        return {what: sum(each.values()) for what, each in self._of.items()}


def children(parent: int, program: str) -> list[int]:
    """Numbers of a process's children that run this program."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            of = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if of == parent and command[0].endswith(program.encode()):
            found.append(int(folder.name))
    return found


def cpu(process: int) -> float:
    """s that a process has used so far; 0 where it is gone."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(stat[11]) + int(stat[12])) / _TICKS


def rss(process: int) -> int:
    """Bytes that a process has in memory; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def _holder_of(lock: Path) -> int | None:
    """Who has locked a file, by /proc/locks: a hub locks one in its folder."""
    try:
        inode = lock.stat().st_ino
        for line in Path("/proc/locks").read_text().splitlines():
            words = line.split()
            if words[1] == "FLOCK" and words[5].rsplit(":", 1)[-1] == str(inode):
                return int(words[4])
    except (OSError, IndexError, ValueError):
        return None
    return None
