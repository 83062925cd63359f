"""Scenario files: what ships loads, times mean what they say, bad input gets its sentence."""

import shutil

import numpy as np
import pytest
import soundfile
from scenarios import HEAD, TONE, made, write

from noisetamer.base.errors import UserError
from noisetamer.simulate.expect import Expectations
from noisetamer.square import scenario
from noisetamer.unit.policy import file
from tamer.judge import policy, rules


def test_every_scenario_that_ships_loads_with_expectations():
    assert scenario.shipped() == [
        "construction_site",
        "demo_square",
        "evening_square",
        "failing_microphone",
        "police_called",
        "quiet_night",
        "short_and_loud",
        "thunder_and_horns",
        "trial",
        "windy_night",
    ]
    for name in scenario.shipped():
        loaded = scenario.load(name)
        assert loaded.name == name
        assert Expectations.from_table(loaded.expect, name).values


def test_a_copy_of_a_shipped_scenario_is_a_scenario_of_the_users(tmp_path):
    copy = shutil.copy(scenario.SHIPPED / "quiet_night.toml", tmp_path / "mine.toml")
    assert scenario.load(str(copy)).sources == scenario.load("quiet_night").sources


def test_the_start_is_local_time_in_shanghai():
    assert scenario.load("evening_square").start == 1795518000  # 2026-11-24T11:00:00Z


def test_the_start_is_local_time_of_the_boxs_policy(tmp_path):
    text = '[box.policy]\nutc_offset = "+01:00"\n' + TONE
    assert made(tmp_path, text).start == 1795518000 + 7 * 3600
    text = '[box.policy]\nclock_changes = [["2026-10-25T01:00Z", "+01:00"]]\n' + TONE
    loaded = made(tmp_path, text)
    assert (loaded.start, loaded.utc_offset_s) == (1795518000 + 7 * 3600, 3600)


def test_a_box_without_a_word_has_the_shipped_policy(tmp_path):
    loaded = made(tmp_path, TONE)
    assert loaded.box.policy == {}
    assert limit_at(loaded.box.policy, loaded.start) == 650


def test_the_short_keys_of_a_box_change_its_policy(tmp_path):
    text = '[box]\nlimit = "70 dB"\nnight = ["18:30", "06:30"]\nguard_band = "2 dB"\n' + TONE
    loaded = made(tmp_path, text)
    # It is night already, and its limit the shipped one.
    assert limit_at(loaded.box.policy, loaded.start) == 550
    assert limit_at(loaded.box.policy, loaded.start + 12 * 3600) == 700
    assert policy.read(loaded.box.policy).guard_band == 20


def test_a_policy_is_a_file_beside_the_scenario_a_shipped_one_or_a_table(tmp_path):
    (tmp_path / "mine.toml").write_text("[limit]\nday = 61\nnight = 51\n")
    shipped = file.shipped()[0]
    for text, expected in (
        ('[box]\npolicy = "mine.toml"\n', 610),
        ('[box]\npolicy = "mine.toml"\nlimit = "62 dB"\n', 620),
        ("[box.policy.limit]\nday = 63\nnight = 53\n", 630),
        (f'[box]\npolicy = "{shipped}"\nlimit = "64 dB"\n', 640),
    ):
        loaded = made(tmp_path, text + TONE)
        assert limit_at(loaded.box.policy, loaded.start) == expected


def limit_at(table, t):
    return rules.ruling(policy.read(table), t).limit


def test_times_are_spans_from_the_start_or_times_of_day_over_midnight(tmp_path):
    text = TONE + 'on = [["5m", "19:20"], ["23:59", "00:30"]]\n'
    assert made(tmp_path, text).sources[0].on == ((300, 1200), (17_940, 19_800))


def test_a_recording_lies_beside_its_scenario(tmp_path):
    soundfile.write(tmp_path / "clap.wav", 0.1 * np.ones(8000), 16_000)
    text = TONE.replace('sound = "tone"', 'sound = "recording"\nfile = "clap.wav"')
    assert made(tmp_path, text).sources[0].option == tmp_path / "clap.wav"


