"""The chunks of a WAV, where its sound lies, and how much of it is there.

RIFF WAVE as in Microsoft and IBM's "Multimedia Programming Interface" (1991), RF64 as in EBU
Tech 3306, BW64 as in ITU-R BS.2088. Recorders that lost power, were filled up or are careless
leave sizes of 0 or -1, sizes smaller or larger than the sound, and odd chunks without their pad
byte; the sound is there all the same.
"""

import io
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

_FAMILY = (b"RIFF", b"RF64", b"BW64")
_UNKNOWN_32, _UNKNOWN_64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
# Programs that write into a pipe claim about 2 GiB.
_HARDLY_MEANT = 0x7FFF0000
# Tags of a fmt chunk, and PCM's GUID where the first tag only says that more follows: Microsoft's
# "Multiple channel audio data and WAVE files".
_PCM, _EXTENSIBLE = b"\1\0", b"\xfe\xff"
_PCM_GUID = bytes.fromhex("0100000000001000800000aa00389b71")
_KEPT = {b"bext", b"iXML", b"LIST", b"fact", b"guan"}
# Bytes of a chunk that are looked at, and chunks that are looked at.
_LONGEST_TEXT, _MOST_CHUNKS = 1 << 18, 1000
# Left over beyond the sound: shorter than this, s, it is not worth a word.
_BRIEF = 0.05


@dataclass(frozen=True)
class Container:
    """header: one that says what is there, to stand before bytes sound_at to sound_at +
    sound_size of the file. form: body of its fmt chunk, of 16 bytes or more. texts: bodies of the
    chunks in which recorders speak, by name. note: what had to be assumed of the sound's length,
    if anything. frames: how many there are of packed sound, which ends with its last block; None
    where the file does not say."""

    header: bytes
    form: bytes
    sound_at: int
    sound_size: int
    texts: dict[str, bytes] = field(default_factory=dict)
    note: str = ""
    frames: int | None = None


def look(path: Path) -> Container | None:
    """None where the file is no WAV, or one without format or sound. Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] not in _FAMILY or head[8:] != b"WAVE":
            return None
        form, long_size, texts = b"", 0, {}
        for name, at, stated in _chunks(file, 12, size):
            if name == b"data":
                if len(form) < 16:
                    return None
                stated = long_size if stated == _UNKNOWN_32 and long_size else stated
                there, note = _extent(file, at, stated, size, form)
                texts |= {each: body for each, body in _texts(file, at + there, size)}
                fact = b"" if is_pcm(form) else texts.get("fact", b"")[:4]
                frames = struct.unpack("<I", fact)[0] if len(fact) == 4 and not note else None
                return Container(_header(form, fact, there), form, at, there, texts, note, frames)
            if name == b"fmt ":
                form = _body(file, at, min(stated, 1024))
            elif name == b"ds64" and stated >= 16:
                long_size = struct.unpack("<Q", _body(file, at + 8, 8).ljust(8, b"\0"))[0]
            elif name in _KEPT:
                texts[name.decode()] = _body(file, at, stated)
    return None


def is_pcm(form: bytes) -> bool:
    """By the body of a fmt chunk: whole numbers, not packed; any fact chunk is void."""
    return form[:2] == _PCM or (form[:2] == _EXTENSIBLE and form[24:40] == _PCM_GUID)


class Mended(io.RawIOBase):
    """A file for libsndfile: a true header and the sound, nothing else. `failed`: its OSError,
    which libsndfile would take for an early end."""

    def __init__(self, file: BinaryIO, container: Container):
        self._file, self._of = file, container
        self._at = 0
        self._size = len(container.header) + container.sound_size
        self.failed: OSError | None = None

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer) -> int:
        wanted, header = memoryview(buffer), self._of.header
        if self._at < len(header):
            part = header[self._at : self._at + len(wanted)]
        else:
            part = self._sound(min(len(wanted), self._size - self._at))
        wanted[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _sound(self, wanted: int) -> bytes:
        if wanted <= 0:
            return b""
        try:
            # In one call: libsndfile asks for little at a time, and often.
            at = self._of.sound_at + self._at - len(self._of.header)
            return os.pread(self._file.fileno(), wanted, at)
        except OSError as error:
            self.failed = error
            return b""


def _chunks(file: BinaryIO, at: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, begin of its body, stated size) one after another, as long as they make sense."""
    for _ in range(_MOST_CHUNKS):
        if not _plausible(head := _body(file, at, 8)):
            return
        name, stated = head[:4], struct.unpack("<I", head[4:])[0]
        yield name, at + 8, stated
        at += 8 + stated
        # The pad byte of an odd chunk is zero; where it was forgotten, the next name stands there.
        if stated % 2 and not (_body(file, at, 1) != b"\0" and _plausible(_body(file, at, 8))):
            at += 1
        if at >= size:
            return


