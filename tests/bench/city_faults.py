"""A city with its brokers' leader killed twice and the standby promoted once, beside one machine:

    .venv/bin/python tests/bench/city_faults.py [--units 60] [--minutes 4] [--backlog 60]

Both take the same stream of batches, a backlog first and then as it comes, on this one computer.
Prints what was acknowledged, stored, lost and doubled, how long each fault took to be over, and
what a backlog's batches a second are in the one and in the other.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from noisetamer.load.city import City
from noisetamer.load.faults import FAULTS
from noisetamer.load.run import Found, Load, Plan
from noisetamer.load.site import OwnHub, Site
from noisetamer.load.table import lines

ORDER = ("leader-kill", "standby-promotion", "leader-kill")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=4.0)
    parser.add_argument("--backlog", type=int, default=60)
    parser.add_argument("--every", type=float, default=10.0)
    asked = parser.parse_args()
    told = (asked.units, 60 * asked.minutes)
    more = {"backlog": asked.backlog, "every": asked.every, "processes": 1}
    faults = [(name, FAULTS[name]) for name in ORDER]
    with tempfile.TemporaryDirectory(prefix="noisetamer-city-") as folder:
        # PostgreSQL's user has to pass
        Path(folder).chmod(0o711)
        alone = OwnHub(Path(folder) / "hub")
        one = tried(alone, Plan(told[0], 20.0, [], **more))
        alone.stop()
        with subprocess.Popen(
            [
                *(sys.executable, "-m", "noisetamer", "city", "up", "--with-parent"),
                *("--local", f"{folder}/city"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as city:
            assert city.stdout and city.stdin
            for line in city.stdout:
                print(line.rstrip(), flush=True)
                if line.startswith("ready: "):
                    break
            else:
                sys.exit("the city did not start")
            many = tried(City(Path(folder) / "city" / "data"), Plan(*told, faults, **more))
            city.stdin.close()
            print(city.stdout.read(), end="")
    for name, found, units in (("one machine", one, told[0]), ("city", many, told[0])):
        print(f"\n{name}")
        print("\n".join(lines(found, units)))
    ratio = coming(many) / coming(one)
    print(f"\nbacklog: {coming(one):.0f} batches a second on one machine, {coming(many):.0f} in")
    print(f"the city on the same two cores: {ratio:.2f} of it")
    for stretch in many.stretches:
        if stretch.said:
            back = "" if stretch.back is None else f"; all back after {stretch.back:.1f} s"
            print(f"{stretch.name}: {stretch.said}{back}")
    account = [stretch.account for stretch in many.stretches]
    lost, doubled = sum(one.lost for one in account), sum(one.doubled for one in account)
    sys.exit(1 if lost or doubled else 0)


def tried(site: Site, plan: Plan) -> Found:
    load = Load(plan, site, lambda line: print(line, file=sys.stderr))
    site.enrol(load.units)
    if isinstance(site, OwnHub):
        site.start()
    else:
        time.sleep(5)
    found = asyncio.run(load.run())
    load.account(found)
    return found


def coming(found: Found) -> float:
    """Batches a second while the backlog came in."""
    (first,) = (stretch for stretch in found.stretches if stretch.name == "coming")
    return first.counts.acknowledged / first.seconds


if __name__ == "__main__":
    main()
