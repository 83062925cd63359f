"""Which language is spoken, and how a sentence is known again when its places are filled."""

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile

from noisetamer import cli
from noisetamer.base import language
from noisetamer.base.language import say, say_in


def has_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.fixture(autouse=True)
def in_chinese() -> Iterator[None]:
    language.speak("zh")
    yield
    language.speak("en")


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_locale_says_which(environment: dict[str, str], spoken: str):
    assert language.of_locale(environment) == spoken


def test_the_default_is_the_locale_s():
    language.speak(None, {"LANG": "zh_CN.UTF-8"})
    assert language.chosen() == "zh"
    language.speak("en", {"LANG": "zh_CN.UTF-8"})
    assert (language.chosen(), say("Operator"), language.plain()) == ("en", "Operator", {})


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Operator", "校准人员"),
        # Filled, as a ledger keeps it.
        ("262 kB read back as written, at 81 kB/s", "写入并读回 262 kB，一致，写入 81 kB/s"),
        # What fills a place is said, too.
        (
            "the hub let nobody in; burn in again once it does",
            "中心没有让设备接入；可以接入后请重新做老化测试",
        ),
        ("all 256 LEDs are red, as the technician saw", "技术员目视：256 个 LED 全部为红色"),
        # Sentences that were joined, and numbers of many and of one.
        (
            "4 units: 2 passed, 2 failed; 1 board refused",
            "4 台设备：合格 2，不合格 2；拒收 1 块电路板",
        ),
        ("it is not lit: look at its relay and its wires", "没有点亮：请检查继电器和接线"),
        # Names are nobody's sentences.
        ("evening dance on days off", "evening dance on days off"),
        ("人民广场", "人民广场"),
        ("{serial}", "{serial}"),
    ],
)
def test_a_filled_sentence_is_known_again(english: str, chinese: str):
    assert say(english) == chinese


def test_places_are_filled_in_either_language():
    assert say("Offset {offset} dB", offset="+1.50") == "修正值 +1.50 dB"
    assert say_in("en", "Offset {offset} dB", offset="+1.50") == "Offset +1.50 dB"
    assert say("nobody has said this {n} times", n=2) == "nobody has said this 2 times"


def test_an_option_goes_before_the_locale_and_may_stand_anywhere(capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    words = ["label", "--sign"]
    said = []
    for more in ([], ["--lang", "en"], ["--lang=en"]):
        assert cli.run([*words, *more]) == 2
        said.append(capsys.readouterr().err)
    assert said[0].startswith("noisetamer label: 告示牌缺少内容")
    assert said[1] == said[2]
    assert said[1].startswith("noisetamer label: The sign has to say it")
    assert cli.run(["--lang", "zh", "label", "--sign"]) == 2
    assert capsys.readouterr().err == said[0]


def test_a_verb_of_one_language_has_no_option_for_it_and_speaks_it(capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    for words in (["export", "--lang", "zh"], ["--lang=zh", "export"]):
        assert cli.run(words) == 2
        assert "noisetamer export: it speaks English only: leave out --lang" in (
            capsys.readouterr().err
        )
    assert cli.run(["export", "a.pdf", "--data", "none"]) == 2
    assert not has_chinese(capsys.readouterr().err)
    assert cli.VERBS.keys() > cli.BILINGUAL


def test_the_doctor_and_the_meter_say_what_they_find_in_chinese(tmp_path, capsys):
    words, channels = tmp_path / "a.raw", tmp_path / "b.wav"
    words.write_bytes(bytes(40_000))
    assert cli.run(["--lang", "zh", "doctor", str(words)]) == 1
    assert capsys.readouterr().out.startswith("全零：数据全为零。\n  请检查 3V3")
    noise = np.random.default_rng(1).normal(0, 0.1, (8_000, 2)) * (1, 0)
    soundfile.write(channels, noise[:, ::-1], 8_000)
    assert cli.run(["--lang", "zh", "doctor", str(channels)]) == 1
    told = capsys.readouterr().out
    assert all(has_chinese(line) for line in told.splitlines()), told


@pytest.mark.tools
def test_no_catalogue_is_read_for_english():
    script = """
import sys
from noisetamer import cli
cli.run(["label", "--sign"])
print("polib" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.stdout, ran.returncode) == ("False\n", 0)
