"""What is spoken is the text: numbers and signs as a person reads them, all of it Chinese."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from heard_tones import listen
from speech_recogniser import understand

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE
from noisetamer.unit.voice import espeak
from noisetamer.unit.voice.pronunciation import must_be_the_text
from noisetamer.unit.voice.shipped_messages import MESSAGES
from noisetamer.unit.voice.spoken_text import spoken

pytestmark = pytest.mark.tools

CHINESE = sorted(name for name, (language, _) in MESSAGES.items() if language == "zh")
WARNING = MESSAGES["warning_zh"][1]

# As espeak-ng 1.51's voice "cmn" gives the first two characters of the warning: "yin-one".
GIBBERISH = "(en)jI55nw'055n_| l,aI55@55Nf'o@55"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("68 dB, 东门舞队", "六十八 分贝， 东门舞队"),
        ("68.5分贝", "六十八点五分贝"),
        ("限值55dB(A)", "限值五十五分贝A计权"),
        ("超过 65 dBA 了", "超过 六十五 分贝A计权 了"),
        ("１２分贝", "十二分贝"),
        ("105 dB", "一百零五 分贝"),
        ("1,005人", "一千零五人"),
        ("55-60分贝", "五十五到六十分贝"),
        ("60 dB~65 dB", "六十 分贝到六十五 分贝"),
        ("相差-3.5分贝", "相差负三点五分贝"),
        ("气温−5°C", "气温负五摄氏度"),
        ("±2分贝", "正负二分贝"),
        ("≤60dB", "不超过六十分贝"),
        ("21:30以后", "二十一点三十分以后"),
        ("12:05", "十二点零五分"),
        ("22:00后请安静", "二十二点后请安静"),
        ("19：30-21:30", "十九点三十分到二十一点三十分"),
        ("请安静,22:00", "请安静，二十二点"),
        ("2026年11月28日", "二零二六年十一月二十八日"),
        ("2026-11-28", "二零二六年十一月二十八日"),
        ("拨打110", "拨打幺幺零"),
        ("12369热线", "幺二三六九热线"),
        ("13800138000", "幺三八零零幺三八零零零"),
        ("限值,为了", "限值，为了"),
        ("一会儿再来这儿", "一会再来这里"),
    ],
)
def test_numbers_and_signs_are_words(written: str, said: str):
    assert spoken(written, "zh") == said


def test_english_says_decibels():
    assert spoken("72 dB, limit 65 dB(A)", "en") == "72 decibels, limit 65 decibels A"


@pytest.mark.parametrize("name", CHINESE)
def test_a_shipped_message_is_spoken_in_chinese_syllable_by_syllable(name: str):
    assert "(en)" not in espeak.phonemes(MESSAGES[name][1], "zh")


@pytest.mark.parametrize("name", CHINESE)
def test_a_shipped_message_is_understood(name: str):
    """The gibberish that once shipped had -4.8 and -4.5, the right words have -0.73 and -0.76."""
    texts = [MESSAGES[one][1] for one in sorted(CHINESE, key=lambda one: one != name)]
    words, (own, another) = understand(FIRMWARE / "voices" / f"{name}.wav", texts, "zh")
    assert own > -1.5, words
    assert another < -3.5


@pytest.mark.parametrize("name", CHINESE)
def test_a_shipped_message_has_the_tones_of_its_text(name: str):
    heard = listen(FIRMWARE / "voices" / f"{name}.wav", MESSAGES[name][1])
    assert heard.likeness > 0.45
    assert min(heard.pauses) > 0.1


def test_the_ear_hears_when_it_is_another_text(tmp_path: Path):
    speech = espeak.say("今天下午大家一起去公园里面散步，晚上回来吃面条，然后休息", "zh")
    file = tmp_path / "another.wav"
    soundfile.write(file, speech.samples, speech.rate)
    assert listen(file, WARNING).likeness < 0.3


@pytest.mark.parametrize("text", ["A区B组请安静", "请 wait 一下", "68 dB, 东门舞队", "儿童节快乐"])
def test_letters_among_chinese_are_spoken_too(text: str):
    assert np.std(espeak.say(text, "zh").samples) > 0.01


def test_the_same_words_are_the_same_samples():
    first, second = (espeak.say("请降低音量", "zh").samples for _ in range(2))
    assert np.array_equal(first, second)


def test_gibberish_is_refused():
    with pytest.raises(UserError, match="would be read in another language, as gibberish"):
        must_be_the_text("音量", "音量", GIBBERISH, "zh")
    with pytest.raises(UserError, match="would be read in another language, as gibberish"):
        espeak.say("花儿", "zh")


def test_a_character_that_is_skipped_is_refused():
    with pytest.raises(UserError, match="has 3 syllables, 2 would be spoken"):
        must_be_the_text("音量高", "音量高", "j'i55n_| l'iA51N_|", "zh")


@pytest.mark.parametrize(
    ("text", "language", "sign"),
    [
        ("3×3", "zh", "×"),
        ("日本語の", "zh", "の"),
        ("café一杯", "zh", "é"),
        ("Please 安静", "en", "安"),
    ],
)
def test_a_sign_that_has_no_words_is_refused(text: str, language: str, sign: str):
    with pytest.raises(UserError, match=f'"{sign}" would not be spoken'):
        espeak.say(text, language)
