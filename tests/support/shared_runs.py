"""Runs that many tests look at: each is played once, when the first of them asks for it."""

import pickle
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from made_once import made_once
from program import Ran, run, run_program

RUNS = {
    "demo_square in sound": ("demo_square", "--until", "3m"),
    # What they look like is seen of the same stories in levels.
    "evening_square in sound": ("evening_square", "--until", "20m", "--no-pictures"),
    "thunder_and_horns in sound": ("thunder_and_horns", "--until", "9m", "--no-pictures"),
    "demo_square": ("demo_square", "--levels"),
    "evening_square": ("evening_square", "--levels"),
    "thunder_and_horns": ("thunder_and_horns", "--levels"),
    "construction_site": ("construction_site", "--levels"),
    "police_called": ("police_called", "--levels"),
    "quiet_night": ("quiet_night", "--levels"),
    "short_and_loud": ("short_and_loud", "--levels"),
    "windy_night": ("windy_night", "--levels"),
    "failing_microphone": ("failing_microphone", "--levels"),
    "trial": ("trial", "--levels"),
}

# One of each tier as the installed program; to load it for every run tells nothing new.
BY_THE_PROGRAM = {"demo_square in sound", "demo_square"}


@dataclass(frozen=True)
class Played:
    """One run of `noisetamer simulate` with everything it left behind."""

    folder: Path
    junit: Path
    ran: Ran


class Runs:
    """`runs[NAME]` is the run of that name; pytest's workers share one folder of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, Played] = {}

    def __getitem__(self, name: str) -> Played:
        if name not in self._seen:
            folder = made_once(self._folder / name.replace(" ", "_"), partial(_play, name))
            ran = pickle.loads((folder / "ran.pickle").read_bytes())
            self._seen[name] = Played(folder / "out", folder / "junit.xml", ran)
        return self._seen[name]


def _play(name: str, folder: Path) -> None:
    play = run_program if name in BY_THE_PROGRAM else run
    options = ("--out", folder / "out", "--junit", folder / "junit.xml")
    (folder / "ran.pickle").write_bytes(pickle.dumps(play("simulate", *RUNS[name], *options)))
