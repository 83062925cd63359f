"""What a unit that floods costs its neighbours: their acknowledgements before, during and after.

    .venv/bin/python tests/bench/flood.py [records]

A real hub and broker. Ten neighbours report as boxes do, ten seconds in a record, ten times as
often; one unit sends records and live seconds, or records only, as fast as its connection takes
them, and connects again whenever it is thrown out.
"""

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from hub_process import HubProcess
from mqtt_client import RefusedError
from scripted_unit import START, Box, seconds

NEIGHBOURS = 10
STRETCH = 15.0


def main() -> None:
    units = [f"SIM-{number:04}" for number in range(NEIGHBOURS + 1)]
    with tempfile.TemporaryDirectory() as folder:
        hub = HubProcess(Path(folder) / "hub", *(w for unit in units for w in ("--enrol", unit)))
        waits: dict[str, list[float]] = {"before": [], "during": [], "after": []}
        now = ["before"]
        threads = [
            threading.Thread(target=report, args=(hub, unit, now, waits), daemon=True)
            for unit in units[1:]
        ]
        for thread in threads:
            thread.start()
        time.sleep(STRETCH)
        sent = [0]
        now[0] = "during"
        flooding = threading.Thread(target=flood, args=(hub, units[0], now, sent), daemon=True)
        flooding.start()
        time.sleep(2 * STRETCH)
        now[0] = "after"
        time.sleep(STRETCH)
        now[0] = ""
        for thread in threads:
            thread.join()
        for when, found in waits.items():
            p50, p99 = (statistics.quantiles(found, n=100)[at] * 1e3 for at in (49, 98))
            print(
                f"{when}: {len(found)} acknowledgements, median {p50:.0f} ms, 99 % {p99:.0f} ms,"
                f" longest {max(found) * 1e3:.0f} ms"
            )
        print(f"the flood: {sent[0]} messages in {2 * STRETCH:g} s")
        hub.stop()


def report(hub: HubProcess, unit: str, now: list[str], waits: dict[str, list[float]]) -> None:
    box = Box(hub.unit(unit))
    seq = 0
    while now[0]:
        seq += 1
        began, when = time.monotonic(), now[0]
        box.seconds(seq, START + 10 * seq, [500] * 10)
        box.wait_ack(seq)
        waits[when].append(time.monotonic() - began)
        time.sleep(1.0)


def flood(hub: HubProcess, unit: str, now: list[str], sent: list[int]) -> None:
    seq = 0
    while now[0] == "during":
        try:
            thief = Box(hub.unit(unit))
            while now[0] == "during":
                seq += 1
                thief.record(seconds(seq, START + 10 * seq, [500] * 10))
                sent[0] += 1
                if "records" not in sys.argv:
                    thief.now(START, 500, "green")
                    sent[0] += 1
        except (OSError, RefusedError):
            time.sleep(0.05)


if __name__ == "__main__":
    main()
