"""Writing output: files without traceback, and standard output that nobody reads any more."""

import errno
import io
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError


@contextmanager
def writing(path: Path | str) -> Iterator[None]:
    """Raises UserError, naming `path`, in place of an OSError in the body."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"{path}: cannot be written: {reason}; free some space or choose another place"
        ) from None


def spare(inputs: Iterable[Path], *outputs: Path) -> None:
    """Raises UserError where an output is one of the files that are read, by whatever name."""
    written = [path for path in outputs if path.exists()]
    for file in inputs if written else ():
        for path in written:
            with suppress(OSError):
                if path.samefile(file):
                    raise UserError(
                        f"{path}: is what is read, and would be lost; choose another place"
                    )


def is_standard_output(file: Path) -> bool:
    """Whether that is what is written to, by whatever name. It may have others' lines
    before ours: opened by its name, a file loses them."""
    with suppress(OSError):
        return os.path.samestat(file.stat(), os.fstat(sys.stdout.fileno()))
    return False


@contextmanager
def room() -> Iterator[None]:
    """Raises UserError in place of an error of the body that comes of a full disk or quota."""
    try:
        yield
    except Exception as error:
        if not (full := _full(error)):
            raise
        if full.filename:
            with writing(full.filename):
                raise full from None
        folder = tempfile.gettempdir()
        raise UserError(
            f"no space is left, likely in {folder} for temporary files; free some "
            "or name another folder as TMPDIR"
        ) from None


def _full(error: Exception) -> OSError | None:
    if isinstance(error, ExceptionGroup):
        return next(filter(None, map(_full, error.exceptions)), None)
    # Many files that could not be copied, as shutil tells of them, have no number.
    said = (f"[Errno {number}]" for number in (errno.ENOSPC, errno.EDQUOT))
    return error if isinstance(error, OSError) and any(n in str(error) for n in said) else None


def make_folder_of(path: Path) -> None:
    """Make the folder that a file is to lie in. Raises UserError, naming the file."""
    # A file in the folder's place: writing says it better.
    with writing(path), suppress(FileExistsError):
        path.parent.mkdir(parents=True, exist_ok=True)


@contextmanager
def to_be_written(path: Path | None) -> Iterator[None]:
    """That a file can be written is seen before an hour of work, not after it; its folder is made.

    What is there stays until it is written over. Raises UserError.
    """
    if path is None:
        yield
        return
    make_folder_of(path)
    # Who reads a pipe would be told that it ends.
    if not path.is_fifo():
        with writing(path):
            path.open("ab").close()
    try:
        yield
    finally:
        # Broken off before it was written: an empty file is none.
        if path.is_file() and not path.stat().st_size:
            path.unlink()


def go_on_unread() -> None:
    """When whoever reads standard output or error has gone (`| head`), write to nobody.

    For a whole process, once, at its start. The work then goes on to its own exit code: a run
    that failed stays failed behind `| grep -q`, and a board is not left half flashed. A full disk
    behind standard output is a UserError, once; behind standard error there is nobody to tell.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # Closed by `>&-`: its number would be the next file's.
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        if isinstance(stream, io.TextIOWrapper):
            raw = _UnreadableFile(stream.fileno(), "wb", closefd=False)
            patient = io.TextIOWrapper(
                io.BufferedWriter(raw),
                encoding=stream.encoding,
                errors=stream.errors,
                # With PYTHONUNBUFFERED only the second is set, and passes on to a buffer here.
                line_buffering=stream.line_buffering or stream.write_through,
            )
            setattr(sys, name, patient)


class _UnreadableFile(io.FileIO):
    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            # By its number: child processes write there too.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            if isinstance(error, BrokenPipeError) or self.fileno() == 2:
                return memoryview(data).nbytes
            with writing(Path("/dev/stdout")):
                raise
