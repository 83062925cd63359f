"""An afternoon's carton: `python tests/bench/fifty_units.py [SEED]`.

Fifty virtual boards, five with something wrong, through the command a technician types and the
real firmware; the host is killed three times on the way. Prints the throughput.
"""

import csv
import random
import subprocess
import sys
import tempfile
from pathlib import Path

BOARDS = 50
KILLS = 3
# Steps that all ports together begin before the host is killed.
STEPS_UNTIL_KILLED = (20, 150)

HOST = [sys.executable, "-m", "noisetamer"]


def carton(folder: Path, seed: int) -> list[str]:
    where = ["--ledger", str(folder / "ledger.sqlite"), "--batch", "SIM-2611"]
    faults = ["--faults", "10%", "--seed", str(seed), "--jobs", "8"]
    return [*HOST, "flash", "--simulated", str(BOARDS), *faults, *where]


def killed(command: list[str], at: int) -> None:
    """Its standard error has a line for each step."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as host:
        assert host.stderr
        for number, _ in enumerate(host.stderr):
            if number == at:
                host.kill()
                return


def run(command: list[str]) -> list[str]:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.splitlines()


def main(seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for _ in range(KILLS):
            killed(carton(folder, seed), chance.randint(*STEPS_UNTIL_KILLED))
        first, again = run(carton(folder, seed)), run(carton(folder, seed))
        report = ["ledger", "report", "--batch", "SIM-2611", "--out", str(folder)]
        run([*HOST, *report, "--ledger", str(folder / "ledger.sqlite")])
        with (folder / "SIM-2611-report.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    serials = [row["serial"] for row in rows if row["serial"]]
    passed = {line.split()[1] for line in first if line.startswith("PASS")}
    changed = [
        line for line in again if line.startswith("PASS") and not line.endswith("nothing to do")
    ]
    for line in first:
        if not line.startswith("PASS"):
            print(line)
    print(
        f"{KILLS} kills; {len(serials)} serials, {len(serials) - len(set(serials))} of them twice"
    )
    print(f"{len(passed)} units pass; a further run changes {len(changed)} of them")
    print(f"again: {again[-2]}")
    unexplained = [row for row in rows if row["state"] != "passed" and not row["reason"]]
    print(f"{len(unexplained)} without a reason")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
