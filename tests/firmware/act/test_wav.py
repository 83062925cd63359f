"""Where a message's samples are, in files that are whole and in files that are not."""

import io
import struct

import pytest

from noisetamer.base.paths import FIRMWARE
from tamer.act import wav


def riff(*chunks: tuple[bytes, int, bytes]) -> io.BytesIO:
    """(name, stated length, content) of each."""
    parts = [name + struct.pack("<I", length) + content for name, length, content in chunks]
    return io.BytesIO(b"RIFF\0\0\0\0WAVE" + b"".join(parts))


def a_format(kind: int, rate: int, block: int, bits: int) -> tuple[bytes, int, bytes]:
    return (b"fmt ", 16, struct.pack("<HHIIHH", kind, 1, rate, 0, block, bits))


class OnAChip(io.BytesIO):
    """A file that seeks as far as a word of a 32-bit chip goes."""

    def seek(self, to: int, whence: int = 0) -> int:
        if to >= 1 << 31:
            raise OverflowError("overflow converting long int to machine word")
        return super().seek(to, whence)


def test_a_shipped_message_lasts_as_long_as_it_has_samples():
    with (FIRMWARE / "voices" / "polite_en.wav").open("rb") as file:
        assert wav.seconds(file, 16_000) == pytest.approx(5.66, abs=0.01)


def test_a_length_beyond_the_chip_s_own_words_is_refused_like_any_other_wrong_one():
    for length in (1 << 30, 0xFFFFFFFF):
        whole = riff((b"LIST", length, b"abcd"), a_format(wav.PCM, 16_000, 2, 16))
        with pytest.raises(ValueError, match="not a WAV file"):
            wav.read_header(OnAChip(whole.getvalue()))


def test_blocks_that_a_box_has_no_room_for_are_found_before_it_speaks():
    whole = riff(a_format(wav.IMA_ADPCM, 16_000, 1024, 4), (b"data", 1024, bytes(1024)))
    with pytest.raises(ValueError, match="blocks of 1024 bytes are too long"):
        wav.seconds(whole, 16_000)


def test_a_file_that_is_cut_anywhere_is_refused_or_shorter():
    with (FIRMWARE / "voices" / "polite_en.wav").open("rb") as file:
        whole = file.read()
    begins = whole.index(b"data") + 8
    for size in range(begins + 4):
        with pytest.raises(ValueError, match="WAV file"):
            wav.seconds(io.BytesIO(whole[:size]), 16_000)
    assert wav.seconds(io.BytesIO(whole[:20_000]), 16_000) < 3


def test_another_rate_than_the_amplifier_s_is_refused():
    whole = riff(a_format(wav.PCM, 48_000, 2, 16), (b"data", 4, bytes(4)))
    with pytest.raises(ValueError, match="not at 16000 Hz"):
        wav.seconds(whole, 16_000)
