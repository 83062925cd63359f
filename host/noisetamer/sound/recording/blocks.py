"""A sound file, opened by its content and read in blocks, however it is packed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound.recording import container, statement
from noisetamer.sound.recording.statement import Statement

Kind = type[np.float32] | type[np.int32] | type[np.uint8]

WHOLE = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24")
"""Subtypes of whole numbers that float32 holds exactly."""

BARE = {"PCM_16": 2, "PCM_24": 3}
"""{subtype whose samples may be handed on as they lie in a WAV: bytes a sample}"""

# Frames of several channels a block; a part of a long file is in memory, never the whole.
_BLOCK = 1 << 16
# Frames by which packed sound may be longer than it was: GSM 6.10 has blocks of 320.
_OF_PACKING = 4096
# What no sample of so many bits is, left-aligned in 32, and no sound: shows where reading ended.
_UNREAD = {np.float32: np.nan, np.int32: 1}
_DAMAGED = "is damaged or cut before its end; what is before is taken"


@dataclass
class OpenRecording:
    """rate: Hz. subtype: libsndfile's, as "PCM_24". note: what was assumed of its length; when
    its blocks have been read, also that it is damaged. lies_at: byte of the file at which its
    samples, whole numbers of one channel, lie one after another, the low byte first; None where
    they do not."""

    path: Path
    rate: int
    channels: int
    subtype: str
    note: str
    statement: Statement
    _sound: soundfile.SoundFile
    _file: int
    lies_at: int | None
    _frames: int | None = None
    _any: bool = False

    @property
    def frames(self) -> int:
        """How many there should be."""
        return self._sound.frames

    def blocks(
        self, first: int = 0, end: int | None = None, kind: Kind = np.float32
    ) -> Iterator[NDArray]:
        """kind[frames, channels] of frames `first` to `end`, once; telephone codecs (GSM 6.10,
        G.721, NMS ADPCM) know no way back. A block is valid until the next.

        kind: float32 re full scale, or int32, left-aligned: exact for `WHOLE` subtypes only; or
        uint8[frames, 1, bytes a sample] as they lie in the file, where they do (`lies_at`).
        Raises UserError where reading fails."""
        at, whole = 0, self._sound.frames
        if self._frames and 0 < whole - self._frames < _OF_PACKING:
            # What the packing added to fill its last block can be louder than all before.
            end = self._frames if end is None else min(end, self._frames)
        if kind is np.uint8:
            yield from self._as_they_lie(first, end)
            return
        buffer = np.empty((_BLOCK, self.channels), kind)
        if first and self._sound.seekable():
            at = self._sound.seek(min(first, self._sound.frames))
        while end is None or at < end:
            wanted = _BLOCK if end is None else min(_BLOCK, end - at)
            block = self._block(buffer[:wanted])
            if not len(block):
                return
            self._any = True
            if at + len(block) > first:
                yield block[max(0, first - at) :]
            at += len(block)

    def _as_they_lie(self, first: int, end: int | None) -> Iterator[NDArray[np.uint8]]:
        """libsndfile takes them one by one, which is most of what reading costs."""
        assert self.lies_at is not None
        width = BARE[self.subtype]
        end = self.frames if end is None else min(end, self.frames)
        buffer = np.empty((_BLOCK, 1, width), np.uint8)
        for at in range(first, end, _BLOCK):
            block = buffer[: end - at]
            got = os.preadv(self._file, [block.data], self.lies_at + width * at) // width
            if got:
                yield block[:got]
            if got < len(block):
                return

    def _block(self, block: NDArray) -> NDArray:
        """The next frames, fewer at the end or before damage."""
        unread = _UNREAD[block.dtype.type]
        block[:] = unread
        try:
            return self._sound.read(out=block)
        except soundfile.LibsndfileError:
            # A packed file that was cut: what was unpacked until then is there.
            there = (np.isfinite(block) if np.isnan(unread) else block != unread).all(axis=1)
            got = len(block) if there.all() else int(np.argmin(there))
            if self.note.endswith(_DAMAGED):
                return block[:0]
            if not got and not self._any:
                raise
            self.note = f"{self.note}; {_DAMAGED}" if self.note else _DAMAGED
            return block[:got]


@contextmanager
def opened(path: Path) -> Iterator[OpenRecording]:
    """Raises UserError, also from within, where the file is missing, empty, broken or no sound."""
    _must_be_a_file(path)
    failed: OSError | None = None
    try:
        mended = container.look(path)
        with path.open("rb") as file:
            # By descriptor, not by name: libsndfile then goes by the content, not the suffix.
            source: Any = container.Mended(file, mended) if mended else file.fileno()
            with soundfile.SoundFile(source, closefd=False) as sound:
                yield OpenRecording(
                    path,
                    sound.samplerate,
                    sound.channels,
                    sound.subtype,
                    mended.note if mended else _note(sound.extra_info),
                    statement.of(path.name, mended.texts if mended else {}, sound.samplerate),
                    sound,
                    file.fileno(),
                    mended.sound_at if mended and _lies_bare(sound, mended.sound_size) else None,
                    mended.frames if mended else None,
                )
            failed = source.failed if isinstance(source, container.Mended) else None
    except OSError as error:
        failed = error
    except soundfile.LibsndfileError as error:
        raise UserError(f"{path}: {_refusal(path, error.error_string.rstrip('.'))}") from None
    if failed:
        raise UserError(f"{path}: cannot be read: {failed.strerror or failed}") from None


def _must_be_a_file(path: Path) -> None:
    if path.is_dir():
        raise UserError(f"{path}: is a folder; give a sound file in it")
    if not path.exists():
        raise UserError(f"{path}: there is no such file; check its name")
    if not path.is_file():
        raise UserError(f"{path}: is not a plain file; give a sound file")
    if path.stat().st_size == 0:
        raise UserError(f"{path}: is empty (0 bytes); record or copy it again")


def _lies_bare(sound: soundfile.SoundFile, size: int) -> bool:
    """Whether the sound of a WAV, of `size` bytes, is nothing but one channel's samples."""
    width = BARE.get(sound.subtype)
    return width is not None and sound.channels == 1 and sound.frames == size // width


def _note(log: str) -> str:
    if "(should be " in log:
        return "is shorter than its header says; what is there is taken"
    return ""


def _refusal(path: Path, reason: str) -> str:
    head = b""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(512)
    for kind, marks in _PACKED.items():
        if any(head[at : at + len(mark)] == mark for at, mark in marks):
            return (
                f"is {kind}, which is not read here; make a WAV of it and give that: "
                f'ffmpeg -i "{path.name}" "{path.stem}.wav"'
            )
    if len(head) == 512 and not any(head):
        return (
            "begins with zeros where its header should be, as a recorder that lost power leaves "
            "it; give it one, with rate, bits and channels as you record, such as: "
            f'ffmpeg -f s24le -ar 48000 -ac 1 -i "{path.name}" "{path.stem}-mended.wav"'
        )
    return (
        f"is not a sound file that can be read ({reason}); "
        "give a WAV of 16, 24 or 32 bits or float"
    )


# Of phones and old dictation machines: what libsndfile does not know.
_PACKED = {
    "a phone's recording (M4A, MP4 or 3GP)": [(4, b"ftyp")],
    "a phone's recording (AMR)": [(0, b"#!AMR")],
    "an AAC recording": [(0, b"\xff\xf1"), (0, b"\xff\xf9")],
    "a Windows Media recording (WMA)": [(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")],
    "a Matroska or WebM recording": [(0, b"\x1a\x45\xdf\xa3")],
    "a DSD recording": [(0, b"DSD "), (0, b"FRM8")],
}
