"""`noisetamer doctor FILE`: files in, sentences out."""

import argparse
import json

import numpy as np
import pytest
import soundfile
from signal_faults import each_sample_twice, shifted_left, tri_state_low_byte, wet_microphone
from square_sounds import QUIET, RATE, healthy

from noisetamer.base.errors import UserError
from noisetamer.sound.measure.doctor import add_options, doctor, run_command


def raw(path, words):
    path.write_bytes(words.astype("<i4").tobytes())
    return path


def sound(path, words, rate=RATE, subtype="PCM_24"):
    samples = words / 2**31 if subtype == "FLOAT" else words
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def run(*arguments):
    parser = argparse.ArgumentParser()
    add_options(parser)
    return run_command(parser.parse_args([str(argument) for argument in arguments]))


def found(path, **options):
    return [finding.code for finding in doctor(path, **options)]


def chance():
    return np.random.default_rng(1)


def test_a_raw_capture_is_examined_to_the_last_bit(tmp_path):
    words = healthy("music", 70, 1)
    assert found(raw(tmp_path / "a.raw", words)) == []
    assert found(raw(tmp_path / "b.raw", tri_state_low_byte(words, chance()))) == ["low byte"]


def _every(period_s, on_s):
    return np.arange(3 * RATE) / RATE % period_s < on_s


TIME = np.arange(3 * RATE) / RATE
DISTURBANCES = {
    "a telephone's bursts": 0.01 * _every(1 / 216.7, 0.000577),
    "Wi-Fi's ticks": 0.03 * _every(0.1024, 0.0006) * np.sign(np.sin(2 * np.pi * 4000 * TIME)),
    "bursts of the LEDs' data": 0.004 * _every(0.1, 0.008) * np.sign(np.sin(11938 * TIME)),
    "pulses of the LEDs": 0.008 * _every(0.0025, 0.00006),
    "a supply's beat": 0.002 * (1 + 0.9 * np.sin(4.4 * TIME)) * np.sin(2 * np.pi * 200 * TIME),
    "a supply's whistle": 0.001 * np.sin(2 * np.pi * 12000.5 * TIME),
    "hum": sum(0.004 / k * np.sin(2 * np.pi * 100 * k * TIME) for k in range(1, 9)),
}


@pytest.mark.parametrize("name", DISTURBANCES)
def test_in_a_silent_place_any_disturbance_is_a_noise_floor(tmp_path, name):
    words = healthy(QUIET, 30, 1, seconds=3)
    added = np.round(DISTURBANCES[name] * 2**23).astype(np.int32) << 8
    path = raw(tmp_path / "a.raw", words + added)
    assert found(path, quiet=True) == ["noise floor"]
    assert found(path) == []


def test_a_healthy_microphone_in_a_silent_place_is_well_also_while_it_settles(tmp_path):
    words = healthy(QUIET, 30, 1, seconds=3)
    assert found(raw(tmp_path / "a.raw", words), quiet=True) == []
    settling = np.round(0.3 * np.exp(-TIME / 0.05) * 2**23).astype(np.int32) << 8
    assert found(raw(tmp_path / "b.raw", words + settling), quiet=True) == []


def test_a_raw_capture_may_have_any_name(tmp_path):
    path = raw(tmp_path / "capture.bin", shifted_left(healthy("music", 70, 1), None))
    assert found(path, raw=True) == ["shifted left"]


def test_two_slots_of_a_raw_capture_are_told_apart(tmp_path):
    left = healthy("music", 70, 1)
    path = raw(tmp_path / "a.raw", np.stack([left, np.zeros_like(left)], axis=1))
    assert found(path, channels=2, slot=1) == []
    assert found(path, channels=2, slot=2) == ["channels swapped"]


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT"])
def test_a_sound_file_of_any_format_is_examined(tmp_path, subtype):
    words = healthy("music", 70, 1)
    assert found(sound(tmp_path / "a.wav", words, subtype=subtype)) == []
    twice = each_sample_twice(words, None)
    assert found(sound(tmp_path / "b.wav", twice, subtype=subtype)) == ["each sample twice"]


def test_a_24_bit_sound_file_still_shows_a_left_shift(tmp_path):
    words = shifted_left(healthy("speech", 70, 1), None)
    assert found(sound(tmp_path / "a.wav", words)) == ["shifted left"]


def test_a_stereo_sound_file_with_a_silent_left_is_swapped(tmp_path):
    right = healthy("music", 70, 1)
    path = sound(tmp_path / "a.wav", np.stack([np.zeros_like(right), right], axis=1))
    assert found(path) == ["channels swapped"]
    assert found(path, slot=2) == []


def test_dullness_of_a_sound_file_is_judged_where_the_microphone_is_known(tmp_path):
    path = sound(tmp_path / "a.wav", wet_microphone(healthy("music", 75, 1), chance()))
    assert found(path) == []
    assert found(path, floor=33.0) == ["dull microphone"]


