"""The project's own sounds are what they are called, and repeat without a seam."""

import numpy as np
import pytest
import soundfile
from exact_meter import measured

from noisetamer.square.levels import RATE, REFERENCE_PA
from noisetamer.square.seeds import stream
from noisetamer.square.sounds.catalogue import CATALOGUE, loop_of
from noisetamer.square.sounds.recording import recording

ALL = [("tone", 1000.0), ("noise", "white"), ("noise", "pink"), ("noise", "brown")]
ALL += [("music", style) for style in ("dance", "folk", "march", "ballad")]
# Wind, mostly below hearing, has tests of its own.
_OTHERS = ("tone", "noise", "music", "recording", "wind")
ALL += [(name, None) for name in CATALOGUE if name not in _OTHERS]


def loop(sound, option=None):
    return loop_of(sound, option, 1, "test")


def C_minus_A(sound, option=None):
    one = loop(sound, option)
    return 10 * np.log10(one.c.mean() / one.a.mean())


def crest(one):
    return 10 * np.log10(one.peak.max() / one.c.mean())


@pytest.mark.parametrize(("sound", "option"), ALL)
def test_a_sound_has_unit_level_and_its_stored_energies_are_what_a_meter_finds(sound, option):
    one = loop(sound, option)
    repeated = np.concatenate([one.samples[-RATE:], one.samples])  # lets the meter settle
    found = measured(repeated * REFERENCE_PA * 10**4)[1:]
    level = 10 * np.log10(np.mean([10 ** (second.LAeq / 10) for second in found]))
    assert level == pytest.approx(80, abs=0.05)
    loud = [number for number in range(one.seconds) if found[number].LAeq > 60]
    for number in loud:
        assert 80 + 10 * np.log10(one.a[number]) == pytest.approx(found[number].LAeq, abs=0.1)
        assert 80 + 10 * np.log10(one.c[number]) == pytest.approx(found[number].LCeq, abs=0.1)
        assert 80 + 10 * np.log10(one.fast[number].max()) == pytest.approx(
            found[number].LAFmax, abs=0.1
        )
        assert 80 + 10 * np.log10(one.peak[number]) == pytest.approx(found[number].LCpeak, abs=0.2)


@pytest.mark.parametrize(("sound", "option"), ALL)
def test_a_sound_repeats_without_a_click(sound, option):
    samples = loop(sound, option).samples
    jumps = np.abs(np.diff(samples, append=samples[0]))
    assert jumps[-1] <= jumps[:-1].max()


@pytest.mark.parametrize(("sound", "option"), [*ALL[:2], ("horn", None), ("shout", None)])
def test_another_seed_sounds_otherwise_but_for_a_tone_which_is_one_loop(sound, option):
    one, other = (
        CATALOGUE[sound].make(stream(seed, -1, "test"), *([] if option is None else [option]))
        for seed in (1, 2)
    )
    assert np.array_equal(one, other) != CATALOGUE[sound].chance
    loops = loop_of("tone", 1000.0, 1, "one"), loop_of("tone", 1000.0, 2, "other")
    assert loops[0] is loops[1]


@pytest.mark.parametrize("style", ["dance", "folk", "march", "ballad"])
def test_music_has_the_bass_of_dance_loudspeakers(style):
    assert 8 < C_minus_A("music", style) < 12


@pytest.mark.parametrize("style", ["dance", "folk"])
def test_dance_music_beats_about_126_times_a_minute(style):
    samples = loop("music", style).samples
    strength = np.square(samples).reshape(-1, RATE // 100).mean(axis=1)
    onsets = np.maximum(np.diff(strength, append=strength[0]), 0)
    spectrum = np.abs(np.fft.rfft(onsets))
    beats_per_minute = np.fft.rfftfreq(len(onsets), 0.01) * 60
    band = (beats_per_minute > 90) & (beats_per_minute < 180)
    assert beats_per_minute[band][spectrum[band].argmax()] == pytest.approx(126, abs=3)


def test_a_jackhammer_is_impulsive_and_bright_and_traffic_neither():
    assert C_minus_A("jackhammer") < 0.5 < 4 < C_minus_A("traffic")
    hammer, road = loop("jackhammer"), loop("traffic")
    assert crest(hammer) > crest(road) + 4


@pytest.mark.parametrize("sound", ["thunder", "firework", "horn", "truck", "shout"])
def test_single_events_are_over_by_themselves_within_seconds(sound):
    one = loop(sound)
    assert CATALOGUE[sound].once
    assert (one.a > 0.1 * one.a.max()).sum() <= 5
    assert abs(one.samples[0]) < 0.01 * abs(one.samples).max()


@pytest.mark.parametrize("seconds", [0.4, 2.0, 2.17, 20.9])
@pytest.mark.parametrize("rate", [8000, 44_100, 48_000])
def test_a_recording_of_any_length_and_rate_becomes_whole_seconds(tmp_path, seconds, rate):
    times = np.arange(int(seconds * rate)) / rate
    stereo = np.stack([np.sin(2 * np.pi * 440 * times), np.zeros(len(times))], axis=1)
    soundfile.write(tmp_path / "a.wav", 0.5 * stereo, rate)
    one = loop_of("recording", tmp_path / "a.wav", 1, "test")
    assert one.seconds == max(int(seconds), 1)
    jumps = np.abs(np.diff(one.samples, append=one.samples[0]))
    assert jumps[-1] <= 1.2 * np.median(jumps) * np.pi / 2


def test_a_telephones_recording_whose_header_was_never_finished_is_a_source(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.random.default_rng(1).normal(0, 0.1, 16_000), 8000, "GSM610")
    body = bytearray(path.read_bytes())
    at = body.index(b"data") + 4
    body[at : at + 4] = bytes(4)
    path.write_bytes(body)
    assert len(recording(path)) == 2 * RATE
