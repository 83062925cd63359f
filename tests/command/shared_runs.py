"""Runs that many tests look at: each is played once, all of them two at a time."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from program import Ran, run_program

RUNS = {
    "demo_square in sound": ("demo_square", "--until", "3m"),
    "evening_square in sound": ("evening_square", "--until", "20m"),
    "thunder_and_horns in sound": ("thunder_and_horns", "--until", "9m"),
    "demo_square": ("demo_square", "--levels"),
    "evening_square": ("evening_square", "--levels"),
    "thunder_and_horns": ("thunder_and_horns", "--levels"),
    "construction_site": ("construction_site", "--levels"),
    "quiet_night": ("quiet_night", "--levels"),
}


class Played:
    """One run of `noisetamer simulate` with everything it left behind."""

    def __init__(self, folder: Path, *words: object) -> None:
        self.folder = folder
        self.junit = folder.with_suffix(".xml")
        self.ran: Ran = run_program("simulate", *words, "--out", folder, "--junit", self.junit)


class Runs:
    """`runs[NAME]` is the run of that name."""

    def __init__(self, folder: Path) -> None:
        self._pool = ThreadPoolExecutor(2)
        self._begun: dict[str, Future[Played]] = {
            name: self._pool.submit(Played, folder / name.replace(" ", "_"), *words)
            for name, words in RUNS.items()
        }

    def __getitem__(self, name: str) -> Played:
        return self._begun[name].result()

    def end(self) -> None:
        self._pool.shutdown(cancel_futures=True)
