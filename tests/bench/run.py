"""How fast it is, and where the time goes: `python tests/bench/run.py`.

Prints a table and writes tests/out/bench.json. Clocks depend on the machine: look at the ratios.
"""

import dataclasses
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import judged_seconds
import store_cost
from folders import OUT

from noisetamer.base.paths import FIRMWARE, micropython
from noisetamer.simulate.unit_run import UnitRun, play
from noisetamer.sound.kernels import ported_int
from noisetamer.sound.kernels.signal import Signal
from noisetamer.square import scenario
from noisetamer.square.microphone import Microphone
from noisetamer.square.world import World
from noisetamer.virtual.firmware_process import Tier

EVENING = scenario.load("evening_square")
AUDIO_S = 600
KERNEL_S = 120
DAY_S = 86_400


class Spent(NamedTuple):
    """Seconds: on the wall, of this process, of the processes it ran."""

    wall: float
    own: float
    children: float

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(*(a - b for a, b in zip(self, other, strict=True)))


def spent(work: Callable[[], object]) -> Spent:
    def now() -> Spent:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = children.ru_utime + children.ru_stime
        return Spent(time.perf_counter(), time.process_time(), used)

    before = now()
    work()
    return now() - before


def unit(seconds: int, tier: Tier) -> Callable[[], object]:
    story = dataclasses.replace(EVENING, duration_s=max(seconds, EVENING.duration_s))
    run = UnitRun(story, 1, 0, seconds, tier, 0)

    def work() -> None:
        with tempfile.TemporaryDirectory() as folder:
            play(run, Path(folder), lambda second: None)

    return work


def world() -> Spent:
    """Sound and microphone for AUDIO_S, without the making of the loops."""
    made = World(EVENING, 1, 0)
    microphone = Microphone(EVENING.microphone, 1)

    def work() -> None:
        for second in range(AUDIO_S):
            sound = made.sound(second)
            for block in range(0, len(sound), 6000):
                microphone.capture(sound[block : block + 6000])

    return spent(work)


def kernel() -> float:
    """Seconds for one second of sound, in MicroPython as on the box."""
    noise = np.random.default_rng(1).integers(-(2**20), 2**20, KERNEL_S * 48_000, dtype=np.int32)
    start, whole = (
        spent(lambda n=n: ported_int.hear([Signal(noise[: n * 48_000])])) for n in (1, KERNEL_S)
    )
    return (whole.children - start.children) / (KERNEL_S - 1)


def judging() -> dict[str, float]:
    """Microseconds of rules and ladder for a second of each kind, in MicroPython as on the box."""
    script = judged_seconds.__file__
    ran = subprocess.run(
        [*micropython(), "-X", "heapsize=2m", script],
        env={**os.environ, "MICROPYPATH": str(FIRMWARE)},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: us for name, (us, _) in json.loads(ran.stdout).items()}


def measured() -> dict[str, float]:
    audio = spent(unit(AUDIO_S, Tier.AUDIO))
    # Loops of sound, once made, are kept: from now on both begin alike.
    begin = spent(unit(1, Tier.AUDIO))
    going = spent(unit(AUDIO_S, Tier.AUDIO)) - begin
    synthesis, kernel_s = world(), kernel()
    hearing = kernel_s * AUDIO_S
    judged = judging()
    day = spent(unit(DAY_S, Tier.LEVELS))
    before, after = store_cost.measured()
    return {
        "audio: times real time, all included (>= 50)": AUDIO_S / audio.wall,
        "audio: times real time, once it runs": AUDIO_S / going.wall,
        "share of the world (sound and microphone), %": 100 * synthesis.own / going.wall,
        "share of the rest of the host, %": 100 * (going.own - synthesis.own) / going.wall,
        "share of the integer kernel, %": 100 * hearing / going.wall,
        "share of the rest of the box, %": 100 * (going.children - hearing) / going.wall,
        "share of waiting for each other, %": 100
        * (going.wall - going.own - going.children)
        / going.wall,
        "world alone: times real time": AUDIO_S / synthesis.wall,
        "integer kernel alone: times real time": AUDIO_S / hearing,
        **{
            f"judging a second: {name}, us": us
            for name, us in sorted(judged.items(), key=lambda item: item[1])
        },
        "judging the dearest second, % of the integer kernel": 100
        * max(judged.values())
        / (1e6 * kernel_s),
        "levels: a unit-day, s (<= 20)": day.wall,
        "levels: of that the host computes, s": day.own,
        "levels: of that the box computes, s": day.children,
        "store: CPU a record, us": 1e3 * after,
        "store: that CPU with hours of its own, us": 1e3 * before,
    }


def main() -> None:
    found = measured()
    for name, value in found.items():
        print(f"{name:52}{value:10.1f}")
    OUT.mkdir(exist_ok=True)
    text = json.dumps({name: round(value, 2) for name, value in found.items()}, indent=2)
    (OUT / "bench.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
