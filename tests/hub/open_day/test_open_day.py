"""A question stays on the list of each open day until it is done."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from noisetamer.hub.open_day.open_day import OpenDay, QuestionError, next_open_day
from noisetamer.hub.open_day.question import Question

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 15), date(2026, 12, 15), date(2027, 1, 15)


@pytest.fixture
def open_day(tmp_path: Path) -> Iterator[OpenDay]:
    open_day = OpenDay(tmp_path / "open_day.sqlite", lambda: 1_795_900_000.0)
    yield open_day
    open_day.close()


def asked(open_day: OpenDay, text: str = "能否早半小时结束?") -> Question:
    return open_day.raise_question(Question(0, "square", NOVEMBER, text), "li")


def test_what_is_open_is_carried_to_each_open_day_once(open_day: OpenDay) -> None:
    question, other = asked(open_day), asked(open_day, "音箱朝哪边?")
    open_day.answer(other.id, "朝河边", NOVEMBER, "li")
    assert open_day.carry_on(NOVEMBER) == 0
    assert [open_day.carry_on(DECEMBER) for _ in range(2)] == [1, 0]
    assert open_day.carry_on(JANUARY) == 1
    assert open_day.carried() == {question.id: [DECEMBER, JANUARY]}


def test_who_answers_until_when_and_that_it_is_done(open_day: OpenDay) -> None:
    question = asked(open_day)
    open_day.assign(question.id, "王主任", DECEMBER)
    open_day.answer(question.id, "九点结束", JANUARY)
    (kept,) = open_day.questions("square")
    assert (kept.who, kept.until, kept.answer, kept.done) == (
        *("王主任", DECEMBER, "九点结束", JANUARY),
    )
    assert open_day.questions("elsewhere") == []


def test_a_question_without_words_is_refused(open_day: OpenDay) -> None:
    with pytest.raises(QuestionError, match="Write what was asked"):
        asked(open_day, "  ")


def test_the_open_day_is_the_fifteenth() -> None:
    assert next_open_day(NOVEMBER) == NOVEMBER
    assert next_open_day(date(2026, 12, 16)) == JANUARY


def test_who_is_forgotten_is_named_nowhere(open_day: OpenDay) -> None:
    question = asked(open_day, "张阿姨的舞队能换地方吗?")
    open_day.assign(question.id, "张阿姨", None, "张阿姨")
    assert open_day.forget("张阿姨") == 2
    assert open_day.forget("张阿姨") == 0
    (kept,) = open_day.questions()
    assert (kept.text, kept.who) == ("…的舞队能换地方吗?", "")
    assert open_day.forget("") == 0
