"""Seconds of a square, and how simulation and hub store them."""

from collections.abc import Iterable
from pathlib import Path

from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Seconds, read_record
from noisetamer.simulate.trace import Trace
from tamer.record import encoding
from tamer.record.reading import MISSING, REASONS, VALID, Second, reason

EVENING = 1795518000  # 2026-11-24 19:00 in China
UNIT = "SIM-0001"


def seconds(*stretches: tuple[int, int], t: int = EVENING) -> list[Second]:
    """(how many, LAeq in 0.1 dB) one after the other."""
    heard = []
    for length, level in stretches:
        for _ in range(length):
            heard.append(Second(t, level, level + 20, level + 60, level + 150, VALID))
            t += 1
    return heard


def as_trace(folder: Path, heard: Iterable[Second], unit: str = UNIT) -> Path:
    """A folder as `noisetamer simulate --out` leaves it."""
    with Trace(folder) as trace:
        trace.add({"unit": unit, "t": EVENING, "event": "boot"})
        for second in heard:
            levels = dict(zip(("LAeq", "LAFmax", "LCeq", "LCpeak"), second[1:5], strict=True))
            why = reason(second)
            line = {name: None if v == MISSING else v / 10 for name, v in levels.items()}
            line |= {"unit": unit, "t": second.t, "valid": why == VALID, "stage": "green"}
            trace.add(line | ({} if why == VALID else {"reason": REASONS[why]}))
    return folder


def as_hub(folder: Path, heard: list[Second], unit: str = UNIT) -> Path:
    """A folder as the hub keeps it."""
    folder.mkdir(exist_ok=True)
    store = Store(folder / "hub.sqlite")
    batches: list[list[Second]] = [[]]
    for second in heard:
        if batches[-1] and (len(batches[-1]) == 10 or second.t != batches[-1][-1].t + 1):
            batches.append([])
        batches[-1].append(second)
    reports = [_reported(unit, number, batch) for number, batch in enumerate(batches, 1)]
    store.append(heard[-1].t, reports)
    store.close()
    return folder


def _reported(unit: str, number: int, batch: list[Second]) -> Seconds:
    payload = encoding.of_seconds(batch)
    record = encoding.record(encoding.SECONDS, 1, number, batch[0].t, payload)
    report = read_record(unit, (0, 1), record)
    assert isinstance(report, Seconds)
    return report
