"""From a box's red to a phone's ring, in real time: `python tests/bench/trigger_to_phone.py [N]`.

Boxes of messages only, over MQTT and TLS to the real hub and broker; each of SQUARES squares has a
person whose phone is a plain `curl` on the hub's ntfy stream. A square goes red, is called for,
goes quiet, and is told so; then again, N incidents in all. Beside it, as a measure of this machine
now: how long the same curl takes to ask the same listener for what is there already (`poll=1`).
The limits are those promised: 3 s to the phone, 5 s from quiet to the all-clear, of which the
plan itself waits `calm`.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from hub_process import HubProcess
from ntfy_phone import somebody_with_phone
from scripted_unit import Box

from noisetamer.hub.squares.squares import Squares

INCIDENTS = 200
SQUARES = 10
CALM = 3
PLAN = {
    "begins": "red",
    "calm": CALM,
    "cool_down": 0,
    "step": [{"name": "property", "who": ["property"]}],
}
CALL_S, CLEAR_S = 3.0, 5.0


class Phone(threading.Thread):
    """curl, and when it heard what."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._curl = subprocess.Popen(
            ["curl", "-sN", "--noproxy", "*", url], stdout=subprocess.PIPE, text=True
        )
        self._heard: list[tuple[float, bool]] = []
        self._news = threading.Condition()
        self.open = threading.Event()
        self.start()

    def run(self) -> None:
        assert self._curl.stdout
        for line in self._curl.stdout:
            now = time.monotonic()
            said = json.loads(line)
            if said["event"] == "open":
                self.open.set()
            if said["event"] == "message":
                with self._news:
                    self._heard.append((now, said["priority"] > 3))
                    self._news.notify_all()

    def next(self, call: bool, timeout: float = 60.0) -> float:
        """When the next message came, which must be a call, or an all-clear."""
        with self._news:
            assert self._news.wait_for(lambda: self._heard, timeout), "no message came"
            at, is_call = self._heard.pop(0)
            assert is_call is call, "another message than the one expected"
            return at

    def end(self) -> None:
        self._curl.kill()
        self._curl.wait()


class Square(threading.Thread):
    """One square's evening. calls, clears: s from the box's message to the phone's line."""

    def __init__(self, box: Box, phone: Phone, times: int, seed: int) -> None:
        super().__init__(daemon=True)
        self._box, self._phone, self._times = box, phone, times
        self._chance = random.Random(seed)
        self.calls: list[float] = []
        self.clears: list[float] = []
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            for n in range(self._times):
                time.sleep(self._chance.uniform(0.2, 2.0))
                self.calls.append(self._go(2 * n + 1, "green", "red", True))
                time.sleep(self._chance.uniform(0.1, 1.0))
                self.clears.append(self._go(2 * n + 2, "red", "green", False))
        except BaseException as fault:
            self.fault = fault

    def _go(self, seq: int, before: str, after: str, call: bool) -> float:
        begin = time.monotonic()
        self._box.stage(seq, int(time.time()), before, after)
        return self._phone.next(call) - begin


def main(incidents: int) -> int:
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "hub"
        units = {f"SIM-{n:04}": f"广场{n}" for n in range(1, SQUARES + 1)}
        hub = HubProcess(data, *(f"--enrol={id}={square}" for id, square in units.items()))
        topics = _people(data, list(units.values()))
        phones = [Phone(f"{hub.url}{topic}/json") for topic in topics]
        assert all(phone.open.wait(60) for phone in phones)
        times = -(-incidents // SQUARES)
        squares = [
            Square(Box(hub.unit(id)), phone, times, n)
            for n, (id, phone) in enumerate(zip(units, phones, strict=True))
        ]
        for square in squares:
            square.start()
        polls: list[float] = []
        while any(square.is_alive() for square in squares):
            polls.append(_poll(f"{hub.url}{topics[0]}/json?poll=1&since=latest"))
            time.sleep(1)
        faults = [square.fault for square in squares if square.fault]
        for phone in phones:
            phone.end()
        hub.stop()
    if faults:
        print(f"not measured: {faults[0]!r}")
        return 1
    calls = [took for square in squares for took in square.calls]
    clears = [took for square in squares for took in square.clears]
    _print("box red to phone", calls, polls, CALL_S)
    _print(f"quiet to all-clear, {CALM} s of it calm", clears, polls, CLEAR_S)
    _print("curl asks the same listener", polls, polls, None)
    return int(_at(calls, 95) > CALL_S or _at(clears, 95) > CLEAR_S)


def _people(data: Path, squares: Sequence[str]) -> list[str]:
    """A person a square, and the topic of each one's phone."""
    kept = Squares(data / "squares.sqlite")
    for square in squares:
        kept.put(square, "escalation", PLAN, "bench", time.time())
    return [somebody_with_phone(data, f"of {one}", "property", [one])[1] for one in squares]


def _poll(url: str) -> float:
    begin = time.monotonic()
    subprocess.run(["curl", "-s", "--noproxy", "*", url], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin


def _print(what: str, took: Sequence[float], beside: Sequence[float], most: float | None) -> None:
    limit = f", at most {most:g} s promised" if most else ""
    ratio = statistics.median(took) / statistics.median(beside)
    print(
        f"{what}: {len(took)} times, median {statistics.median(took):.3f} s, "
        f"p95 {_at(took, 95):.3f} s, longest {max(took):.3f} s, {ratio:.1f} x curl{limit}",
        flush=True,
    )


def _at(took: Sequence[float], percent: int) -> float:
    """The value that so many percent do not exceed."""
    return sorted(took)[max(0, -(-len(took) * percent // 100) - 1)]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else INCIDENTS))
