"""Which language is spoken, and saying a sentence in it."""

import os
from collections.abc import Mapping

LANGUAGES = ("en", "zh")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""As `say` knows them; of a date by its `weekday()`."""

_spoken = "en"


def speak(language: str | None, environment: Mapping[str, str] = os.environ) -> None:
    """From now on, in this process. language: of LANGUAGES; None for the locale's."""
    global _spoken
    _spoken = language or of_locale(environment)


def chosen() -> str:
    """The language that is spoken."""
    return _spoken


def of_locale(environment: Mapping[str, str]) -> str:
    """Chinese where the locale is, else English; by POSIX's order of variables."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def say(text: str, **values: object) -> str:
    """`text` in the language that is spoken, see `say_in`."""
    return say_in(_spoken, text, **values)


def say_in(language: str, text: str, **values: object) -> str:
    """`text` in this language of LANGUAGES; what its catalogue has not stays English.

    text: with places such as {serial} and their values; or filled already, an error's or a
    ledger's sentence.
    """
    if language == "en":
        return text.format(**values) if values else text
    # English alone need not wait for a catalogue to be read.
    from noisetamer.base.language import catalogue

    return catalogue.of(language).say(text, values)


def plain() -> dict[str, str]:
    """Every sentence without places in the language that is spoken, for a page's template."""
    if _spoken == "en":
        return {}
    from noisetamer.base.language import catalogue

    return catalogue.of(_spoken).plain