def _plausible(head: bytes) -> bool:
    return len(head) == 8 and all(0x20 <= letter < 0x7F for letter in head[:4])


def _texts(file: BinaryIO, at: int, size: int) -> Iterator[tuple[str, bytes]]:
    """Those after the sound: many recorders write them when they stop."""
    for name, begin, stated in _chunks(file, at + at % 2, size):
        if name in _KEPT:
            yield name.decode(), _body(file, begin, stated)


def _extent(file: BinaryIO, at: int, stated: int, size: int, form: bytes) -> tuple[int, str]:
    """(bytes of sound, what was assumed)."""
    there = size - at
    seconds = 1 / max(struct.unpack("<I", form[8:12])[0], 1)
    if stated > there:
        if stated in (_UNKNOWN_32, _UNKNOWN_64) or _HARDLY_MEANT < stated < _UNKNOWN_32:
            return there, _size_unknown(there * seconds)
        return there, "is shorter than its header says; what is there is taken"
    beyond = there - stated
    if _ends_in_chunks(file, at + stated, size) or _only_zeros(file, at + stated, beyond):
        return stated, ""
    if stated == 0:
        return there, _size_unknown(there * seconds)
    if beyond * seconds < _BRIEF:
        return stated, ""
    return there, (
        f"holds {beyond * seconds:.1f} s more than its header says, as a recorder that lost power "
        "leaves it; all that is there is taken"
    )


def _size_unknown(seconds: float) -> str:
    return (
        "does not say how long its sound is, as a recorder that lost power leaves it; all "
        f"{seconds:.1f} s that are there are taken"
    )


def _ends_in_chunks(file: BinaryIO, at: int, size: int) -> bool:
    if at + at % 2 >= size:
        return True
    for start in {at, at + at % 2}:
        last = start
        for _, begin, stated in _chunks(file, start, size):
            last = begin + stated
        # One that was cut short is still a chunk.
        if last > start and last >= size - 1:
            return True
    return False


def _only_zeros(file: BinaryIO, at: int, length: int) -> bool:
    """Filled up to a whole sector."""
    return length <= 1 << 16 and not _body(file, at, length).strip(b"\0")


def _body(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(min(length, _LONGEST_TEXT))


def _header(form: bytes, fact: bytes, sound_size: int) -> bytes:
    chunks = b"".join(
        name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
        for name, body in ((b"fmt ", form), (b"fact", fact))
        if len(body) >= 4
    )
    if len(chunks) + sound_size + 12 < 1 << 32:
        sizes = [struct.pack("<I", n) for n in (4 + len(chunks) + 8 + sound_size, sound_size)]
        return b"RIFF" + sizes[0] + b"WAVE" + chunks + b"data" + sizes[1]
    long = struct.pack("<QQQI", 4 + 36 + len(chunks) + 8 + sound_size, sound_size, 0, 0)
    minus_one = struct.pack("<I", _UNKNOWN_32)
    own = struct.pack("<I", len(long)) + long
    return b"RF64" + minus_one + b"WAVE" + b"ds64" + own + chunks + b"data" + minus_one
