"""Days of faults: `python tests/bench/fortnight.py [--seeds 1-20] [--days 14] [--boxes 3]`.

Boxes of the levels tier report to the real hub and its real broker, through proxies that delay,
cut, double and half-open; hub, broker, Wi-Fi, names, time servers, crystal, flash and power fail
at random. Prints what was injected and what became of each second; the exit status is 1 where a
promise was broken.

One seed takes one core, so as many run at once as there are (`--jobs`). What a seed has shown is
kept in `--results`, by commit: ended and called again, it goes on with the seeds that are missing.
Nothing is waited for but work: what a day of a box, with all about it, takes of a processor stands
in each seed's line. `--haste N` has faults so many times more often, and those of more than a
minute so many times shorter; the hub's absences of 7 to 12 hours, which fill small journals, are
more often but no shorter, and a day at least has one.

So `--days 4 --haste 4` injects what a fortnight does: in 20 seeds 67,500 faults instead of 66,900,
of each kind 0.97 to 1.20 of a fortnight's, but 0.86 to 0.89 of proxies' bad manners, 0.83 of the
hub's ends in order; as many long absences. It does not show what takes its time: NTP that lies for
an hour, the backlog of an hour (the hub is away for 27 minutes on average, not for 79), ten more
ends of a day, the ring of a box as flashed that comes round, two weeks of rows. No run shows hours
and days packed (a hub looks for them each 30 real minutes), nor a certificate renewed.

Of a seed with a broken promise the hub, the flash of each box and what it lived stay beside its
results: `--again FOLDER` makes the account again, without playing.
"""

import argparse
import json
import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import SimpleQueue

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from days_of_faults import START, Boot, Days
from fault_schedule import Schedule, schedule
from folders import OUT
from preloaded import end_forks
from second_account import account

_DAY = 86_400
# The hub waits for the disk with each commit.
_SHM = Path("/dev/shm")
# In the folder of a seed: how many seconds it lasted, and each box's boots.
_LIVED = "lived.pickle"


@dataclass
class Asked:
    """What each seed is played with. haste: as of `schedule`."""

    days: float
    boxes: int
    haste: float

    def schedule(self, seed: int) -> Schedule:
        return schedule(seed, round(self.days * _DAY), self.boxes, self.haste)


@dataclass
class Shown:
    """What one seed has shown, or several. injected: {fault: (times, s)}; seconds: of all boxes,
    by what became of them; broken: promises; kept: the folder of it all, where one was broken;
    cpu_s: of the whole tree of processes."""

    injected: dict[str, tuple[int, int]] = field(default_factory=dict)
    seconds: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: float = 0.0
    kept: str = ""

    def add(self, other: "Shown") -> None:
        for kind, (times, lasted) in other.injected.items():
            before = self.injected.get(kind, (0, 0))
            self.injected[kind] = before[0] + times, before[1] + lasted
        self.seconds = dict(Counter(self.seconds) + Counter(other.seconds))
        self.broken += other.broken
        self.wall_s += other.wall_s
        self.cpu_s += other.cpu_s


def live(seed: int, asked: Asked, kept: Path) -> Shown:
    """One seed, from power-on to the account of each second. The process is its own.

    kept: the folder that is made of it where a promise was broken.
    """
    began, made = time.monotonic(), asked.schedule(seed)
    with tempfile.TemporaryDirectory(dir=_SHM if _SHM.is_dir() else None) as name:
        folder = Path(name)
        days = Days(made, folder, seed, progress(seed, made.seconds))
        try:
            days.run()
        finally:
            days.end()
        lived = {one.unit: one.box.boots() for one in days.lives}
        (folder / _LIVED).write_bytes(pickle.dumps((made.seconds, lived)))
        seconds, broken = accounts(folder)
        broken = days.broken + broken
        if broken:
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder, kept, ignore=_no_sockets)
    end_forks()
    spent = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(one.ru_utime + one.ru_stime for one in spent)
    took = time.monotonic() - began
    return Shown(
        made.injected(),
        dict(seconds),
        broken,
        *(round(took, 1), round(cpu_s, 1)),
        str(kept) if broken else "",
    )


def accounts(folder: Path) -> tuple[Counter[str], list[str]]:
    """(What became of the seconds of all boxes, the promises that were broken) in the folder of
    one seed."""
    lasted: int
    lived: dict[str, list[Boot]]
    lasted, lived = pickle.loads((folder / _LIVED).read_bytes())
    seconds: Counter[str] = Counter()
    broken: list[str] = []
    for unit, boots in lived.items():
        found = account(folder / "hub" / "hub.sqlite", unit, boots, START, START + lasted)
        seconds += found.seconds
        broken += found.broken
    if seconds.total() != lasted * len(lived):
        broken.append(f"{seconds.total()} seconds are accounted for")
    return seconds, broken


def _no_sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_socket()]


def progress(seed: int, seconds: int) -> Callable[[int], None]:
    """Says each twentieth."""
    began, told = time.monotonic(), 0

    def passed(second: int) -> None:
        nonlocal told
        if 20 * second // seconds > told:
            told = 20 * second // seconds
            took = time.monotonic() - began
            lived, days = second / _DAY, seconds / _DAY
            print(f"seed {seed}: {lived:.2f} of {days:g} days, {took:.0f} s", file=sys.stderr)

    return passed


