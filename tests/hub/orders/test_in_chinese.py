"""What is refused, and why, in the words of whoever reads the page in Chinese."""

import datetime
import io
import re

import numpy as np
import pytest
import soundfile

from noisetamer.base.errors import UserError
from noisetamer.base.language import say_in
from noisetamer.hub.orders import policies, speech

TODAY = datetime.date(2027, 11, 28)
RATE = 16_000

# Names of keys, messages and standards stay as they are.
NAMES = re.compile(
    r"[a-z]+_[a-z_]+|[A-Za-z]+\.[a-z_]+|L[AC][a-zF]*|TOML|gaokao|nobody|dB|Hz|UTC|GB|speaking|class|true|false"
    r"|mon|tue|wed|thu|fri|sat|sun|holiday|workday|policy|[\"“].*?[\"”]|\[\[?.*?\]\]?|dya|day|from"
)


def wav(sound: np.ndarray, rate: int = RATE, channels: int = 1) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.column_stack([sound] * channels), rate, format="WAV")
    return out.getvalue()


def tone(hertz: float, seconds: float, peak: float) -> np.ndarray:
    return peak * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def must_be_chinese(sentence: str) -> None:
    said = say_in("zh", sentence)
    left = re.findall("[A-Za-z]{3,}", NAMES.sub("", said))
    assert not left, (sentence, said)


RECORDINGS = {
    "none": b"no sound",
    "stereo": wav(tone(700, 1, 0.3), channels=2),
    "short": wav(tone(700, 0.05, 0.3)),
    "silent": wav(tone(700, 2, 1e-5)),
    "clipped": wav(np.clip(tone(700, 2, 3), -0.9, 0.9)),
    "long": wav(tone(700, 15.9, 0.3)),
    "rumble": wav(tone(60, 2, 0.3)),
    "brief": wav(np.concatenate([tone(700, 0.2, 0.3), np.zeros(RATE)])),
}


@pytest.mark.parametrize("what", RECORDINGS)
def test_a_recording_is_refused_in_chinese(what: str):
    with pytest.raises(UserError) as refused:
        speech.of_recording(RECORDINGS[what])
    must_be_chinese(str(refused.value))


@pytest.mark.parametrize("text", ["", "字" * 121, "请把×の调低", "×の"])
def test_a_text_is_refused_in_chinese(text: str):
    with pytest.raises(UserError) as refused:
        speech.of_text(text)
    must_be_chinese(str(refused.value))


@pytest.mark.parametrize(
    "text",
    [
        "[limit]\nday = 600\n",
        '[limit]\nday = "loud"\ndya = 3\n',
        "[limit]\nday = 60.05\n",
        'name = 5\nutc_offset = "east"\nversion = 2\n',
        '[hours]\nday_from = "25:00"\n',
        '[hours]\nday_from = "22:00"\n',
        '[area]\nclass = "9"\n',
        "[red]\nspotlight = 1\n",
        '[[venue]]\nname = "x"\nfrom = "12:00"\nto = "12:00"\ndays = ["never"]\n',
        'holidays = ["2027-02-30", "soon"]\n',
        '[trigger]\nquantity = "LZ"\nover = 20\nof = 10\n',
        '[speaking]\npause = [["23:00"]]\n',
        "venue = 3\n",
        "limit = 3\n",
        "a =\n",
        '[firm]\nmessage = "warning_zz"\n',
        '[firm]\nmessage = "nobody"\n',
        "[speaking]\nlongest_message = 2\n",
        '[trial]\nname = "x"\n',
        '[[trial.arm]]\nname = "a"\n[[trial.arm]]\nname = "a"\ngap = 1\n',
        '[trial]\nname = "x"\n[polite]\ntimes = 0\n'
        + '[[trial.arm]]\nname = "a"\npolite = "polite_zh"\n' * 9,
    ],
)
def test_a_policy_is_refused_in_chinese(text: str):
    found = policies.read(text, TODAY)
    assert found.faults
    for fault in found.faults:
        must_be_chinese(fault.sentence)


def test_what_a_policy_hardly_means_is_remarked_in_chinese():
    text = """\
holidays = ["2026-01-01"]
guard_band = 0.5
hysteresis = 0
[limit]
day = 50
night = 60
[hours]
night_from = "21:00"
[[allowed]]
days = ["holiday"]
from = "08:00"
to = "20:00"
[[quiet]]
name = "gaokao"
from = "2026-06-07"
to = "2026-06-09"
limit = 60
[trigger]
quantity = "LCeq"
[background]
difference = 1
[[volume]]
from = "06:00"
to = "20:00"
volume = -3
[speaking]
longest_per_hour = 2
[[hand_over]]
to = "leader"
wait = 60
[[hand_over]]
to = "police"
wait = 0
"""
    found = policies.read(text, TODAY)
    assert len(found.remarks) >= 9
    for remark in found.remarks:
        must_be_chinese(remark.sentence)
