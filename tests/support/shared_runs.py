"""Runs that many tests look at: each is played once, when the first of them asks for it."""

import fcntl
import pickle
from pathlib import Path

from program import Ran, run, run_program

RUNS = {
    "demo_square in sound": ("demo_square", "--until", "3m"),
    "evening_square in sound": ("evening_square", "--until", "20m"),
    "thunder_and_horns in sound": ("thunder_and_horns", "--until", "9m"),
    "demo_square": ("demo_square", "--levels"),
    "evening_square": ("evening_square", "--levels"),
    "thunder_and_horns": ("thunder_and_horns", "--levels"),
    "construction_site": ("construction_site", "--levels"),
    "quiet_night": ("quiet_night", "--levels"),
    "short_and_loud": ("short_and_loud", "--levels"),
    "windy_night": ("windy_night", "--levels"),
    "failing_microphone": ("failing_microphone", "--levels"),
}

# One of each tier as the installed program; to load it for every run tells nothing new.
BY_THE_PROGRAM = {"demo_square in sound", "demo_square"}


class Played:
    """One run of `noisetamer simulate` with everything it left behind."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.junit = folder.with_suffix(".xml")
        play = run_program if name in BY_THE_PROGRAM else run
        options = ("--out", folder, "--junit", self.junit)
        self.ran: Ran = play("simulate", *RUNS[name], *options)


class Runs:
    """`runs[NAME]` is the run of that name; pytest's workers share one folder of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, Played] = {}

    def __getitem__(self, name: str) -> Played:
        if name not in self._seen:
            self._seen[name] = self._played(name)
        return self._seen[name]

    def _played(self, name: str) -> Played:
        folder = self._folder / name.replace(" ", "_")
        kept = folder.with_suffix(".pickle")
        with folder.with_suffix(".lock").open("w") as lock:
            # Who comes second waits for whoever plays it, and gets what that one got.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if kept.exists():
                return pickle.loads(kept.read_bytes())
            played = Played(folder, name)
            kept.write_bytes(pickle.dumps(played))
            return played
