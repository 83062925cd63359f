"""All recordings of a folder, a row of CSV each, on all cores."""

import csv
import io
import os
import signal
import stat
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import fields
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TextIO

from noisetamer.base import fault_report
from noisetamer.base.child_processes import follow_parent, starting
from noisetamer.base.errors import UserError
from noisetamer.base.interrupts import hear_again, uninterrupted
from noisetamer.base.output import is_standard_output, writing
from noisetamer.sound.measure.meter import Measured, measure
from noisetamer.sound.recording.refusal import reading

# By their names: what libsndfile reads, and what phones write, each of which is refused in words.
_RECORDINGS = {
    *(".wav", ".wave", ".bwf", ".rf64", ".w64", ".flac", ".aif", ".aiff", ".aifc", ".au", ".snd"),
    *(".caf", ".ogg", ".oga", ".opus", ".mp3"),
    *(".m4a", ".mp4", ".3gp", ".amr", ".aac", ".wma", ".mka", ".webm", ".dsf", ".dff"),
}
_LEFT_OUT = "seconds"
# For a worker to end its own programs.
_PATIENCE_S = 0.5
COLUMNS = (
    "file",
    *(field.name for field in fields(Measured) if field.name != _LEFT_OUT),
    "not_measured",
)
"""not_measured: why, where the rest of the row is empty."""

Measure = Callable[[Path], Measured]


def recordings(place: Path) -> list[Path]:
    """Those in a folder and below it, by name, and folders that cannot be read; of a file itself.
    Raises UserError."""
    if not place.is_dir():
        return [place]
    unreadable: list[OSError] = []
    found = [
        Path(folder, name)
        for folder, _, names in os.walk(place, onerror=unreadable.append)
        for name in names
        if Path(name).suffix.lower() in _RECORDINGS and not name.startswith(".")
    ]
    # What nobody may look into is told of, as a broken file is.
    found = sorted([*found, *(Path(error.filename) for error in unreadable)])
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
    """Measure the files of `place` and write their rows to `out`; the number of those that could
    not be. how: arguments of `measure` but path and progress.

    done(file, why it could not be measured, or ""): called of each, in their order. Raises
    UserError where `out` cannot be written, and KeyboardInterrupt with the rows that are done.
    """
    with writing(out), _table(out) as table:
        why: dict[int, str] = {}
        measured = following = 0
        try:
            with closing(_measured(files, how)) as founds:
                for number, found in founds:
                    file = files[number]
                    name = str(file.relative_to(place)) if file != place else file.name
                    table.add(number, {**_row(found), "file": name})
                    why[number] = found if isinstance(found, str) else ""
                    measured += not why[number]
                    # What is said of files has their order, too.
                    while following in why:
                        done(files[following], why[following])
                        following += 1
        except KeyboardInterrupt:
            for number in sorted(number for number in why if number >= following):
                done(files[number], why[number])
            with uninterrupted():
                table.end()
            raise KeyboardInterrupt(
                f"{out}: {measured} of {len(files)} recordings measured before it was stopped"
            ) from None
        with uninterrupted():
            table.end()
    return len(files) - measured


@contextmanager
def _table(out: Path) -> Iterator["_Table"]:
    alone = not is_standard_output(out)
    file = out.open("wb") if alone else sys.stdout.buffer
    # What cannot be said in UTF-8 of a name is told as an escape: the table stays readable.
    text = io.TextIOWrapper(file, newline="", encoding="utf-8", errors="backslashreplace")
    try:
        yield _Table(text, alone)
    finally:
        if alone:
            text.close()
        else:
            text.detach()


def _row(found: Measured | str) -> dict[str, object]:
    if isinstance(found, str):
        return {"not_measured": found}
    row = {column: value for column, value in vars(found).items() if column != _LEFT_OUT}
    return {**row, "notes": "; ".join(found.notes)}


class _Table:
    """A row is there as soon as it is known, for a run that is killed; at the end they are in
    their order. A pipe takes nothing back, nor does a file that others write to as well: there a
    row waits for those before it."""

    def __init__(self, file: TextIO, alone: bool) -> None:
        self._file = file
        self._rewritten = alone and stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        self._texts: dict[int, str] = {}
        self._following = 0
        self._head = _csv(dict(zip(COLUMNS, COLUMNS, strict=True)))
        file.write(self._head)
        file.flush()

    def add(self, number: int, row: Mapping[str, object]) -> None:
        """number: its place, from 0 on. Raises OSError."""
        self._texts[number] = text = _csv(row)
        if self._rewritten:
            self._file.write(text)
        else:
            while self._following in self._texts:
                self._file.write(self._texts.pop(self._following))
                self._following += 1
        self._file.flush()

    def end(self) -> None:
        """All rows that were added, in their order. Raises OSError."""
        whole = "".join(self._texts[number] for number in sorted(self._texts))
        if self._rewritten:
            # Over what is there, which is as long.
            self._file.seek(0)
            whole = self._head + whole
        self._file.write(whole)
        self._file.flush()


def _csv(row: Mapping[str, object]) -> str:
    text = io.StringIO()
    csv.DictWriter(text, COLUMNS, restval="").writerow(row)
    return text.getvalue()


def _measured(
    files: Sequence[Path], how: dict
) -> Generator[tuple[int, Measured | str], None, None]:
    """(number of a file, what was found or why nothing), as they come."""
    waiting = deque(enumerate(files))
    workers: list[_Worker] = []
    try:
        while waiting or workers:
            while waiting and len(workers) < len(os.sched_getaffinity(0)):
                workers.append(_Worker(how))
                workers[-1].begin(*waiting.popleft())
            ready = wait([worker.connection for worker in workers])
            for worker in [worker for worker in workers if worker.connection in ready]:
                yield worker.number, worker.found()
                if waiting and worker.lives:
                    worker.begin(*waiting.popleft())
                else:
                    worker.end()
                    workers.remove(worker)
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """A process that measures one file after another. A pool's would not say which of them died
    with it, nor stop before it is done."""

    def __init__(self, how: dict) -> None:
        self.connection, theirs = Pipe()
        self._process = Process(target=_work, args=(theirs, how), daemon=True)
        with starting():
            self._process.start()
        theirs.close()
        self.lives = True

    def begin(self, number: int, file: Path) -> None:
        self.number, self._file = number, file
        # One that has died meanwhile is told of by `found`.
        with suppress(BrokenPipeError):
            self.connection.send(file)

    def found(self) -> Measured | str:
        """Of the file that was begun, as soon as it is there."""
        try:
            return self.connection.recv()
        except (EOFError, ConnectionResetError):
            self.lives = False
            self._process.join()
            return (
                f"{self._file}: the process that measured it was killed (exit code "
                f"{self._process.exitcode}); measure it again, alone if memory is short"
            )

    def end(self) -> None:
        """Whatever it is busy with."""
        self._process.terminate()
        self._process.join(_PATIENCE_S)
        self._process.kill()
        self._process.join()
        self.connection.close()


def _work(parent: Connection, how: dict) -> None:
    follow_parent()
    # The programs that it has started end with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    hear_again()
    while True:
        parent.send(_one(parent.recv(), how))


def _one(file: Path, how: dict) -> Measured | str:
    try:
        with reading(file):
            if file.is_dir():
                os.scandir(file).close()
        return measure(file, **how)
    except UserError as error:
        return str(error)
    except Exception as error:
        # One odd file ends no table.
        return f"{file}: {fault_report.keep(error)}"