class Results:
    """What earlier calls have shown: a file for each seed, in a folder for this commit and what
    was asked."""

    def __init__(self, folder: Path, commit: str, asked: Asked) -> None:
        of = f"{commit}_{asked.days:g}-days_{asked.boxes}-boxes"
        self.folder = folder / (of if asked.haste == 1 else f"{of}_haste-{asked.haste:g}")
        self.folder.mkdir(parents=True, exist_ok=True)

    def of(self, seed: int) -> Shown | None:
        file = self._file(seed)
        return Shown(**json.loads(file.read_text())) if file.exists() else None

    def keep(self, seed: int, shown: Shown) -> None:
        file = self._file(seed)
        half = file.with_suffix(".half")
        half.write_text(json.dumps(asdict(shown), indent=1))
        half.replace(file)

    def kept(self, seed: int) -> Path:
        """Where all of it stays if a promise was broken."""
        return self._file(seed).with_suffix("")

    def _file(self, seed: int) -> Path:
        return self.folder / f"seed-{seed:04d}.json"


def commit() -> str:
    """What is run; with "-changed" where the files are not as committed."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        return subprocess.check_output(["git", "-C", str(here), *words], text=True).strip()

    changed = git("status", "--porcelain", "--untracked-files=no")
    return git("rev-parse", "--short", "HEAD") + ("-changed" if changed else "")


def show(title: str, shown: Shown) -> None:
    print(title)
    for kind, (times, lasted) in sorted(shown.injected.items()):
        print(f"  fault {kind:28}{times:8}{lasted:10} s")
    whole = sum(shown.seconds.values())
    for what, number in Counter(shown.seconds).most_common():
        print(f"  seconds: {what:37}{number:10} s {number / whole:8.3%}")


def say(seed: int, shown: Shown, asked: Asked) -> None:
    """One line; each broken promise has one too."""
    box_days = asked.days * asked.boxes
    told = f"{shown.wall_s:.0f} s, {shown.cpu_s / box_days:.1f} processor s a box-day"
    print(f"seed {seed}: {len(shown.broken)} promises broken; {told}", flush=True)
    for what in shown.broken:
        print(f"  BROKEN seed {seed}, {what}", flush=True)
    if shown.kept:
        print(f"  all of it is kept in {shown.kept}", flush=True)


def all_of(seeds: Iterable[int], asked: Asked, jobs: int, results: Results) -> tuple[Shown, int]:
    """(What all have shown, how many came to no end.)"""
    available = sorted(os.sched_getaffinity(0))
    for job in range(jobs):
        _cores.put(available[job % len(available)])
    with ThreadPoolExecutor(jobs) as threads:
        playing: dict[Future[int], int] = {}
        total, failed = Shown(), 0
        for seed in seeds:
            if shown := results.of(seed):
                say(seed, shown, asked)
                total.add(shown)
            else:
                playing[threads.submit(play, seed, asked, results.folder.parent)] = seed
        try:
            for ended in as_completed(playing):
                seed = playing[ended]
                if shown := results.of(seed):
                    say(seed, shown, asked)
                    total.add(shown)
                else:
                    failed += 1
                    print(f"seed {seed} came to no end: status {ended.result()}", flush=True)
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            for process in [*_playing]:
                process.terminate()
            raise
    return total, failed


_playing: list[subprocess.Popen[bytes]] = []
_cores: SimpleQueue[int] = SimpleQueue()


def play(seed: int, asked: Asked, results: Path) -> int:
    """One seed in a process of its own, which keeps what it has shown; its exit status."""
    words = ("--days", str(asked.days), "--boxes", str(asked.boxes), "--haste", str(asked.haste))
    # As a module: the hub would load a program anew with each start.
    command = [sys.executable, "-c", "import fortnight; fortnight.main()", "--only", str(seed)]
    command += [*words, "--results", str(results.resolve())]
    # Ctrl-C is for us, who end it.
    process = subprocess.Popen(command, cwd=Path(__file__).parent, start_new_session=True)
    _playing.append(process)
    core = _cores.get()
    try:
        # Its processes work one after the other: on one core each finds what the last one left.
        os.sched_setaffinity(process.pid, {core})
        return process.wait()
    finally:
        _cores.put(core)
        _playing.remove(process)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_AS_WRITTEN)
    parser.add_argument("--seeds", default="1-20", help="one, or from-to")
    parser.add_argument("--days", type=float, default=14)
    parser.add_argument("--boxes", type=int, default=3)
    parser.add_argument("--haste", type=float, default=1, help="so many times more faults")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--jobs", type=int, default=cores, help="seeds at once")
    parser.add_argument("--results", type=Path, default=OUT / "fortnight")
    parser.add_argument("--only", type=int, help="this seed, in this process")
    parser.add_argument("--again", type=Path, metavar="FOLDER", help="the account of a kept seed")
    options = parser.parse_args()
    if options.again:
        seconds, broken = accounts(options.again)
        show(f"{options.again}: {len(broken)} promises broken", Shown({}, dict(seconds), broken))
        print(*(f"  BROKEN {what}" for what in broken), sep="\n")
        return 1 if broken else 0
    first, _, last = options.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    asked = Asked(options.days, options.boxes, options.haste)
    results = Results(options.results, commit(), asked)
    # What is asked to end ends its boxes and its hub.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if options.only is not None:
        results.keep(options.only, live(options.only, asked, results.kept(options.only)))
        return 0
    print(f"results: {results.folder}", flush=True)
    total, failed = all_of(seeds, asked, options.jobs, results)
    if total.seconds:
        done = len(seeds) - failed
        title = f"{done} seeds at {commit()}, {asked.days:g} days of {asked.boxes} boxes each"
        show(f"{title}: {len(total.broken)} promises broken", total)
    return 1 if total.broken or failed else 0


_AS_WRITTEN = argparse.RawDescriptionHelpFormatter

if __name__ == "__main__":
    sys.exit(main())
