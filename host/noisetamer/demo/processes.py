"""The parts of the demo, each a process of its own, all ended together."""

import dataclasses
import multiprocessing
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from noisetamer.base.child_processes import follow_parent, starting
from noisetamer.base.errors import UserError
from noisetamer.hub.address import connection_for
from noisetamer.simulate.unit_run import Hub, UnitRun, play
from noisetamer.square.scenario import Scenario
from noisetamer.square.sounds.recording import recording

# The certificate's name for this machine; units dial its address.
_NAME, _ADDRESS = "localhost", "127.0.0.1"

_PATIENCE_S = 10


class HubProcess:
    """The hub with its broker, as `noisetamer hub` runs it."""

    def __init__(self, data: Path, port: int, units: list[str]):
        command = [sys.executable, "-m", "noisetamer.hub", "--data", str(data)]
        command += ["--port", str(port), "--mqtt-port", "0", "--name", _NAME, "--with-parent"]
        # The square lives at the time of its story.
        command += ["--no-tell-time"]
        for unit in units:
            command += ["--enrol", unit]
        self._data = data
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._complaints: list[str] = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read_complaints, daemon=True)
        self._reader.start()

    def _read_complaints(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._complaints.append(line.rstrip())
            # Until then it is the reason why it did not start, see `address`.
            if self._ready.is_set():
                print(f"hub: {line.rstrip()}", file=sys.stderr)

    def address(self) -> str:
        """Where the page is, as soon as it is there. Raises UserError with the hub's reason."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("ready: "):
                self._ready.set()
                return line.removeprefix("ready: ").strip()
        self._reader.join()
        reason = self._complaints[-1] if self._complaints else "it said nothing"
        raise UserError(f"the hub did not start: {reason.removeprefix('noisetamer hub: ')}")

    def for_unit(self, unit: str) -> Hub:
        """What this unit needs to report here."""
        given = connection_for(self._data, unit)
        certificate = Path(given["ca_der_path"])
        return Hub(_ADDRESS, given["port"], _NAME, certificate, given["secret"])

    def ended(self) -> bool:
        """Whether it has stopped by itself."""
        return self._process.poll() is not None

    def end(self) -> None:
        """Ask it to end, and wait; only one that will not is killed."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class UnitProcesses:
    """Every unit in its own process."""

    def __init__(self, runs: list[UnitRun], folder: Path):
        context = multiprocessing.get_context("spawn")
        self._events = context.Queue()
        self._processes = [
            context.Process(target=_unit, args=(run, folder / run.name, self._events), daemon=True)
            for run in runs
        ]
        with starting():
            for process in self._processes:
                process.start()

    def events(self, patience_s: float) -> Iterator[dict[str, Any]]:
        """What happens, as it happens: trace lines that are events; returns after a pause."""
        try:
            while True:
                yield self._events.get(timeout=patience_s)
        except queue.Empty:
            return

    def running(self) -> bool:
        """Whether any unit still plays."""
        return any(process.is_alive() for process in self._processes)

    def failed(self) -> bool:
        """Whether any unit ended with an error."""
        return any(process.exitcode for process in self._processes)

    def end(self) -> None:
        """Stop them all, and wait."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()


def _unit(run: UnitRun, folder: Path, events: Any) -> None:
    follow_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    def pass_on(line: dict[str, Any]) -> None:
        if "event" in line or "world" in line:
            events.put(line)

    try:
        play(run, folder, lambda second: None, pass_on)
    except UserError as error:
        events.put({"unit": run.name, "error": str(error)})
        sys.exit(1)


def with_music(story: Scenario, wav: Path) -> Scenario:
    """The story with a recording of the user's in place of the dance music."""
    try:
        recording(wav)
    except ValueError as wrong:
        raise UserError(f"{wav}: {wrong}") from None
    sources = tuple(
        dataclasses.replace(source, sound="recording", option=wav)
        if source.sound == "music"
        else source
        for source in story.sources
    )
    return dataclasses.replace(story, sources=sources)
