"""Make the shipped messages with espeak-ng:  python -m noisetamer.unit.voice.shipped_messages

The result is committed, so nothing is spoken anew to flash or simulate a unit. The version of
espeak-ng that pyproject.toml pins (through espeakng-loader) makes the same bytes again.
"""

from pathlib import Path

from noisetamer.base.paths import FIRMWARE
from noisetamer.unit.voice import catalogue, espeak
from noisetamer.unit.voice.prepare import prepare

# Name: (language, text).
MESSAGES = {
    "warning_zh": ("zh", "音量已超过国家规定最大限值,为了他人正常生活,请降低音量"),
    "warning_en": (
        "en",
        "The volume is above the national limit. "
        "For the sake of other people's daily life, please turn it down.",
    ),
    "polite_zh": ("zh", "您好，现在音量偏大，请把音量调低一些，谢谢配合"),
    "polite_en": (
        "en",
        "Hello. The volume is rather high at the moment. Please turn it down a little. Thank you.",
    ),
}


def make(folder: Path) -> None:
    """Write every shipped message into a folder. Raises UserError."""
    for name, (language, text) in MESSAGES.items():
        speech = espeak.say(text, language)
        message = prepare(speech.samples, speech.rate, name)
        catalogue.put(folder, name, message, text, language, speech.made)


if __name__ == "__main__":
    make(FIRMWARE / "voices")
