"""`noisetamer voice add|say|list`, as a user types it."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from program import run
from recorded import RATE, record, voice

pytestmark = pytest.mark.device


def add(folder: Path, file: Path, *words: object):
    return run("voice", "add", file, "--voices", folder / "voices", *words)


def wrong(ran) -> str:
    assert ran.code == 2
    (sentence,) = ran.wrong
    return sentence


def test_a_recording_becomes_a_message_with_its_text(tmp_path: Path):
    file = record(tmp_path / "Good Evening.flac", voice(2, 44_100), 44_100)
    ran = add(tmp_path, file, "--text", "请把音量调低")
    assert ran.code == 0
    assert "good_evening" in ran.out
    assert soundfile.info(tmp_path / "voices" / "good_evening.wav").subtype == "IMA_ADPCM"
    table = json.loads((tmp_path / "voices" / "voices.json").read_text())
    assert table == {
        "good_evening": {
            "text": "请把音量调低",
            "language": "zh",
            "length": pytest.approx(2, abs=0.05),
            "loudness": pytest.approx(-18, abs=0.1),
            "made": "recording Good Evening.flac",
        }
    }


def test_the_list_shows_name_text_length_loudness_and_bytes(tmp_path: Path):
    add(tmp_path, record(tmp_path / "a.wav", voice(2)), "--text", "First")
    add(tmp_path, record(tmp_path / "b.wav", voice(4)), "--text", "Second")
    ran = run("voice", "list", "--voices", tmp_path / "voices")
    _, first, second = (line.split() for line in ran.out.splitlines())
    assert first == ["a", "First", "2.0", "-18.0", str((tmp_path / "voices/a.wav").stat().st_size)]
    assert second[:3] == ["b", "Second", "4.0"]


def test_the_preview_is_what_the_box_gives_its_loudspeaker(tmp_path: Path):
    file = record(tmp_path / "a.wav", voice(2))
    heard = tmp_path / "heard.wav"
    assert add(tmp_path, file, "--preview", heard, "--volume", -6).code == 0
    full = tmp_path / "full.wav"
    assert "is what is read" in wrong(add(tmp_path, file, "--preview", file, "--replace"))
    ran = run("voice", "list", "a", "--voices", tmp_path / "voices", "--preview", full)
    assert ran.code == 0
    quieter, samples = soundfile.read(heard)[0], soundfile.read(full)[0]
    assert 20 * np.log10(np.std(quieter) / np.std(samples)) == pytest.approx(-6, abs=0.01)


def test_a_name_that_is_taken_is_only_replaced_when_asked(tmp_path: Path):
    file = record(tmp_path / "a.wav", voice(2))
    add(tmp_path, file, "--text", "old")
    assert "there is a message a already" in wrong(add(tmp_path, file, "--text", "new"))
    assert add(tmp_path, file, "--text", "new", "--replace").code == 0
    assert json.loads((tmp_path / "voices" / "voices.json").read_text())["a"]["text"] == "new"


@pytest.mark.parametrize("name", ["../a", "A", "", "a b", "a" * 33])
def test_a_name_must_be_one_that_a_file_can_have(tmp_path: Path, name: str):
    file = record(tmp_path / "a.wav", voice(2))
    assert "cannot be a message's name" in wrong(add(tmp_path, file, "--name", name))


def test_what_is_no_sound_is_refused_in_one_sentence(tmp_path: Path):
    (tmp_path / "a.wav").write_text("no sound")
    assert "is not a sound file" in wrong(add(tmp_path, tmp_path / "a.wav"))
    assert "there is no such file" in wrong(add(tmp_path, tmp_path / "b.wav"))


def test_a_folder_without_messages_is_named(tmp_path: Path):
    assert "has no voices.json" in wrong(run("voice", "list", "--voices", tmp_path))


def test_a_file_without_an_entry_is_named(tmp_path: Path):
    add(tmp_path, record(tmp_path / "a.wav", voice(2)))
    record(tmp_path / "voices" / "b.wav", voice(1))
    assert "b has no entry" in wrong(run("voice", "list", "--voices", tmp_path / "voices"))


@pytest.mark.parametrize(
    ("text", "language"), [("请把音量调低", "zh"), ("Please turn it down", "en")]
)
def test_a_text_is_said_in_the_language_of_its_characters(
    tmp_path: Path, text: str, language: str
):
    voices = tmp_path / "voices"
    assert run("voice", "say", text, "--name", "said", "--voices", voices).code == 0
    entry = json.loads((voices / "voices.json").read_text())["said"]
    assert (entry["text"], entry["language"]) == (text, language)
    assert entry["made"].startswith("espeak-ng ")


def test_a_text_can_be_heard_before_it_is_kept(tmp_path: Path):
    heard = tmp_path / "heard.wav"
    words = ["--preview", heard, "--voices", tmp_path / "voices"]
    assert run("voice", "say", "Please turn it down", *words).code == 0
    assert soundfile.info(heard).samplerate == RATE
    assert not (tmp_path / "voices").exists()


def test_a_text_that_is_neither_kept_nor_heard_is_asked_about(tmp_path: Path):
    assert "--preview" in wrong(run("voice", "say", "Hello"))
    assert "no text" in wrong(run("voice", "say", " ", "--name", "a"))


def test_a_text_that_would_come_out_as_gibberish_is_refused(tmp_path: Path):
    sentence = wrong(run("voice", "say", "花儿", "--name", "a", "--voices", tmp_path / "voices"))
    assert "read in another language" in sentence
    assert not (tmp_path / "voices").exists()


def test_of_a_recording_in_stereo_a_channel_is_taken_and_nothing_is_measured(tmp_path: Path):
    file = record(tmp_path / "a.wav", np.stack([voice(2), voice(2)], axis=1))
    said = add(tmp_path, file, "--text", "Hello").out
    assert "has 2 channels; channel 1 is taken (--channel chooses another)" in said
    assert "measured" not in said
