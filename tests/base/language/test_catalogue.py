"""The Chinese catalogue: places agree, every character can be printed, punctuation is Chinese."""

import re
from pathlib import Path
from string import Formatter

import polib
import pytest

from noisetamer.base import language
from noisetamer.base.language import catalogue
from noisetamer.base.paper.font import characters
from noisetamer.hub.words.i18n import read_texts

CATALOGUE = Path(language.__file__).parent / "zh.po"
ENTRIES = polib.pofile(str(CATALOGUE), check_for_duplicates=True)
HAN = "\u4e00-\u9fff"


def both(entry: polib.POEntry) -> tuple[str, str]:
    if entry.msgid_plural:
        return entry.msgid_plural.replace("{}", "{n}"), entry.msgstr_plural[0]
    return entry.msgid, entry.msgstr


def places(text: str) -> set[str]:
    return {name for _, name, *_ in Formatter().parse(text) if name is not None}


def test_places_agree():
    wrong = [entry.msgid for entry in ENTRIES if places(both(entry)[0]) != places(both(entry)[1])]
    assert wrong == []


def test_every_sentence_has_its_chinese():
    assert [entry.msgid for entry in ENTRIES if not both(entry)[1]] == []


def test_the_font_of_all_paper_has_every_character():
    lacking = set("".join(both(entry)[1] for entry in ENTRIES)) - characters()
    assert lacking == set()


def test_punctuation_between_chinese_words_is_chinese():
    wrong = re.compile(f"[{HAN}] ?[,;:!?()]|(?<!dB\\(A)[,;:!?()] ?[{HAN}]|[{HAN}]\\.")
    assert [both(entry)[1] for entry in ENTRIES if wrong.search(both(entry)[1])] == []


@pytest.mark.parametrize(
    ("english", "key"),
    [
        ("leader", "called_leader"),
        ("property", "called_property"),
        ("police", "called_police"),
        ("its Wi-Fi refuses the key", "link_wrong key"),
        ("the hub's certificate has expired", "link_certificate expired"),
        ("Noise Tamer", "page"),
    ],
)
def test_page_and_paper_say_the_same(english: str, key: str):
    page = read_texts()["zh"]
    assert catalogue.of("zh").say(english) == page[key]
