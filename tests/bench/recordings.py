"""What `noisetamer meter` takes for a recording, in turns with ffmpeg, sox, scipy, another build.

    python tests/bench/recordings.py [--seconds 600] [--turns 5] [--beside COMMIT]

CPU time is that of the whole process tree, memory the peak of its largest process; ratios are
medians of those of each turn. A recording of 48 kHz and 24 bits is made, and one six times as
long, whose memory is told. The meter gives 13 quantities and LAeq,1s of each second; ffmpeg and
sox A-weight by three biquads and give mean and peak level; scipy, written plainly, gives what the
meter does. Peers that are not installed are left out. Fails where the builds' numbers differ.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

# Small, for a child's peak begins with its parent's: no numpy here.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from earlier_tree import earlier_tree

_MAKE = """
import sys
import numpy as np, soundfile
chance = np.random.default_rng(5)
seconds = int(sys.argv[2])
with soundfile.SoundFile(sys.argv[1], "w", 48_000, 1, "PCM_24") as file:
    for _ in range(seconds):
        level = 10 ** (chance.uniform(-70, -20) / 20)
        file.write(np.clip(level * chance.standard_normal(48_000), -1, 1))
"""

_A_WEIGHTING = """
import numpy as np
from scipy.signal import bilinear_zpk, freqs_zpk, zpk2sos
p = [2 * np.pi * f for f in (20.598997, 107.65265, 737.86223, 12194.217)]
def sos(zeros, poles):
    _, at_1_kHz = freqs_zpk(zeros, poles, 1, worN=[2000 * np.pi])
    return zpk2sos(*bilinear_zpk(zeros, poles, 1 / abs(at_1_kHz[0]), 48_000))
A = sos([0] * 4, [-p[0]] * 2 + [-p[1], -p[2]] + [-p[3]] * 2)
C = sos([0] * 2, [-p[0]] * 2 + [-p[3]] * 2)
"""

_SCIPY = (
    _A_WEIGHTING
    + """
import math, sys
import soundfile
from scipy.signal import lfilter, sosfilt
x, rate = soundfile.read(sys.argv[1])
a, c = sosfilt(A, x), sosfilt(C, x)
square = a * a
found = [np.mean(square), np.mean(c * c), np.mean(x * x), np.max(np.abs(c)) ** 2]
for tau in (0.125, 1.0):
    k = 1 - math.exp(-1 / (tau * rate))
    course = lfilter([k], [1, k - 1], square)
    found += [course.max(), course[rate:].min()]
seconds = square[: len(x) // rate * rate].reshape(-1, rate).mean(axis=1)
found += list(np.percentile(seconds, (95, 90, 50, 10, 5)))
print([10 * math.log10(max(each, 1e-30)) for each in (*found, *seconds)])
"""
)


EARLIER = "d47b756"


class Cost(NamedTuple):
    """CPU of the tree, s; peak of its largest process, MiB; what it printed."""

    cpu: float
    peak: float
    said: bytes


def cost(command: list[str | Path], tree: Path | None) -> Cost:
    """tree: of a build that is to be imported."""
    environment = dict(os.environ)
    # As for a user: what was compiled once stays compiled.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if tree is not None:
        environment["PYTHONPATH"] = f"{tree / 'host'}:{tree / 'firmware'}"
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        out.seek(0)
        said = out.read()
    if status:
        raise SystemExit(f"{command[0]} failed: {said.decode(errors='replace')[-300:]}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said)


def peers(biquads: list[list[float]]) -> dict[str, list[str]]:
    """Commands; the recording takes the place of FILE."""
    names = ("b0", "b1", "b2", "a0", "a1", "a2")
    filters = [":".join(f"{n}={v!r}" for n, v in zip(names, row, strict=True)) for row in biquads]
    chain = ",".join(f"biquad={each}" for each in filters) + ",astats"
    spread = [word for row in biquads for word in ("biquad", *map(repr, row))]
    found = {
        "ffmpeg": f"ffmpeg -nostdin -i FILE -af {chain} -f null -".split(),
        "sox": ["sox", "FILE", "-n", *spread, "stats"],
        "scipy": [sys.executable, "-c", _SCIPY, "FILE"],
    }
    return {name: command for name, command in found.items() if shutil.which(command[0])}


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=int, default=600)
    words.add_argument("--turns", type=int, default=5)
    words.add_argument("--beside", default=EARLIER, help="a commit; empty: none")
    asked = words.parse_args()
    script = _A_WEIGHTING + "import json; print(json.dumps(A.tolist()))"
    biquads = json.loads(subprocess.check_output([sys.executable, "-c", script]))
    meter = [sys.executable, "-m", "noisetamer", "meter", "FILE", "--json"]
    with tempfile.TemporaryDirectory() as folder, earlier_tree(asked.beside) as trees:
        file, longer = Path(folder, "recording.wav"), Path(folder, "longer.wav")
        for path, seconds in ((file, asked.seconds), (longer, 6 * asked.seconds)):
            subprocess.run([sys.executable, "-c", _MAKE, path, str(seconds)], check=True)
        runs = {name: (meter, tree) for name, tree in trees.items()}
        runs |= {name: (command, None) for name, command in peers(biquads).items()}

        def run(name: str, on: Path) -> Cost:
            command, tree = runs[name]
            return cost([on if word == "FILE" else word for word in command], tree)

        # What is made once is made before.
        for name in runs:
            run(name, file)
        found: dict[str, list[Cost]] = {name: [] for name in runs}
        for _ in range(asked.turns):
            for name, costs in found.items():
                costs.append(run(name, file))
        ours = found["this build"]
        print(f"{asked.seconds} s of 48 kHz, 24 bits, mono; {asked.turns} turns")
        for name, costs in found.items():
            ratios = sorted(a.cpu / b.cpu for a, b in zip(ours, costs, strict=True))
            print(
                f"{name:>10}: CPU {statistics.median(each.cpu for each in costs):6.2f} s, peak "
                f"{costs[0].peak:6.0f} MiB; this build takes {statistics.median(ratios):.2f} of "
                f"it ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            )
        print(
            f"{6 * asked.seconds} s: peak of this build {run('this build', longer).peak:.0f} MiB"
        )
        if asked.beside:
            # an earlier build says less of the recording itself
            new, old = (json.loads(one[0].said) for one in (ours, found[asked.beside]))
            same = old and all(new.get(name) == value for name, value in old.items())
            print("numbers of both builds:", "the same" if same else "DIFFERENT")
            sys.exit(not same)


if __name__ == "__main__":
    main()
