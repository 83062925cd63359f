"""The parts of the demo, each a process of its own, all ended together."""

import dataclasses
import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any

from noisetamer.base.child_processes import follow_parent, spawning, starting
from noisetamer.base.errors import UserError
from noisetamer.base.output import room
from noisetamer.base.paths import BOARDS
from noisetamer.demo.box_view import BoxView
from noisetamer.hub.address import connection_for
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.people import People
from noisetamer.hub.people.tickets import LOGIN
from noisetamer.simulate.unit_run import Hub, UnitRun, play
from noisetamer.square.scenario import Scenario
from noisetamer.square.sounds.recording import recording
from noisetamer.unit.boards import board_file
from tamer.judge.stages import RED

# A name in the certificate of every hub; units dial the address.
_NAME, _ADDRESS = "localhost", "127.0.0.1"

# Where the units stand, as far as names reach.
_PLACES = ("东门 East Gate", "西门 West Gate", "南门 South Gate", "北门 North Gate")

_PATIENCE_S = 10


class HubProcess:
    """The hub with its broker, and the boxes on its page."""

    def __init__(self, data: Path, port: int, units: list[str], on_music: Callable[[float], None]):
        """`on_music` gets the slider of the page, dB, in a thread of its own."""
        self._on_music = on_music
        command = [sys.executable, "-m", "noisetamer.demo.hub", "--data", str(data)]
        command += ["--port", str(port), "--mqtt-port", "0"]
        # links in messages lead to the host of the page, where the browser is logged in
        command += ["--name", _ADDRESS]
        # The square lives at the time of its story.
        command += ["--no-tell-time"]
        for unit, place in zip_longest(units, _PLACES[: len(units)]):
            command += ["--enrol", f"{unit}={place}" if place else unit]
        self._data = data
        self._people = People(data / "people.sqlite")
        self._account = self._people.accounts.add("demo", "admin", HUB)
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
                threading.Thread(target=self._read_music, daemon=True).start()
                return line.removeprefix("ready: ").strip()
        self._reader.join()
        reason = self._complaints[-1] if self._complaints else "it said nothing"
        raise UserError(f"the hub did not start: {reason.removeprefix('noisetamer hub: ')}")

    def login(self) -> str:
        """The path that logs a browser in, once."""
        return f"welcome/{self._people.tickets.make(LOGIN, self._account, HUB)}"

    def _read_music(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._on_music(float(line.removeprefix("music ")))

    def show(self, view: dict[str, Any]) -> None:
        """What a box shows, or what the story is, for the page."""
        if self._process.stdin:
            # A hub that has ended is noticed elsewhere.
            with suppress(BrokenPipeError):
                self._process.stdin.write(json.dumps(view, ensure_ascii=False) + "\n")
                self._process.stdin.flush()

    def for_unit(self, unit: str) -> Hub:
        """What this unit needs to report here."""
        given = connection_for(self._data, unit)
        certificate = Path(given["ca_der_path"])
        secrets = given["secret"], given["command"], given["chain"]
        return Hub(_ADDRESS, given["port"], _NAME, certificate, *secrets)

    def ended(self) -> bool:
        """Whether it has stopped by itself."""
        return self._process.poll() is not None

    def end(self) -> None:
        """Ask it to end, and wait; only one that will not is killed."""
        if self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._people.close()


class UnitProcesses:
    """Every unit in its own process."""

    def __init__(self, runs: list[UnitRun], folder: Path):
        context = spawning()
        self._events = context.Queue()
        self._music_dB = context.Value("d", 0.0, lock=False)
        shared = (self._events, self._music_dB)
        self._processes = [
            context.Process(target=_unit, args=(run, folder / run.name, *shared), daemon=True)
            for run in runs
        ]
        with starting():
            for process in self._processes:
                process.start()

    def events(self, patience_s: float) -> Iterator[dict[str, Any]]:
        """What happens, as it happens; returns after a pause.

        Trace lines that are events, views of BoxView, and at a unit's end {"unit", "ended": the
        loudest valid second, dB or None, "limit": of that second, "red": whether it ever was}.
        """
        try:
            while True:
                yield self._events.get(timeout=patience_s)
        except queue.Empty:
            return

    def turn_music(self, dB: float) -> None:
        """So much louder than in the story, in every square."""
        self._music_dB.value = dB

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


def _unit(run: UnitRun, folder: Path, events: Any, music_dB: Any) -> None:
    follow_parent()

    def stop(*_: object) -> None:
        # What nobody reads any more must not be waited for.
        events.cancel_join_thread()
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    end: dict[str, Any] = {"unit": run.name, "ended": None, "limit": None, "red": False}

    def pass_on(line: dict[str, Any]) -> None:
        if "event" in line or "world" in line:
            end["red"] |= line.get("to") == RED
            events.put(line)
        elif line["valid"] and (end["ended"] is None or line["LAeq"] > end["ended"]):
            end["ended"], end["limit"] = line["LAeq"], line["limit"]

    board = board_file.load(BOARDS / f"{run.board}.py")
    view = BoxView(run.name, board, run.pace <= 1, events.put, lambda: music_dB.value)
    try:
        with room():
            play(run, folder, lambda second: None, pass_on, view, pictures=False, traced=False)
    except UserError as error:
        events.put({"unit": run.name, "error": str(error)})
        sys.exit(1)
    events.put(end)


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
