"""All recordings of a folder, a row of CSV each, on all cores."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import fields
from functools import partial
from pathlib import Path

from noisetamer.base.child_processes import pools_work
from noisetamer.base.errors import UserError
from noisetamer.base.output import writing
from noisetamer.sound.measure.meter import Measured, measure

# By their names: what libsndfile reads, and what phones write, each of which is refused in words.
_RECORDINGS = {
    *(".wav", ".wave", ".bwf", ".rf64", ".w64", ".flac", ".aif", ".aiff", ".aifc", ".au", ".snd"),
    *(".caf", ".ogg", ".oga", ".opus", ".mp3"),
    *(".m4a", ".mp4", ".3gp", ".amr", ".aac", ".wma", ".mka", ".webm", ".dsf", ".dff"),
}
_LEFT_OUT = "seconds"
COLUMNS = (
    "file",
    *(field.name for field in fields(Measured) if field.name != _LEFT_OUT),
    "not_measured",
)
"""not_measured: why, where the rest of the row is empty."""

Measure = Callable[[Path], Measured]


def recordings(place: Path) -> list[Path]:
    """Those in a folder and below it, by name; of a file itself. Raises UserError."""
    if not place.is_dir():
        return [place]
    found = sorted(
        file
        for file in place.rglob("*")
        if file.suffix.lower() in _RECORDINGS and not file.name.startswith(".") and file.is_file()
    )
    if not found:
        raise UserError(
            f"{place}: holds no recordings; give a folder with WAV or other sound files"
        )
    return found


def write(
    files: Sequence[Path],
    place: Path,
    out: Path,
    how: dict,
    done: Callable[[Path, str], None],
) -> int:
    """Measure the files of `place` and write their rows to `out` in their order; the number of
    those that could not be. how: arguments of `measure` but path and progress.

    done(file, why it could not be measured, or ""): called after each. Raises UserError where
    `out` cannot be written.
    """
    failures = 0
    with writing(out), out.open("w", newline="", encoding="utf-8") as table:
        rows = csv.DictWriter(table, COLUMNS, restval="")
        rows.writeheader()
        for file, found in zip(files, _measured(files, how), strict=True):
            name = str(file.relative_to(place)) if file != place else file.name
            if isinstance(found, str):
                failures += 1
                rows.writerow({"file": name, "not_measured": found})
                done(file, found)
                continue
            row = {column: value for column, value in vars(found).items() if column != _LEFT_OUT}
            rows.writerow({**row, "file": name, "notes": "; ".join(found.notes)})
            # What is measured is kept if the rest is given up.
            table.flush()
            done(file, "")
    return failures


def _measured(files: Sequence[Path], how: dict) -> Iterator[Measured | str]:
    workers = min(len(files), len(os.sched_getaffinity(0)))
    kind = ProcessPoolExecutor if pools_work() else ThreadPoolExecutor
    with kind(workers) as pool:
        yield from pool.map(partial(_one, how=how), files)


def _one(file: Path, how: dict) -> Measured | str:
    try:
        return measure(file, **how)
    except UserError as error:
        return str(error)
