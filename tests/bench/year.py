"""How long a simulated year of a street takes to make, and how large it is:

    python tests/bench/year.py [--squares 20] [--days 365] [--most-minutes 10] [--most-MB 600]

It asks for a year in under ten minutes on two cores. The machine may be shared: so the CPU seconds
count that the one who keeps used, and half of those of the two who simulate, beside the minutes it
took. Exit code 1 where it is more.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from noisetamer.demo.year import make, town

CORES = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--squares", type=int, default=20)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--most-minutes", type=float, default=10.0)
    parser.add_argument("--most-MB", type=float, default=600.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "year"
        began = time.monotonic()
        year = town.year(1, date(2026, 11, 28), asked.days, asked.squares)
        make.made(data, year, workers=CORES)
        minutes = (time.monotonic() - began) / 60
        files = {path.name: path.stat().st_size / 1e6 for path in sorted(data.iterdir())}
    for name, size in files.items():
        print(f"  {name:<20} {size:8.1f} MB")
    size = sum(files.values())
    keeping, simulating = map(_cpu, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    own = keeping + simulating / CORES
    print(
        f"{size:.0f} MB, {minutes:.1f} min at a load of {os.getloadavg()[0]:.1f}; "
        f"CPU: {keeping:.1f} min to keep, {simulating:.1f} min to simulate: "
        f"{own:.1f} min on {CORES} cores of its own"
    )
    return int(own > asked.most_minutes or size > asked.most_MB)


def _cpu(who: int) -> float:
    """Minutes."""
    used = resource.getrusage(who)
    return (used.ru_utime + used.ru_stime) / 60


if __name__ == "__main__":
    sys.exit(main())