def test_an_absolute_silence_in_a_recording_is_no_loose_wire(tmp_path):
    words = healthy("speech", 70, 1).copy()
    for at in range(0, RATE, 6000):
        crossing = at + np.argmin(np.abs(words[at : at + 600]))
        words[crossing : crossing + 900] = 0
        leaving = crossing + 900 + np.argmin(np.abs(words[crossing + 900 : crossing + 1500]))
        words[crossing:leaving] = 0
    assert found(sound(tmp_path / "a.wav", words, subtype="PCM_16")) == []
    assert found(raw(tmp_path / "a.raw", words)) == ["loose wire"]


def test_time_against_samples_shows_the_rate_of_a_long_capture(tmp_path):
    path = raw(tmp_path / "a.raw", np.resize(healthy("music", 70, 1), 130 * RATE))
    assert found(path, elapsed=130.0) == []
    assert found(path, elapsed=141.5) == ["wrong rate"]


def test_a_finding_is_printed_with_its_fix_and_what_was_not_judged(tmp_path, capsys):
    path = raw(tmp_path / "a.raw", np.zeros(RATE, np.int32))
    assert run(path) == 1
    assert capsys.readouterr().out.splitlines() == [
        "all zeros: Every word is zero.",
        "  Check 3V3 and the SD wire, and that L/R selects the slot that is read (GND: left).",
        "not judged: rate (give --seconds)",
    ]


def test_a_healthy_file_says_so(tmp_path, capsys):
    path = raw(tmp_path / "a.raw", healthy("music", 70, 1))
    assert run(path, "--seconds", "1") == 0
    assert capsys.readouterr().out == "nothing wrong\n"


def test_json_holds_code_fault_and_fix(tmp_path, capsys):
    path = sound(tmp_path / "a.wav", np.full(RATE, -256, np.int32))
    assert run(path, "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["file"] == str(path)
    assert [finding["code"] for finding in report["findings"]] == ["all ones"]
    assert set(report["findings"][0]) == {"code", "wrong", "fix"}
    assert len(report["not_judged"]) == 3


def test_what_the_meter_notes_of_a_file_the_doctor_says(tmp_path):
    words = healthy("music", 70, 3)
    soft = np.stack([words >> 16 << 8, words], axis=1)
    assert found(sound(tmp_path / "a.wav", soft))[0] == "open channel"
    assert found(sound(tmp_path / "a.wav", soft), channel=2) == []
    assert found(sound(tmp_path / "b.wav", np.append(words, np.zeros(2 * RATE, np.int32)))) == [
        "exact zeros"
    ]
    whole = sound(tmp_path / "c.wav", words).read_bytes()
    (cut := tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    assert [one.code for one in doctor(cut)] == ["unfinished file"]


def test_of_more_than_two_channels_one_is_chosen(tmp_path):
    words = healthy("music", 70, 1)
    path = sound(tmp_path / "a.wav", np.stack([words] * 4, axis=1))
    assert found(path, channel=3) == []


BAD = [
    ({"name": "gone.raw"}, "there is no such file"),
    ({"name": "gone.wav"}, "there is no such file"),
    ({"data": b""}, r"is empty \(0 bytes\)"),
    ({"data": b"12345"}, "5 bytes are no whole frames of 4 bytes"),
    ({"data": bytes(12), "channels": 2}, "12 bytes are no whole frames of 8 bytes"),
    ({"data": bytes(400)}, "holds 100 samples; give at least 4096"),
    ({"data": bytes(40_000), "slot": 2}, "has no slot 2"),
    ({"data": bytes(40_000), "rate": 10}, "--rate 10: give 8000 to 192000 Hz"),
    ({"data": bytes(40_000), "channels": 3}, "--channels 3: give 1 or 2"),
    ({"data": bytes(40_000), "elapsed": 0.0}, "--seconds 0: give the time above 0 s"),
    ({"data": bytes(40_000), "elapsed": float("nan")}, "--seconds nan: give the time above 0 s"),
    ({"data": bytes(40_000), "floor": float("nan")}, "--floor-db: give levels in dB"),
    ({"name": "a.wav", "data": b"dear diary"}, "is not a sound file that can be read"),
]


@pytest.mark.parametrize(("given", "says"), BAD, ids=[says for _, says in BAD])
def test_bad_input_is_refused_in_one_sentence(tmp_path, given, says):
    options = dict(given)
    path = tmp_path / options.pop("name", "a.raw")
    data = options.pop("data", None)
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UserError, match=says) as refused:
        doctor(path, **options)
    assert "\n" not in str(refused.value)


def test_a_folder_is_refused(tmp_path):
    (tmp_path / "a.raw").mkdir()
    with pytest.raises(UserError, match="is a folder; give a file in it"):
        doctor(tmp_path / "a.raw")


def test_more_than_two_channels_are_refused(tmp_path):
    path = sound(tmp_path / "a.wav", np.zeros((RATE, 3), np.int32))
    with pytest.raises(UserError, match="has 3 channels; give a file of 1 or 2"):
        doctor(path)
