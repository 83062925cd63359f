"""How long a hub takes until its page answers, with a month of a hundred units in its store.

.venv/bin/python tests/bench/hub_start.py [UNITS [DAYS]]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import httpx
import months

from noisetamer.hub.registry import Units

UNITS, DAYS = 100, 30


def main(units: int, days: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "hub"
        data.mkdir()
        registry = Units(data / "units.sqlite")
        for number in range(1, units + 1):
            registry.enrol(months.unit(number))
        months.fill(data / "hub.sqlite", units, days, int(time.time()) // months.DAY)
        size = (data / "hub.sqlite").stat().st_size
        print(f"{units} units, {days} days: {size / 1e9:.2f} GB")
        started(data)  # makes certificates
        print(f"start to answer: {min(started(data) for _ in range(3)):.2f} s")


def started(data: Path) -> float:
    began = time.monotonic()
    words = ["--data", str(data), "--port", "0", "--mqtt-port", "0", "--no-tell-time"]
    hub = subprocess.Popen(
        [sys.executable, "-m", "noisetamer.hub", *words], stdout=subprocess.PIPE, text=True
    )
    assert hub.stdout is not None
    address = next(line.split()[1] for line in hub.stdout if line.startswith("ready: "))
    httpx.get(address + "health")
    took = time.monotonic() - began
    hub.terminate()
    hub.wait()
    return took


if __name__ == "__main__":
    main(*([int(word) for word in sys.argv[1:]] or (UNITS, DAYS)))
