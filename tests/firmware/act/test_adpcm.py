"""The box's decoder says what every other tool says, to the bit; our encoder wastes nothing."""

import io
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from folders import ON_BOX
from waiting import DEADLINE

from noisetamer.base.paths import FIRMWARE, micropython
from noisetamer.unit.voice import adpcm
from noisetamer.unit.voice.preview import preview
from tamer.act.adpcm_steps import STEPS

pytestmark = pytest.mark.device

RATE = 16_000
FADE = 160  # samples at either end that the box changes


def decoded_by_box(wav: bytes, folder: Path) -> np.ndarray:
    (folder / "message.wav").write_bytes(wav)
    preview(folder / "message.wav", 0.0, folder / "played.wav")
    return soundfile.read(folder / "played.wav", dtype="int16")[0]


def decoded_by_libsndfile(wav: bytes) -> np.ndarray:
    return soundfile.read(io.BytesIO(wav), dtype="int16")[0]


def any_codes(blocks: int, seed: int) -> bytes:
    """A file of random codes after random heads: what no encoder would make is in it, too."""
    rng = np.random.default_rng(seed)
    samples = np.zeros(blocks * adpcm.SAMPLES_PER_BLOCK, np.int16)
    wav = bytearray(adpcm.wav(samples, RATE))
    data = len(wav) - blocks * adpcm.BLOCK
    for number in range(blocks):
        head = struct.pack("<hBB", rng.integers(-32768, 32768), number % len(STEPS), 0)
        at = data + number * adpcm.BLOCK
        wav[at : at + adpcm.BLOCK] = head + rng.bytes(adpcm.BLOCK - 4)
    return bytes(wav)


def speech_like() -> np.ndarray:
    t = np.arange(2 * RATE) / RATE
    tones = sum(np.sin(2 * np.pi * f * t) / f for f in (180, 540, 1260, 2700))
    return np.round(4e6 * tones * np.sin(2 * np.pi * 2 * t) ** 2).clip(-32000, 32000)


def test_any_codes_are_decoded_to_the_bits_of_libsndfile(tmp_path: Path):
    wav = any_codes(len(STEPS), seed=1)
    box, other = decoded_by_box(wav, tmp_path), decoded_by_libsndfile(wav)
    assert len(box) == len(other)
    assert (box[FADE:-FADE] == other[FADE:-FADE]).all()
    assert {other.min(), other.max()} == {-32768, 32767}


def test_what_another_encoder_made_is_decoded_to_the_same_bits(tmp_path: Path):
    file = io.BytesIO()
    soundfile.write(file, speech_like() / 32768, RATE, format="WAV", subtype="IMA_ADPCM")
    box = decoded_by_box(file.getvalue(), tmp_path)
    other = decoded_by_libsndfile(file.getvalue())
    assert len(box) == len(other)
    assert (box[FADE:-FADE] == other[FADE:-FADE]).all()


def test_other_tools_take_the_file_for_IMA_ADPCM_and_play_every_sample():
    wav = adpcm.wav(speech_like().astype(np.int16), RATE)
    info = soundfile.info(io.BytesIO(wav))
    assert (info.subtype, info.samplerate, info.channels) == ("IMA_ADPCM", RATE, 1)
    assert 0 <= info.frames - 2 * RATE < adpcm.SAMPLES_PER_BLOCK


def test_a_message_takes_a_quarter_of_its_samples():
    wav = adpcm.wav(np.zeros(4 * RATE, np.int16), RATE)
    assert len(wav) < 4 * RATE * 2 * 0.26


def test_what_is_decoded_is_as_near_as_four_bits_come():
    """At least as good as libsndfile's own encoder."""
    wanted = speech_like()
    theirs = io.BytesIO()
    soundfile.write(theirs, wanted / 32768, RATE, format="WAV", subtype="IMA_ADPCM")

    def noise_dB(wav: bytes) -> float:
        left = decoded_by_libsndfile(wav)[: len(wanted)] - wanted
        return 10 * np.log10(np.mean(left**2) / np.mean(wanted**2))

    ours = noise_dB(adpcm.wav(wanted.astype(np.int16), RATE))
    assert ours <= noise_dB(theirs.getvalue())
    assert ours < -30


@pytest.mark.parametrize("kept", [0.4, 0.8])
def test_of_a_file_that_is_cut_off_as_much_is_played_as_there_is(tmp_path: Path, kept: float):
    wav = adpcm.wav(speech_like().astype(np.int16), RATE)
    played = decoded_by_box(wav[: int(kept * len(wav))], tmp_path)
    assert len(played) == pytest.approx(kept * 2 * RATE, rel=0.03)
    assert abs(int(played[-1])) <= 4, "it ends faded out"
    whole = decoded_by_libsndfile(wav)
    assert (played[FADE:-FADE] == whole[FADE : len(played) - FADE]).all()


def test_decoding_and_shaping_allocate_nothing():
    command = [*micropython(), ON_BOX / "voice_under_heap_lock.py", FIRMWARE]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=True)
    assert ran.stdout.strip() == str(adpcm.SAMPLES_PER_BLOCK)