GROUP = '[[group]]\nname = "east"\nsources = ["tone"]\n'
RECORDING = TONE.replace('sound = "tone"', 'sound = "recording"\nfile = "song.wav"')
BAD = {
    "unknown key, top": ('colour = "red"\n' + TONE, "square.toml: unknown key colour"),
    "unknown key, nearest": (
        TONE + 'distence = "3 m"\n',
        "square.toml [[source]] tone: unknown key distence; did you mean distance?",
    ),
    "unknown key, box": ("[box]\nlimits = 65\n" + TONE, "[box]: unknown key limits; did you mean"),
    "impossible limit": (
        '[box]\nlimit = "650 dB"\n' + TONE,
        '[box]: limit "650 dB" is impossible here',
    ),
    "unknown key, policy": (
        "[box.policy.trigger]\nover_of = 3\n" + TONE,
        "square.toml [box]: policy has trigger.over_of, which is no key of a policy; did you mean",
    ),
    "impossible policy": (
        "[box.policy.trigger]\nover = 9\nof = 8\n" + TONE,
        "square.toml [box]: policy has trigger.over, which is more than trigger.of",
    ),
    "policy of another kind": ("[box]\npolicy = 7\n" + TONE, "[box]: policy must be text"),
    "option of another sound": (TONE + 'style = "dance"\n', "tone: unknown key style"),
    "missing key": (
        TONE.replace('level = "74 dB"\n', ""),
        "square.toml [[source]] tone: the key level is missing; add it.",
    ),
    "bare number": (TONE.replace('"74 dB"', "74"), "level is the bare number 74: add the unit"),
    "wrong unit": (TONE.replace('"10 m"', '"10 s"'), 'distance "10 s" has the unit "s" where m'),
    "impossible level": (
        TONE.replace("74 dB", "740 dB"),
        'level "740 dB" is impossible here: give -20 to 180 dB.',
    ),
    "impossible distance": (TONE.replace("10 m", "0 m"), 'distance "0 m" is impossible here'),
    "unknown sound": (
        TONE.replace('"tone"\nlevel', '"musik"\nlevel'),
        'sound "musik" is unknown; did you mean music?',
    ),
    "no source": ("", "square.toml: has no [[source]]; a square needs at least one sound."),
    "two of one name": (TONE + TONE, 'name "tone" is taken by another source; choose another.'),
    "single brackets": (TONE.replace("[[source]]", "[source]"), "write [[source]] with two bra"),
    "half a second": (
        TONE + 'on = [["0.5s", "9s"]]\n',
        "on is 0.5 s, but this time must be in wh",
    ),
    "ends before it begins": (
        TONE + 'on = [["10m", "5m"]]\n',
        'on ends at "5m" before it begins at "10m".',
    ),
    "overlap": (TONE + 'on = [["1m", "5m"], ["4m", "6m"]]\n', "while it still plays"),
    "on and every": (TONE + 'on = [["1m", "5m"]]\nevery = "5m"\n', "every stands beside on"),
    "lasts alone": (TONE + 'lasts = "5s"\n', "lasts only means something beside every"),
    "lasts too long": (TONE + 'every = "5m"\nlasts = "6m"\n', "shorter than lasts and spread"),
    "volume out of order": (
        TONE + 'volume = [["2m", "3 dB"], ["1m", "0 dB"]]\n',
        'volume has "1m" out of order',
    ),
    "drift without time": (TONE + 'drift = ["3 dB", "0s"]\n', "drift takes no time"),
    "probability": (TONE + GROUP + "listens = 1.5\n", "listens is 1.5, but a probability lies be"),
    "delay backwards": (TONE + GROUP + 'delay = ["8 s", "2 s"]\n', "delay has its larger value"),
    "group of nobody": (
        TONE + GROUP.replace('["tone"]', '["tune"]'),
        'sources names "tune", which is no source; did you mean tone?',
    ),
    "group of numbers": (
        TONE + GROUP.replace('["tone"]', "[3]"),
        'sources names "3", which is no source; known are tone',
    ),
    "source of two groups": (
        TONE + GROUP + GROUP.replace("east", "west"),
        "sources names tone, which already belongs to east; give it to one group only.",
    ),
    "missing recording": (RECORDING, 'tone: file "song.wav" does not exist (looked in'),
    "microphone": ('[microphone]\nsensitivity = "-26 dB"\n' + TONE, "where dBFS is needed"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_sentence_with_its_place(tmp_path, case):
    text, sentence = BAD[case]
    with pytest.raises(UserError) as refused:
        made(tmp_path, text)
    said = str(refused.value)
    assert sentence in said
    assert said.startswith("square.toml")
    # One stop, and none behind a question mark.
    assert said.endswith((".", "?"))
    assert not said.endswith(("..", "?."))
    assert "\n" not in said


def test_a_scenario_that_does_not_exist_names_the_nearest():
    with pytest.raises(UserError, match="no scenario evning_square; did you mean evening_square"):
        scenario.load("evning_square")
    with pytest.raises(UserError, match=r"scenario file nowhere/a\.toml does not exist"):
        scenario.load("nowhere/a.toml")


def test_broken_toml_is_named_by_line(tmp_path):
    with pytest.raises(UserError, match=r"^square\.toml: is not valid TOML: .*at line 3"):
        scenario.load(write(tmp_path, 'title = "a"\n\nstart = = 3\n'))


def test_a_start_in_quotes_is_refused(tmp_path):
    text = HEAD.replace("2026-11-24T19:00:00", '"19:00"') + TONE
    with pytest.raises(UserError, match="start must be a local time without quotes"):
        scenario.load(write(tmp_path, text))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"RIFF and then nothing", "cannot be read as a sound file; save it as WAV again"),
        (np.zeros(8000), "holds only silence or invalid numbers; record it again"),
        (np.ones(400), "lasts 0.05 s; give at least 0.1 s"),
        (np.ones(8000 * 301, dtype=np.int16), "lasts 301 s; cut it to 300 s or shorter"),
    ],
)
def test_a_recording_that_cannot_be_used_says_why(tmp_path, content, sentence):
    if isinstance(content, bytes):
        (tmp_path / "song.wav").write_bytes(content)
    else:
        soundfile.write(tmp_path / "song.wav", content, 8000)
    with pytest.raises(UserError) as refused:
        made(tmp_path, RECORDING)
    assert f'tone: file "song.wav" {sentence}' in str(refused.value)
