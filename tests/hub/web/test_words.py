import ast
import re
import string
from pathlib import Path

import pytest

from noisetamer.hub.web import in_words
from noisetamer.hub.web.templates import PAGES
from noisetamer.hub.words.i18n import LANGUAGES, WORDS, read_texts
from tamer.hear.diagnosis.advice import SENTENCES
from tamer.hear.self_check import verdict as verdicts
from tamer.record.events import CALLED, STAGES
from tamer.record.fields import LINK_REASONS, LOSS_REASONS
from tamer.record.reading import REASONS


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things_with_the_same_values():
    texts = read_texts()
    assert list(texts["zh"]) == list(texts["en"])
    for key, words in texts["zh"].items():
        assert placeholders(words) == placeholders(texts["en"][key]), key


def test_a_key_that_stands_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for language in LANGUAGES:
        (tmp_path / language).mkdir()
        (tmp_path / language / "calls.json").write_text('{"who": "a", "who": "b"}')
    monkeypatch.setattr("noisetamer.hub.words.i18n.WORDS", tmp_path)
    with pytest.raises(ValueError, match="who stands twice"):
        read_texts()


def test_every_stage_and_every_reason_has_words():
    for texts in read_texts().values():
        assert {f"stage_{stage}" for stage in STAGES} < set(texts)
        assert {f"reason_{reason}" for reason in REASONS if reason != "valid"} < set(texts)


def test_every_word_that_an_event_may_hold_is_in_both_languages():
    judged = (verdicts.REFERENCE, verdicts.GOOD, verdicts.MICROPHONE, verdicts.LOUDSPEAKER)
    said = {
        "called": CALLED,
        "link": LINK_REASONS,
        "loss": LOSS_REASONS,
        "finding": tuple(SENTENCES),
        "verdict": (*judged, verdicts.UNKNOWN, verdicts.TOO_LOUD),
    }
    for texts in read_texts().values():
        for prefix, words in said.items():
            assert {f"{prefix}_{word}" for word in words} < set(texts)


def test_both_languages_keep_them_in_the_same_files():
    assert {file.name for file in (WORDS / "zh").iterdir()} == {
        file.name for file in (WORDS / "en").iterdir()
    }


def test_every_text_of_a_page_exists():
    for file in PAGES.glob("*.html"):
        used = set(re.findall(r"texts\.(\w+)", file.read_text(encoding="utf-8")))
        assert used <= set(read_texts()["zh"]), file


def test_chinese_text_has_chinese_punctuation():
    for key, words in read_texts()["zh"].items():
        assert not re.search(r"[\u4e00-\u9fff][,;:(]", words), key


def test_what_is_not_to_be_had_is_said_in_both_languages():
    raised = {
        call.args[1].value
        for file in PAGES.parent.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "HTTPException"
        and call.args[1:]
        and isinstance(call.args[1], ast.Constant)
        and not (isinstance(call.args[0], ast.Constant) and call.args[0].value in (413, 422, 503))
    }
    assert len(raised) > 10
    assert raised <= set(in_words.SAID), "told to programs only: 413, 422, 503"
    for texts in read_texts().values():
        assert set(in_words.SAID.values()) <= set(texts)
