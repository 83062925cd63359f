"""Plain WAVs: known by their header, and handed on as they lie in the file."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from recorders import chunk, fmt, pcm, wav

from noisetamer.base.errors import UserError
from noisetamer.sound.recording import plain
from noisetamer.sound.recording.recording import stream

NOISE = 0.1 * np.random.default_rng(3).standard_normal(400_000)
GUID = struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
FLOAT = struct.pack("<H", 3) + GUID[2:]


def header(
    tag: int = 1,
    channels: int = 1,
    rate: int = 48_000,
    speed: int = 96_000,
    width: int = 2,
    bits: int = 16,
    more: bytes = b"",
) -> bytes:
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, speed, width, bits) + more)


def extensible(bits: int, guid: bytes) -> bytes:
    return header(tag=0xFFFE, more=struct.pack("<HHI", 22, bits, 4) + guid)


@pytest.mark.parametrize(
    ("form", "taken"),
    [
        (header(), True),
        (header(more=b"\0\0"), True),
        (header(rate=8_000, speed=24_000, width=3, bits=24), True),
        (extensible(16, GUID), True),
        (extensible(12, GUID), False),
        (extensible(16, FLOAT), False),
        (header(tag=0xFFFE), False),
        (header(tag=6), False),
        (header(channels=2, speed=192_000, width=4), False),
        (header(speed=192_000, width=4), False),
        (header(speed=48_000), False),
        (header(rate=0, speed=0), False),
        (header(speed=192_000, width=4, bits=32), False),
        (header(speed=96_000, width=2, bits=12), False),
    ],
)
def test_a_header_is_plain_if_all_in_it_says_the_same(tmp_path: Path, form: bytes, taken: bool):
    path = wav(tmp_path / "a.wav", form, chunk(b"data", pcm(NOISE[:96_000])))
    with plain.opened(path) as found:
        assert bool(found) is taken


class Bare:
    """Keeps the bytes as they come; does something before it takes some, and after."""

    def __init__(self, then=lambda: None, before=lambda: None) -> None:
        self.heard = b""
        self._before, self._then = before, then

    def begin(self, rate: int, subtype: str, width: int) -> plain.Kind:
        assert (rate, subtype, width) == (48_000, "PCM_24", 3)
        self.heard = b""
        return "bare"

    def take(self, samples: plain.Stretch | bytes) -> None:
        self._before()
        if isinstance(samples, plain.Stretch):
            read, write = os.pipe()
            for at in range(0, len(samples), 10_000):
                samples[at : at + 10_000].pour(write)
                self.heard += os.read(read, 30_000)
            os.close(read)
            os.close(write)
        else:
            self.heard += samples
        self._then()


def test_samples_come_as_they_lie_without_the_zeros_at_the_end(tmp_path: Path):
    sound = NOISE.copy()
    # Across two stretches, and a place never written.
    sound[200_000:280_000] = sound[350_001:] = 0
    lying = pcm(sound, 24)
    path = wav(tmp_path / "a.wav", fmt(48_000, 24), chunk(b"data", lying))
    listener = Bare()
    passage = stream(path, listener)
    assert listener.heard == lying[: 3 * 350_001]
    assert passage.frames == 350_001
    assert len(passage.notes) == 2


@pytest.mark.parametrize(
    ("when", "left", "note"),
    [
        ("then", 300_000, "is damaged or cut before its end; what is before is taken"),
        # in what was just given: it is heard anew
        ("before", 100_000, "is shorter than its header says; what is there is taken"),
    ],
)
def test_a_file_that_is_cut_while_it_is_read_is_taken_as_far_as_it_goes_and_said(
    tmp_path: Path, when: str, left: int, note: str
):
    lying = pcm(NOISE, 24)
    path = wav(tmp_path / "a.wav", fmt(48_000, 24), chunk(b"data", lying))
    listener = Bare(**{when: lambda: os.truncate(path, 44 + 3 * left + 1)})
    passage = stream(path, listener)
    assert listener.heard == lying[: 3 * left]
    assert passage.frames == left
    assert passage.notes == (f"{path}: {note}",)


def test_one_that_is_cut_again_and_again_is_refused(tmp_path: Path):
    path = wav(tmp_path / "a.wav", fmt(48_000, 24), chunk(b"data", pcm(NOISE, 24)))
    listener = Bare(before=lambda: os.truncate(path, path.stat().st_size // 2))
    with pytest.raises(UserError, match="was cut twice while it was read; measure it when"):
        stream(path, listener)
