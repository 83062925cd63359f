"""A sound file, opened by its content and read in blocks, however it is packed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.base.interrupts import uninterrupted
from noisetamer.sound.recording import container, refusal, statement
from noisetamer.sound.recording.plain import CUT, Kind, cut
from noisetamer.sound.recording.statement import Statement

WHOLE = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24")
"""Subtypes of whole numbers that float32 holds exactly."""

# Frames of several channels a block; a part of a long file is in memory, never the whole.
_BLOCK = 1 << 16
# Frames by which packed sound may be longer than it was: GSM 6.10 has blocks of 320.
_OF_PACKING = 4096
# What no sample of so many bits is, left-aligned in 32, and no sound: shows where reading ended.
_UNREAD = {"float32": np.nan, "int32": 1}
# Frames of a file that does not say how many: a FLAC that was written into a pipe.
_UNSAID = (1 << 63) - 1
# libsndfile's SFE_BAD_SEEK: soundfile seeks to where it has read to, and behind such an end fails.
_BAD_SEEK = 39
# Subtypes whose files say exactly how many frames there are; packed ones may guess, as MP3.
_COUNTED = (*WHOLE, "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")
# Of int32 words.
_FULL_SCALE = 2.0**-31


@dataclass
class OpenRecording:
    """rate: Hz. subtype: libsndfile's, as "PCM_24". note: what was assumed of its length; when
    its blocks have been read, also that it is damaged. When a channel has been read: levels, dB
    re full scale of what changes in each, -inf where it is dead; of a file with one, what it is
    does not matter; odd: values of it that are no numbers, the first being sample first_odd."""

    path: Path
    rate: int
    channels: int
    subtype: str
    note: str
    statement: Statement
    _sound: soundfile.SoundFile
    _frames: int | None = None
    width: int = 0  # bytes a sample where they may be handed on as they lie in the file
    levels: tuple[float, ...] = (0.0,)
    odd: int = 0
    first_odd: int = 0
    _any: bool = False

    @property
    def frames(self) -> int:
        """How many there should be."""
        return self._sound.frames

    def blocks(
        self, first: int = 0, end: int | None = None, kind: Kind = "float32"
    ) -> Iterator[NDArray]:
        """kind[frames, channels] of frames `first` to `end`, once; telephone codecs (GSM 6.10,
        G.721, NMS ADPCM) know no way back. A block is valid until the next.

        Raises UserError where reading fails."""
        at, whole = 0, self._sound.frames
        if self._frames and 0 < whole - self._frames < _OF_PACKING:
            # What the packing added to fill its last block can be louder than all before.
            end = self._frames if end is None else min(end, self._frames)
        buffer = np.empty((_BLOCK, self.channels), kind)
        if first and self._sound.seekable():
            with uninterrupted():
                at = self._sound.seek(min(first, self._sound.frames))
        while end is None or at < end:
            wanted = _BLOCK if end is None else min(_BLOCK, end - at)
            block = self._block(buffer[:wanted])
            if not len(block):
                counted = self.subtype in _COUNTED and whole != _UNSAID
                if counted and at < (whole if end is None else min(end, whole)):
                    self.note = cut(self.note)
                return
            self._any = True
            if at + len(block) > first:
                yield block[max(0, first - at) :]
            at += len(block)

    def channel(self, number: int, first: int, end: int | None, kind: Kind) -> Iterator[NDArray]:
        """kind[n] of one channel, counted from 1, as of `blocks`."""
        sums, count = np.zeros((2, self.channels)), 0
        for block in self.blocks(first, end, kind):
            if self.channels > 1:
                wave = block if kind == "float32" else block * _FULL_SCALE
                sums += wave.sum(axis=0, dtype=float), np.square(wave, dtype=float).sum(axis=0)
            samples = np.ascontiguousarray(block[:, number - 1])
            if kind == "float32":
                self._look_for_odd(samples, count)
            count += len(block)
            yield samples
        if self.channels > 1 and count:
            self.levels = _levels(sums / count)

    def _look_for_odd(self, samples: NDArray[np.float32], at: int) -> None:
        odd = np.flatnonzero(~np.isfinite(samples))
        if len(odd) and not self.odd:
            self.first_odd = at + int(odd[0])
        self.odd += len(odd)

    def _block(self, block: NDArray) -> NDArray:
        """The next frames, fewer at the end or before damage."""
        unread = _UNREAD[block.dtype.name]
        block[:] = unread
        try:
            with uninterrupted():
                return self._sound.read(out=block)
        except soundfile.LibsndfileError as error:
            # A packed file that was cut: what was unpacked until then is there.
            there = (np.isfinite(block) if np.isnan(unread) else block != unread).all(axis=1)
            got = len(block) if there.all() else int(np.argmin(there))
            if self.frames == _UNSAID and error.code == _BAD_SEEK:
                return block[:got]
            if self.note.endswith(CUT):
                return block[:0]
            if not got and not self._any:
                raise
            self.note = cut(self.note)
            return block[:got]


@contextmanager
def opened(path: Path) -> Iterator[OpenRecording]:
    """Raises UserError, also from within, where the file is missing, empty, broken or no sound."""
    refusal.must_be_a_file(path)
    try:
        with refusal.reading(path):
            mended = container.look(path)
            with path.open("rb") as file:
                # By descriptor, not by name: libsndfile then goes by the content, not the suffix.
                source: Any = container.Mended(file, mended) if mended else file.fileno()
                with uninterrupted():
                    sound = soundfile.SoundFile(source, closefd=False)
                with sound:
                    yield OpenRecording(
                        path,
                        sound.samplerate,
                        sound.channels,
                        sound.subtype,
                        mended.note if mended else _note(sound.extra_info),
                        statement.of(path.name, mended.texts if mended else {}, sound.samplerate),
                        sound,
                        mended.frames if mended else None,
                    )
                if isinstance(source, container.Mended) and source.failed:
                    raise source.failed
    except soundfile.LibsndfileError as error:
        reason = error.error_string.rstrip(".")
        raise UserError(f"{path}: {refusal.of_content(path, reason)}") from None


def _note(log: str) -> str:
    if "(should be " in log:
        return "is shorter than its header says; what is there is taken"
    return ""


def _levels(means: NDArray[np.float64]) -> tuple[float, ...]:
    """dB of what changes, from mean and mean square of each channel."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = means[1] - np.square(means[0])
        # What float32 leaves of a constant is no sound.
        sounds = variance > 1e-12 * means[1]
        return tuple(np.where(sounds, 10 * np.log10(np.abs(variance)), -np.inf).tolist())
