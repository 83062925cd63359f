import numpy as np
import pytest
import soundfile

from noisetamer.base.errors import UserError
from noisetamer.sound.recording.microphone import as_microphone_words, at_48k
from noisetamer.sound.recording.recording import Recording, read
from noisetamer.sound.recording.span import Span

SUBTYPES = [("PCM_16", 2**-15), ("PCM_24", 2**-23), ("PCM_32", 2**-23), ("FLOAT", 1e-7)]


def sine(rate, frequency=1000.0, seconds=1.0, amplitude=0.5):
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate)


def saved(path, samples, rate=48_000, subtype="PCM_24"):
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


@pytest.mark.parametrize(("subtype", "step"), SUBTYPES)
def test_every_sample_format_is_read_to_one_step(tmp_path, subtype, step):
    path = saved(tmp_path / "a.wav", sine(48_000), subtype=subtype)
    recording = read(path)
    assert recording.samples == pytest.approx(sine(48_000), abs=step)
    assert (recording.samples.dtype, recording.rate) == (np.float32, 48_000)
    assert recording.notes == ()


def test_a_channel_is_counted_from_one(tmp_path):
    both = np.stack([np.full(100, 0.25), np.full(100, -0.5)], axis=1)
    path = saved(tmp_path / "stereo.wav", both)
    assert set(read(path, channel=1).samples) == {0.25}
    assert set(read(path, channel=2).samples) == {-0.5}
    assert read(path, channel=2).notes == ()


def test_without_a_choice_the_first_of_several_channels_is_taken_and_said(tmp_path):
    both = np.stack([np.full(100, 0.25), np.full(100, -0.5)], axis=1)
    recording = read(saved(tmp_path / "stereo.wav", both))
    assert set(recording.samples) == {0.25}
    assert "has 2 channels; channel 1 is taken" in recording.notes[0]


def stereo(path, left, right):
    return read(saved(path, np.stack([left, right], axis=1)))


def test_a_dead_or_open_first_channel_is_passed_over_and_said(tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.05, 48_000)
    for soft, note in (
        (0 * noise, "channel 1 is dead, channel 2 is not; channel 2 is taken"),
        (0 * noise + 0.01, "channel 1 is dead, channel 2 is not; channel 2 is taken"),
        (1e-4 * noise, "channel 2 is 80 dB louder than channel 1, which is an open or dead input"),
    ):
        recording = stereo(tmp_path / "a.wav", soft, noise)
        assert recording.samples == pytest.approx(noise, abs=2**-23)
        assert (recording.channel, len(recording.notes)) == (2, 1)
        assert note in recording.notes[0]
        asked = read(tmp_path / "a.wav", channel=1)
        assert asked.samples == pytest.approx(soft, abs=2**-23)
        assert "--channel 2 takes the other" in asked.notes[0]
        assert read(tmp_path / "a.wav", channel=2).notes == ()


def test_a_much_softer_first_channel_is_measured_and_said(tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.05, 48_000)
    recording = stereo(tmp_path / "a.wav", noise / 20, noise)
    assert recording.channel == 1
    assert "channel 2 is 26 dB louder" in recording.notes[1]


def test_of_four_channels_any_is_taken(tmp_path):
    four = np.random.default_rng(1).normal(0, 0.05, (48_000, 4))
    path = saved(tmp_path / "a.wav", four)
    assert read(path, channel=3).samples == pytest.approx(four[:, 2], abs=2**-23)


def test_exact_zeros_are_said_and_at_the_end_left_out(tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.05, 96_000)
    zeros = np.zeros(72_000)
    tail = read(saved(tmp_path / "a.wav", np.concatenate([noise, zeros])))
    assert len(tail.samples) == 96_000
    assert tail.zeros == ((2.0, 3.5),)
    assert "ends in 1.500 s of exact zeros" in tail.notes[0]
    gap = read(saved(tmp_path / "a.wav", np.concatenate([noise, zeros, noise])))
    assert len(gap.samples) == 264_000
    assert "holds exact zeros at 2.000 to 3.500 s, as a dropout leaves them" in gap.notes[0]
    nothing = read(saved(tmp_path / "a.wav", zeros))
    assert len(nothing.samples) == 72_000
    assert "nothing but exact zeros" in nothing.notes[0]


def test_what_is_asked_for_beyond_the_end_is_said(tmp_path):
    path = saved(tmp_path / "a.wav", sine(48_000, seconds=2))
    part = read(path, span=Span(1.0, 5.0))
    assert len(part.samples) == 48_000
    assert "ends 3.0 s before --to; what is there is taken" in part.notes[0]
    with pytest.raises(UserError, match="ends before 9 s after its begin; choose an earlier"):
        read(path, span=Span(9.0))


