"""How large the evidence of an evening is, and what it costs to make and to verify.

    .venv/bin/python tests/bench/evidence_of_an_evening.py [HOURS] [UNITS]

Two boxes, four hours, too loud every twenty minutes: bytes of the bundle, CPU and memory of
making it in a process of its own, and CPU of the verifier. The bundle is to be below 2 MB, and
verified within a second.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from hub_with_an_evening import ROOT, SQUARE, list_keys
from scripted_unit import START, _enveloped

from noisetamer.hub import address
from noisetamer.hub.evidence.scope import Asked
from noisetamer.hub.incidents.book import Book
from noisetamer.hub.orders.ledger import Ledger
from noisetamer.hub.people.people import People
from noisetamer.hub.registry import Units
from noisetamer.hub.squares.squares import Squares
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Record, read_report
from noisetamer.proof import public_key, verify_evidence
from noisetamer.proof.verify_evidence import FALSE
from tamer.record import encoding
from tamer.record.reading import OWN_VOICE, Second

EVERY, LONG = 1200, 120  # s: from one time that is too loud to the next, and how long it is


class Box:
    """Levels wander as those of a square with music do; each time it warns twice."""

    def __init__(self, unit: str, seed: int) -> None:
        self.unit = unit
        self._random = random.Random(seed)
        self._sequence = 0

    def told(self, t: int) -> list[Record]:
        """Ten seconds, and the events before them."""
        since = (t - START) % EVERY
        found = []
        level = 700 if since < LONG else 560
        if since == 0:
            found.append(self._stage(t, "green", "polite"))
        if since in (0, 60):
            words = {"message": "warning_zh", "number": 1 + since // 60}
            found.append(self._event(t, "warning", stage="polite", volume=0, **words))
        if since in (60, LONG):
            words = {"message": "warning_zh", "number": since // 60}
            outcome = {"stage": "polite", "effective": since == LONG, "after": 20}
            found.append(self._event(t, "outcome", **outcome, **words))
        if since == LONG:
            found.append(self._stage(t, "polite", "green"))
        batch = []
        for i in range(10):
            A = level + round(self._random.gauss(0, 12))
            F, C, peak = (A + round(self._random.gauss(by, 9)) for by in (20, 80, 190))
            batch.append(Second(t + i, A, F, C, peak, OWN_VOICE if since in (0, 60) else 0))
        code, payload = encoding.shortest(batch)
        return [*found, self._record(code, t, bytes(payload))]

    def _stage(self, t: int, before: str, after: str) -> Record:
        level = 700 if after != "green" else 560
        return self._event(t, "stage", **{"from": before, "to": after}, limit=650, level=level)

    def _event(self, t: int, kind: str, **fields: object) -> Record:
        return self._record(encoding.EVENT, t, encoding.of_event(kind, fields))

    def _record(self, code: int, t: int, payload: bytes) -> Record:
        self._sequence += 1
        record = encoding.record(code, 1, self._sequence, t, payload)
        found = read_report(f"dev.{self.unit}.record", _enveloped(1, record))
        assert isinstance(found, Record)
        return found


def evening(folder: Path, hours: float, units: int) -> None:
    """A hub's folder with it."""
    registry = Units(folder / "units.sqlite")
    boxes = [Box(f"SIM-{number:04}", number) for number in range(1, units + 1)]
    for box in boxes:
        registry.enrol(box.unit, square=SQUARE)
    Squares(folder / "squares.sqlite")
    Ledger(folder / "orders.sqlite").close()
    People(folder / "people.sqlite").close()
    Book(folder / "incidents.sqlite").close()
    address.write(folder, "hub.example", 8883)
    store = Store(folder / "hub.sqlite")
    for begin in range(START, START + int(3600 * hours), 600):
        batch = [
            one for t in range(begin, begin + 600, 10) for box in boxes for one in box.told(t)
        ]
        store.append(begin + 600.0, batch)
    store.close()
    list_keys(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hours", nargs="?", type=float, default=4.0)
    parser.add_argument("units", nargs="?", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder) / "hub", Path(folder) / "evidence.zip"
        data.mkdir()
        evening(data, asked.hours, asked.units)
        until = START + int(3600 * asked.hours)
        told = {"by": "chen", "reason": "bench", "square": SQUARE, "since": START, "until": until}
        request = {"data": str(data), "out": str(out), "log_key": "", "asked": told}
        assert Asked(**told)
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "noisetamer.hub.evidence.making"],
            input=json.dumps(request),
            text=True,
            capture_output=True,
            check=True,
        )
        took = time.monotonic() - began
        cost = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(done.stdout.splitlines()[-1])
        data_bytes = out.read_bytes()
        began = time.process_time()
        report = verify_evidence.verify(data_bytes, root=public_key.pem(ROOT.public))
        verified = time.process_time() - began
        wrong = [line.text for line in report.lines if line.state == FALSE]
        print(
            f"bundle    {len(data_bytes) / 1e6:.3f} MB of {asked.hours:g} h, {asked.units} boxes"
        )
        print(f"made in   {cost.ru_utime + cost.ru_stime:.2f} s of CPU, {took:.2f} s in all")
        print(f"memory    {cost.ru_maxrss / 1024:.0f} MB at most")
        print(f"verified  {verified:.2f} s of CPU, {len(wrong)} claims false {wrong}")
        small = asked.hours * asked.units > 8 or len(data_bytes) < 2e6
        sys.exit(0 if small and not wrong else 1)


if __name__ == "__main__":
    main()
