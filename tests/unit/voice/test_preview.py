"""What leaves the loudspeaker: PCM as it is in the file, at its volume, rising and falling."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from noisetamer.base.errors import UserError
from noisetamer.unit.voice.preview import preview

pytestmark = pytest.mark.device

RATE = 16_000
FADE = 160


def played(samples: np.ndarray, folder: Path, volume: float = 0.0) -> np.ndarray:
    soundfile.write(folder / "message.wav", samples, RATE, subtype="PCM_16")
    return play(folder / "message.wav", volume)


def play(message: Path, volume: float = 0.0) -> np.ndarray:
    preview(message, volume, message.with_name("played.wav"))
    return soundfile.read(message.with_name("played.wav"), dtype="int16")[0]


def any_samples(count: int = RATE) -> np.ndarray:
    return np.random.default_rng(2).integers(-32768, 32768, count).astype(np.int16)


def test_at_full_volume_the_samples_are_those_of_the_file(tmp_path: Path):
    samples = any_samples()
    assert (played(samples, tmp_path)[FADE:-FADE] == samples[FADE:-FADE]).all()


@pytest.mark.parametrize("volume", [-60, -12, -6, -0.5])
def test_a_volume_is_a_factor_rounded_to_the_nearest(tmp_path: Path, volume: float):
    samples = any_samples()
    wanted = samples * (round(32768 * 10 ** (volume / 20)) / 32768)
    error = played(samples, tmp_path, volume)[FADE:-FADE] - wanted[FADE:-FADE]
    assert np.abs(error).max() <= 0.5


def test_it_rises_and_falls_as_a_raised_cosine_in_10_ms(tmp_path: Path):
    heard = played(np.full(RATE // 4, 32767, np.int16), tmp_path) / 32767
    wanted = (1 - np.cos(np.pi * (np.arange(FADE) + 0.5) / FADE)) / 2
    assert heard[:FADE] == pytest.approx(wanted, abs=1e-4)
    assert heard[-FADE:] == pytest.approx(wanted[::-1], abs=1e-4)
    assert (heard[FADE:-FADE] == 1).all()


def test_a_message_shorter_than_its_fades_is_still_no_click(tmp_path: Path):
    heard = played(np.full(50, 32767, np.int16), tmp_path)
    assert len(heard) == 50
    assert np.abs(np.diff(heard.astype(np.int32), prepend=0, append=0)).max() <= 330


@pytest.mark.parametrize("subtype", ["PCM_24", "FLOAT", "ULAW"])
def test_what_the_box_cannot_play_is_refused(tmp_path: Path, subtype: str):
    soundfile.write(tmp_path / "message.wav", np.zeros(RATE), RATE, subtype=subtype)
    with pytest.raises(UserError, match="mono, 16-bit PCM or IMA ADPCM"):
        play(tmp_path / "message.wav")


def test_two_channels_are_refused(tmp_path: Path):
    soundfile.write(tmp_path / "message.wav", np.zeros((RATE, 2)), RATE, subtype="PCM_16")
    with pytest.raises(UserError, match="mono"):
        play(tmp_path / "message.wav")


def test_chunks_that_other_tools_add_are_passed_over(tmp_path: Path):
    samples = any_samples(2000)
    played(samples, tmp_path)
    wav = (tmp_path / "message.wav").read_bytes()
    odd = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    (tmp_path / "message.wav").write_bytes(wav[:36] + odd + wav[36:])
    assert (play(tmp_path / "message.wav")[FADE:-FADE] == samples[FADE:-FADE]).all()
