"""The tones of the self-check, out of their files by the box's own decoder, through a small
loudspeaker and the unit's own kernel."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from noisetamer.sound.kernels import ported_int
from noisetamer.sound.kernels.signal import Signal
from noisetamer.square.loudspeaker import Loudspeaker, hold
from noisetamer.unit.voice import check_tones
from noisetamer.unit.voice.prepare import RATE
from noisetamer.unit.voice.preview import preview
from tamer.hear.kernel.meter import levels
from tamer.hear.self_check import self_check
from tamer.hear.self_check.self_check import QUIET_FOR, SHIPPED, TONE_WITHIN, Heard
from tamer.hear.self_check.verdict import NEW, judged
from tamer.record.reading import OWN_VOICE, VALID, Second

pytestmark = pytest.mark.device

# INMP441: level of a full-scale sine, dB.
FULL_SCALE = 120.0
FAST_RATE = 48_000

# Pressure at the microphone, re its full scale, for full scale of the amplifier: 100 dB.
COUPLING = 0.1

# A tone asked for at a second's start sounds so much later, so that its echo ends a second.
LATE_S = 0.4

Sound = NDArray[np.float64]


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voices")
    check_tones.make(folder)
    return folder


@pytest.fixture(scope="module")
def amplified(voices: Path) -> list[Sound]:
    """What the amplifier is given of each tone, re full scale, at 48 kHz."""
    played = voices / "played.wav"
    tones = []
    for hertz in SHIPPED.tones:
        preview(voices / f"{self_check.name_of(hertz)}.wav", SHIPPED.volume, played)
        samples, _ = soundfile.read(played, dtype="int16")
        tones.append(hold(np.asarray(samples, np.int16), RATE))
    return tones


def night(amplified: list[Sound], loudspeaker: float = 0.0, microphone: float = 0.0) -> Heard:
    """One self-check. loudspeaker, microphone: how much too much each gives, dB."""
    seconds = QUIET_FOR + TONE_WITHIN * len(amplified) + 2
    rng = np.random.default_rng(1)
    # White noise of 40 dB, 37 dB(A).
    sound = rng.standard_normal(seconds * FAST_RATE) * 10 ** ((40 - FULL_SCALE) / 20) / np.sqrt(2)
    box = Loudspeaker(RATE)
    for number, tone in enumerate(amplified):
        # Two seconds of the night are the meter's own start.
        at = round((2 + QUIET_FOR + TONE_WITHIN * number + LATE_S) * FAST_RATE)
        sound[at : at + len(tone)] += box.process(tone) * COUPLING * 10 ** (loudspeaker / 20)
    words = np.rint(sound * 10 ** (microphone / 20) * 2**23).astype(np.int32)
    return checked(words)


def checked(words: NDArray[np.int32]) -> Heard:
    """What the box makes of it: tones are its own voice from when they are asked for."""
    state, playing = self_check.start(), False
    for t, found in enumerate(ported_int.hear([Signal(words)])[0][2:]):
        flags = OWN_VOICE if playing else VALID
        second = Second(t, *levels(found, FULL_SCALE), flags)
        state, effect = self_check.step(state, second, 1, SHIPPED.since, True, SHIPPED)
        if isinstance(effect, Heard):
            return effect
        playing = playing or effect is not None
    raise AssertionError("the check did not end")


@pytest.fixture(scope="module")
def usual(amplified: list[Sound]) -> Heard:
    return night(amplified)


def test_every_tone_stands_out_and_is_gentle(usual: Heard):
    assert usual.background == pytest.approx(373, abs=2)
    assert all(600 < level < 750 for level in usual.levels)


def test_the_next_night_agrees_within_a_tenth(amplified: list[Sound], usual: Heard):
    memory, first = judged(NEW, usual, SHIPPED.tones)
    _, fields = judged(memory, night(amplified), SHIPPED.tones)
    assert (first["verdict"], fields["verdict"]) == ("reference", "good")
    assert fields["deviations"] == [0, 0, 0, 0]


@pytest.mark.parametrize("dull", ["microphone", "loudspeaker"])
def test_what_became_dull_by_1_db_is_seen_in_every_tone(
    amplified: list[Sound], usual: Heard, dull: str
):
    memory, _ = judged(NEW, usual, SHIPPED.tones)
    heard = night(amplified, **{dull: -1.0})
    _, fields = judged(memory, heard, SHIPPED.tones)
    assert fields["deviations"] == pytest.approx([-10, -10, -10, -10], abs=1)
    fell = usual.background - heard.background
    assert fell == pytest.approx(10 if dull == "microphone" else 0, abs=1)


def test_the_tones_take_less_than_100_kB_of_flash(voices: Path):
    assert sum(path.stat().st_size for path in voices.glob("tone_*.wav")) < 100_000
