"""Which language is spoken, and how a sentence is known again when its places are filled."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from noisetamer import cli
from noisetamer.base import language
from noisetamer.base.language import say, say_in


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
