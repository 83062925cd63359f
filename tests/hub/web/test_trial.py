"""The page of what warning works: it concludes no more than it may, and says what is fair."""

from pathlib import Path

import pytest
from console import Console
from in_process import logged_in
from trial_square import Crowd, TrialSquare, table

from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.writer import Store
from noisetamer.hub.web import forest_drawing

ARMS = {"先灯后声": 0.65, "马上喊话": 0.2}
SQUARES = {"SIM-0001": "东门广场", "SIM-0002": "和平广场"}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Console:
    """Two squares: one has seen enough, the other has just begun."""
    made = Console(tmp_path_factory.mktemp("hub"))
    store = Store(made.queries.file)
    for (id, square), incidents in zip(SQUARES.items(), (130, 38), strict=True):
        made.live.states[id] = UnitState(Unit(id, "", square, ""), online=True)
        one = TrialSquare(Crowd(ARMS), table(*ARMS), seed=incidents)
        one.lives(incidents)
        store.append(0, one.told(id))
    store.close()
    return made


def _text(console: Console, language: str, **who) -> str:
    answer = logged_in(console, **who).get(f"/trial?lang={language}")
    assert answer.status_code == 200
    return answer.text


def test_the_answer_comes_first_where_there_is_one(console: Console):
    text = _text(console, "zh")
    assert "“先灯后声”比“马上喊话”管用：超限后的头两分钟里，平均少吵 " in text
    assert text.index("管用：") < text.index('<svg viewBox="-6')


def test_before_the_number_agreed_on_nothing_is_concluded(console: Console):
    text = _text(console, "zh", role="officer", squares=["和平广场"])
    assert "现在还看不出差别：要比较的 120 次里，已有 " in text
    assert "管用：" not in text


def test_a_square_that_is_not_theirs_is_shown_to_nobody(console: Console):
    assert "东门广场" not in _text(console, "en", role="officer", squares=["和平广场"])


def test_without_a_trial_it_says_that_there_is_none_and_what_would_be_fair(tmp_path: Path):
    text = _text(Console(tmp_path), "en")
    assert "There is no trial" in text
    assert "It can be stopped at any time" in text


def test_a_forest_stands_on_one_axis_and_leaves_out_what_is_not_known():
    known, unknown = forest_drawing.forest(
        [Interval(60, 30, 130, 40), Interval(None, None, None, 0)], 120
    )
    assert (known.left, known.x, known.right) == (75, 150, 300)
    assert (unknown.left, unknown.x, unknown.right) == (None, None, None)
