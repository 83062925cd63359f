"""A worker of a city as a process of its own, that stops itself between its look and its commit.

python paused_writer.py FOLDER: takes the lease, stores one record, says so; stops (SIGSTOP);
woken, it stores another one, and says what came of it.
"""

import os
import signal
import sys
from pathlib import Path

from scripted_unit import START, seconds

from noisetamer.hub.leases.leases import Tenant
from noisetamer.hub.store.writer import Store, StoreError
from noisetamer.hub.wire import Seconds, read_report

UNIT = "SIM-0001"


def record(seq: int, level: int) -> Seconds:
    body = seconds(seq, START + 10 * seq, [level] * 10)
    report = read_report(f"dev.{UNIT}.record", body)
    assert isinstance(report, Seconds)
    return report


def main() -> None:
    folder = Path(sys.argv[1])
    tenant = Tenant(folder, "worker", ["part-0"])
    fence = tenant.turn()["part-0"]
    store = Store(folder / "hub.sqlite", fence=fence.hold)
    store.append(float(START), [record(1, 600)])
    print(f"stored by fence {fence.number}", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
    try:
        store.append(float(START), [record(2, 611)])
    except StoreError as error:
        print(f"refused: {error}", flush=True)
    else:
        print("stored", flush=True)


if __name__ == "__main__":
    main()
