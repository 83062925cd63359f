"""The real hub as a process of its own, with its real broker, in a folder."""

import signal
import threading
import weakref
from collections.abc import Collection
from pathlib import Path
from typing import Any

import httpx
from logged_in import LoggedIn, log_in
from preloaded import PreloadedHub
from waiting import DEADLINE, until

from noisetamer.hub.address import Connection, connection_for

KNOWN: weakref.WeakSet["HubProcess"] = weakref.WeakSet()


class HubProcess:
    """`python -m noisetamer.hub` on free ports; the page keeps its port over restarts."""

    def __init__(
        self,
        data: Path,
        *options: str,
        tell_time: bool = False,
        time: Path | None = None,
    ) -> None:
        """tell_time: the real one, to units that may live at another. time: of
        `hub_in_virtual_time`, where the hub lives in it."""
        self.data = data
        self._time = time
        if not tell_time:
            options += ("--no-tell-time",)
        self._options = options
        self.port = 0
        self._secret = ""
        self.lines: list[str] = []
        KNOWN.add(self)
        self.start()

    def start(self) -> None:
        words = [
            *("--data", str(self.data), "--port", str(self.port), "--mqtt-port", "0"),
            *("--with-parent", *self._options),
        ]
        self.process = PreloadedHub(words, self._time)
        self.lines.clear()
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        until(lambda: self.ready or self.process.poll() is not None, "the hub's ready line")
        assert self.ready, self.lines
        self.port = int(self.url.rsplit(":", 1)[1].strip("/"))
        # now: later the disk may be full
        self._secret = self._secret or self.log_in()

    @property
    def ready(self) -> bool:
        return any(line.startswith("ready: ") for line in self.lines)

    @property
    def url(self) -> str:
        return next(line for line in self.lines if line.startswith("ready: ")).split()[1]

    def log_in(self, role: str = "admin", squares: Collection[str] | None = None) -> str:
        """The secret of a session, for a cookie."""
        return log_in(self.data, role, squares)

    def client(self, role: str = "admin", squares: Collection[str] | None = None) -> LoggedIn:
        """A program that is logged in."""
        return LoggedIn(self.url, self.log_in(role, squares))

    def get(self, path: str, **options: Any) -> httpx.Response:
        """What an administrator gets there; path: below the hub's address, "" for its page."""
        with LoggedIn(self.url, self._secret) as client:
            return client.get(path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """What comes of an administrator's change."""
        with LoggedIn(self.url, self._secret) as client:
            return client.post(path, **options)

    def cookies(
        self, role: str = "admin", squares: Collection[str] | None = None, name: str = ""
    ) -> list[Any]:
        """For `BrowserContext.add_cookies`: a browser that is logged in."""
        secret = log_in(self.data, role, squares, name)
        told = {"name": "session", "value": secret, "url": self.url}
        return [told | {"httpOnly": True, "sameSite": "Strict"}]

    def unit(self, id: str = "SIM-0001") -> Connection:
        return connection_for(self.data, id)

    def says(self, words: str) -> bool:
        return any(words in line for line in self.lines)

    def broker_pid(self) -> int:
        """The nats-server that is this hub's child."""
        return until(self._broker_pid, "a running broker")

    def kill(self) -> None:
        """As a power cut would: no chance to tidy up."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(DEADLINE)

    def last_words(self) -> str:
        """Its own, and what its broker has complained of."""
        log = self.data / "broker" / "nats.log"
        said = log.read_text(errors="replace").splitlines() if log.exists() else []
        complaints = [line for line in said if "[INF]" not in line]
        return "\n".join([*self.lines[-10:], *complaints[-10:]])

    def _broker_pid(self) -> int | None:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if parent == self.process.pid and command[0].endswith(b"nats-server"):
                return int(folder.name)
        return None

    def _read(self, process: PreloadedHub) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if process is self.process:
                self.lines.append(line.rstrip())


def runs(pid: int) -> bool:
    process = Path(f"/proc/{pid}")
    try:
        state = (process / "stat").read_text().rsplit(")", 1)[1].split()[0]
        # Until its last thread has ended, a killed process still holds its ports.
        return state != "Z" or len(list((process / "task").iterdir())) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False
