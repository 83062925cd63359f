"""A WAV of one channel of 16 or 24 bits, whose samples are handed on as they lie in the file.

Most recordings are. Neither libsndfile nor numpy is wanted for them, which take as long to load
as two minutes of sound to measure.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from noisetamer.base import pipes
from noisetamer.sound.recording import container, statement
from noisetamer.sound.recording.refusal import must_be_a_file, reading
from noisetamer.sound.recording.statement import Statement

Kind = Literal["float32", "int32", "bare"]
"""What samples are to be: re full scale; left-aligned, exact of 8 to 24 bits only; a `Stretch`."""

_SUBTYPES = {16: "PCM_16", 24: "PCM_24"}
# Samples a stretch: seconds, so that progress is seen.
_STRETCH = 1 << 18
CUT = "is damaged or cut before its end; what is before is taken"
"""Note of a file that ended too early while it was read."""

# Size of what follows in a fmt chunk that says more than PCM alone.
_PCM, _EXTENSION = 1, 22


def cut(note: str) -> str:
    """A note with that besides, once."""
    return note if note.endswith(CUT) else f"{note}; {CUT}" if note else CUT


@dataclass(frozen=True)
class Stretch:
    """`count` samples one after another in an open file, the low byte first, not read yet.

    Reading raises EOFError where the file has been cut before their end.
    file: its descriptor; at: byte of the first; width: bytes a sample.
    """

    file: int
    at: int
    count: int
    width: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, part: slice) -> "Stretch":
        first, end, _ = part.indices(self.count)
        return Stretch(self.file, self.at + self.width * first, max(0, end - first), self.width)

    def sounding(self) -> tuple[int, int] | None:
        """The first that is not zero, and the end of the last; None where all are."""
        if any(self._read(0, 1)) and any(self._read(self.count - 1, 1)):
            return 0, self.count
        held = self._read(0, self.count)
        first = len(held) - len(held.lstrip(b"\0"))
        end = len(held.rstrip(b"\0"))
        return (first // self.width, -(-end // self.width)) if end else None

    def pour(self, pipe: int) -> None:
        """All of them into a pipe, by its descriptor. Raises OSError."""
        pipes.pour(self.file, self.at, self.width * self.count, pipe)

    def _read(self, first: int, count: int) -> bytes:
        content = os.pread(self.file, self.width * count, self.at + self.width * first)
        if len(content) < self.width * count:
            raise EOFError
        return content


@dataclass
class PlainWav:
    """Such a file, open, as `blocks.OpenRecording`. width: bytes a sample."""

    path: Path
    rate: int
    subtype: str
    width: int
    frames: int
    note: str
    statement: Statement
    _file: int
    _lies_at: int

    channels = 1
    # What libsndfile's files may have: values that are no numbers.
    odd, first_odd = 0, 0
    levels = (0.0,)

    def stretches(self, first: int, end: int | None) -> Iterator[Stretch]:
        """Of frames `first` to `end`."""
        end = self.frames if end is None else min(end, self.frames)
        for at in range(first, end, _STRETCH):
            wanted = min(_STRETCH, end - at)
            size = os.fstat(self._file).st_size
            there = min(wanted, (size - self._lies_at) // self.width - at)
            if there > 0:
                yield Stretch(self._file, self._lies_at + self.width * at, there, self.width)
            if there < wanted:
                self.note = cut(self.note)
                return


@contextmanager
def opened(path: Path) -> Iterator[PlainWav | None]:
    """None where it is anything else. Raises UserError, also from within, where the file is
    missing, empty or cannot be read."""
    must_be_a_file(path)
    with reading(path):
        found = container.look(path)
        shape = _shape(found.form) if found else None
        if not found or not shape:
            yield None
            return
        rate, bits = shape
        width = bits // 8
        with path.open("rb") as file:
            yield PlainWav(
                path,
                rate,
                _SUBTYPES[bits],
                width,
                found.sound_size // width,
                found.note,
                statement.of(path.name, found.texts, rate),
                file.fileno(),
                found.sound_at,
            )


def _shape(form: bytes) -> tuple[int, int] | None:
    """(rate in Hz, bits) by the body of a fmt chunk; None where not all in it says the same."""
    tag, channels, rate, speed, width, bits = struct.unpack("<HHIIHH", form[:16])
    if not container.is_pcm(form) or channels != 1 or not rate or bits not in _SUBTYPES:
        return None
    if (width, speed) != (bits // 8, bits // 8 * rate):
        return None
    if tag != _PCM and struct.unpack("<HH", form[16:20]) != (_EXTENSION, bits):
        return None
    return rate, bits