@pytest.mark.parametrize("channel", [0, -1, 3])
def test_a_channel_that_is_not_there_is_refused_with_their_count(tmp_path, channel):
    path = saved(tmp_path / "stereo.wav", np.zeros((100, 2)))
    says = f"has 2 channels, so there is no channel {channel}; choose 1 to 2"
    with pytest.raises(UserError, match=says):
        read(path, channel)


def test_the_content_counts_not_the_name(tmp_path):
    path = saved(tmp_path / "a.wav", sine(48_000)).rename(tmp_path / "a.raw")
    assert len(read(path).samples) == 48_000


def no_file(path):
    pass


def a_folder(path):
    path.mkdir()


def an_empty_file(path):
    path.touch()


def text(path):
    path.write_text("dear diary, today the square was loud\n" * 9)


def half_a_header(path):
    saved(path, sine(48_000))
    path.write_bytes(path.read_bytes()[:30])


def only_a_header(path):
    saved(path, np.zeros(0))


def too_slow(path):
    saved(path, sine(4000), rate=4000)


def too_fast(path):
    saved(path, sine(384_000), rate=384_000)


def not_a_number(path):
    samples = sine(48_000)
    samples[24_000] = np.nan
    saved(path, samples, subtype="FLOAT")


def infinite(path):
    samples = sine(48_000)
    samples[[12_000, 13_000]] = np.inf
    saved(path, samples, subtype="FLOAT")


BAD = [
    (no_file, "there is no such file; check its name"),
    (a_folder, "is a folder; give a sound file in it"),
    (an_empty_file, r"is empty \(0 bytes\); record or copy it again"),
    (text, "is not a sound file that can be read"),
    (half_a_header, "is not a sound file that can be read"),
    (only_a_header, "holds no samples, only a header"),
    (too_slow, "is sampled at 4000 Hz; the meter takes 8000 to 192000 Hz"),
    (too_fast, "is sampled at 384000 Hz; the meter takes 8000 to 192000 Hz"),
    (not_a_number, r"holds 1 values that are no numbers .* at 0\.500 s"),
    (infinite, r"holds 2 values that are no numbers .* at 0\.250 s"),
]


@pytest.mark.parametrize(("make", "says"), BAD, ids=[make.__name__ for make, _ in BAD])
def test_a_bad_file_is_refused_in_one_sentence_that_names_it(tmp_path, make, says):
    path = tmp_path / "a.wav"
    make(path)
    with pytest.raises(UserError, match=says) as refused:
        read(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


def test_a_file_that_was_cut_short_is_read_as_far_as_it_goes_and_said(tmp_path):
    path = saved(tmp_path / "a.wav", sine(48_000))
    path.write_bytes(path.read_bytes()[:60_000])
    recording = read(path)
    assert 19_000 < len(recording.samples) < 20_000
    assert "is shorter than its header says" in recording.notes[0]


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 96_000, 192_000])
def test_a_tone_keeps_its_level_pitch_and_length_at_48_kHz(rate):
    recording = Recording(rate, samples=sine(rate).astype(np.float32))
    samples = at_48k(recording)
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(48_000, abs=2)
    inner = slice(4800, 43_200)
    assert samples[inner] == pytest.approx(sine(48_000)[inner], abs=1e-4)


def test_what_48_kHz_cannot_carry_does_not_fold_back():
    recording = Recording(96_000, samples=sine(96_000, frequency=30_000).astype(np.float32))
    residue = np.abs(at_48k(recording)[4800:43_200]).max()
    assert 20 * np.log10(residue / 0.5) < -120


def test_48_kHz_passes_untouched():
    samples = sine(48_000).astype(np.float32)
    assert at_48k(Recording(48_000, samples=samples)) is samples


def test_words_are_24_bits_left_aligned_in_32():
    words, saturated = as_microphone_words(np.array([0.5, -0.5, 2**-23, -1.0, 0.0]))
    assert words.dtype == np.int32
    assert [f"{word & 0xFFFFFFFF:08x}" for word in words.tolist()] == [
        *("40000000", "c0000000", "00000100", "80000000", "00000000")
    ]
    assert saturated == 0


def test_words_are_rounded_to_the_nearest_step():
    words, _ = as_microphone_words(np.array([0.4, 0.6, -0.6]) / 2**23)
    assert (words >> 8).tolist() == [0, 1, -1]


def test_what_does_not_fit_saturates_and_is_counted():
    words, saturated = as_microphone_words(np.array([1.5, -1.5, 1.0, 0.999]))
    assert (words[:3] >> 8).tolist() == [2**23 - 1, -(2**23), 2**23 - 1]
    assert saturated == 2


def test_a_24_bit_recording_reaches_the_microphone_bit_for_bit(tmp_path):
    steps = np.random.default_rng(1).integers(-(2**23), 2**23, 4096, dtype=np.int32)
    path = saved(tmp_path / "a.wav", steps << np.int32(8))
    words, _ = as_microphone_words(at_48k(read(path)))
    assert np.array_equal(words >> 8, steps)
