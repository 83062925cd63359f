"""A real box that hears a simulated square and reports to a real hub, faster than real time."""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from hub_process import HubProcess, until

from noisetamer.hub.store import chain_findings
from noisetamer.hub.wire import Event, Seconds
from noisetamer.hub.wire_v1 import read_stored
from noisetamer.simulate import trace
from noisetamer.simulate.unit_run import Hub, UnitRun, play
from noisetamer.square import scenario
from noisetamer.square.scenario import Scenario
from noisetamer.virtual import pipe
from noisetamer.virtual.box_message import BoxMessage, Speech
from noisetamer.virtual.firmware_process import Tier
from tamer.record.reading import MISSING, REASONS, Second

STORY = scenario.load("demo_square")
PACE = 20.0

_LEVELS = ("LAeq", "LAFmax", "LCeq", "LCpeak")


class _StoppedError(Exception):
    """The power has been cut."""


def reach(hub: HubProcess, unit: str = "SIM-0001", root: str = "") -> Hub:
    """What a unit must know to report to this hub. root: whose releases it takes."""
    given = hub.unit(unit)
    certificate = Path(given["ca_der_path"])
    at = ("127.0.0.1", given["port"], given["host"], certificate)
    return Hub(*at, given["secret"], given["command"], given["chain"], root)


class _Music:
    """A hand at the music, and an ear at the loudspeaker; an Onlooker."""

    def __init__(self) -> None:
        self.dB = 0.0
        self.spoken: list[tuple[float, Speech]] = []

    def sees(self, message: BoxMessage) -> None:
        if message.kind == pipe.SPEECH:
            self.spoken.append((time.monotonic(), message.speech()))

    def music_dB(self) -> float:
        return self.dB


class LiveBox:
    """SIM-0001 under power. `lines`: its trace so far."""

    def __init__(
        self,
        folder: Path,
        hub: HubProcess,
        tier: Tier,
        faults: Sequence[Sequence[str]] = (),
        story: Scenario = STORY,
        pace: float = PACE,
        root: str = "",
    ) -> None:
        """faults: (kind, from, to) of each; pace: simulated seconds a real one; root: whose
        releases it takes, as it reads that."""
        self.lines: list[dict[str, Any]] = []
        story = scenario.with_faults(story, faults)
        self._start = story.start
        self._music = _Music()
        self._run = UnitRun(story, 1, 0, story.duration_s, tier, pace, reach(hub, root=root))
        self._folder = folder
        self._second = 0
        self._stopping = False
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def now(self) -> int:
        """What time it is in its square, Unix s."""
        return self._start + self._second

    def turn_music(self, dB: float) -> None:
        """Somebody turns all music of the square, re the story's own."""
        self._music.dB = dB

    def spoken(self, since: float = 0.0) -> list[tuple[float, Speech]]:
        """What its amplifier was given since then, each with when it came; monotonic, s."""
        return [one for one in list(self._music.spoken) if one[0] >= since]

    def wait_for_second(self, second: int) -> None:
        """Until its clock is there."""
        until(lambda: self._failed or self._second >= second, f"second {second}")
        if self._failed:
            raise self._failed

    def run_on(self, seconds: int) -> None:
        """Let so many more simulated seconds pass."""
        self.wait_for_second(self._second + seconds)

    def seconds(self) -> list[Second]:
        return [as_second(line) for line in list(self.lines) if trace.is_second(line)]

    def events(self) -> list[tuple[int, str]]:
        """(t, kind) of all it did."""
        return [(line["t"], line["event"]) for line in list(self.lines) if "event" in line]

    def stop(self) -> None:
        """Cut the power."""
        self._stopping = True
        self._thread.join()

    def _live(self) -> None:
        def progress(second: int) -> None:
            self._second = second
            if self._stopping:
                raise _StoppedError

        try:
            play(self._run, self._folder, progress, self.lines.append, self._music)
        except _StoppedError:
            pass
        except Exception as error:
            self._failed = error


def as_second(line: dict[str, Any]) -> Second:
    """A line of a trace as the box had it."""
    levels = [MISSING if line[name] is None else round(10 * line[name]) for name in _LEVELS]
    return Second._make([line["t"], *levels, REASONS.index(line.get("reason", "valid"))])


class Ledger:
    """What a hub's store holds of SIM-0001."""

    def __init__(self, hub: HubProcess) -> None:
        with closing(sqlite3.connect(hub.data / "hub.sqlite")) as store:
            query = "SELECT body FROM record ORDER BY boot, seq"
            self.records = [read_stored("SIM-0001", body) for (body,) in store.execute(query)]
            self.acknowledged = dict(store.execute("SELECT boot, seq FROM acked").fetchall())
            self.findings = chain_findings.findings(store, ["SIM-0001"], 0, 1 << 40)
            last = self.records[-1] if self.records else None
            self.chain = last and chain_findings.standing(
                store, "SIM-0001", last.boot, 1, last.seq
            )

    def seconds(self, boot: int = 1) -> list[Second]:
        """In the order the box numbered them, each as often as it is stored."""
        return [
            second
            for record in self.records
            if record.boot == boot and isinstance(record, Seconds)
            for second in record.seconds
        ]

    def events(self, boot: int = 1) -> list[tuple[int, str]]:
        return [
            (record.t, record.kind)
            for record in self.records
            if record.boot == boot and isinstance(record, Event)
        ]

    def numbers(self, boot: int = 1) -> list[int]:
        return [record.seq for record in self.records if record.boot == boot]


def caught_up(hub: HubProcess, second: int) -> Ledger:
    """Wait until everything before that second of the story has arrived."""

    def complete() -> Ledger | None:
        ledger = Ledger(hub)
        numbers = ledger.numbers()
        last = ledger.seconds()[-1].t if ledger.seconds() else 0
        whole = numbers == list(range(1, len(numbers) + 1))
        return ledger if whole and last >= STORY.start + second else None

    return until(complete, f"everything before second {second} in the store")


def must_agree(box: LiveBox, ledger: Ledger) -> None:
    """Every Second and event of the box is in the store, equal, exactly once."""
    assert ledger.chain and (ledger.findings, ledger.chain.word) == ([], "whole")
    stored, lived = ledger.seconds(), box.seconds()
    assert not [t for t, times in Counter(second.t for second in stored).items() if times > 1]
    # Each side may already be a little further than the other.
    until_t = min(stored[-1].t, lived[-1].t)
    assert [s for s in stored if s.t <= until_t] == [s for s in lived if s.t <= until_t]
    assert [second.t for second in stored] == list(range(stored[0].t, stored[-1].t + 1))
    reported = [event for event in ledger.events() if event[0] <= until_t]
    assert reported == [event for event in box.events() if event[0] <= until_t]
