"""What a lock screen shows: place, level, since when, what the box did."""

import itertools

import pytest

from noisetamer.hub.phones.message import (
    LINE_CELLS,
    TITLE_CELLS,
    Situation,
    Turn,
    all_clear,
    call,
    cells,
    cut,
    duration,
)
from noisetamer.hub.words.i18n import read_texts
from tamer.record.events import STAGES

TEXTS = read_texts()
EVENING = 1_775_048_580.0  # 2026-04-01 21:03 in Shanghai
SQUARE = Situation(
    "noise", "东门广场", EVENING, level=72.4, limit=60.0, stage="polite", warnings=2
)


def test_says_place_level_since_when_and_what_the_box_did():
    said = call(SQUARE, TEXTS["zh"], 8, EVENING + 250)
    assert said.title == "东门广场 72 分贝，限值 60"
    assert said.body == "超限 4 分钟，21:03 起\n设备已亮灯、劝导 2 次，仍未降低"


def test_says_it_in_english():
    said = call(SQUARE, TEXTS["en"], 8, EVENING + 250)
    assert said.title == "东门广场 72 dB, limit 60"
    assert said.lines[0] == "Over the limit for 4 min, since 21:03"


def test_follow_up_says_that_nobody_answered():
    assert (
        call(SQUARE, TEXTS["zh"], 8, EVENING + 250, Turn(3)).lines[2] == "第 3 次通知，尚无人确认"
    )


def test_whoever_comes_next_learns_that_others_did_not_help():
    def last(turn: Turn) -> str:
        return call(SQUARE, TEXTS["zh"], 8, EVENING + 250, turn).lines[2]

    assert last(Turn(place=1)) == "之前通知的人尚未确认"
    assert last(Turn(place=1, no_better="王明")) == "王明 确认过，仍未好转"
    assert last(Turn(2, 1, "王明")) == "第 2 次通知，尚无人确认"


def test_time_is_that_of_the_square():
    assert "13:03" in call(SQUARE, TEXTS["en"], 0, EVENING + 250).body
    assert "18:33" in call(SQUARE, TEXTS["en"], 5.5, EVENING + 250).body


def test_day_is_said_where_it_is_not_today():
    about = Situation("silent", "东门广场", EVENING, unit="NT1-2611-0001")
    assert "4月1日 21:03" in call(about, TEXTS["zh"], 8, EVENING + 3 * 86400).body


def test_silent_box_is_named():
    about = Situation("silent", "东门广场", EVENING, unit="NT1-2611-0001")
    assert call(about, TEXTS["zh"], 8, EVENING + 700).title == "东门广场：NT1-2611-0001 失联"
    assert call(about, TEXTS["en"], 8, EVENING + 700).title == "东门广场: NT1-2611-0001 is silent"


def test_all_clear_says_how_long_it_took():
    over = Situation("noise", "东门广场", EVENING, resolved=EVENING + 740, warnings=2)
    said = all_clear(over, TEXTS["zh"], 8, EVENING + 741)
    assert said.title == "东门广场：已恢复安静"
    assert said.body == "21:15 起低于限值，前后 12 分钟\n设备共劝导 2 次"
    assert not said.rings


def test_every_text_fits_a_lock_screen():
    kinds = ("noise", "sudden", "silent", "microphone", "undelivered", "drill")
    for language, kind, stage in itertools.product(TEXTS, kinds, ("", *STAGES)):
        about = Situation(
            kind,
            "人民公园南门外文化广场东侧健身步道入口处",
            EVENING,
            unit="NT1-2611-0001",
            resolved=EVENING + 47 * 3600 + 59 * 60,
            level=131.2,
            limit=101.0,
            stage=stage,
            warnings=1234,
        )
        for said in (
            call(about, TEXTS[language], 8, EVENING + 90 * 3600, Turn(12)),
            all_clear(about, TEXTS[language], 8, EVENING + 90 * 3600),
        ):
            assert cells(said.title) <= TITLE_CELLS, said.title
            assert 1 <= len(said.lines) <= 3
            assert all(cells(line) <= LINE_CELLS for line in said.lines), said.lines
            assert "{" not in said.title + said.body


def test_long_place_is_cut_and_the_level_is_not():
    about = Situation("noise", "人民公园南门外文化广场东侧健身步道", EVENING, level=72, limit=60)
    title = call(about, TEXTS["zh"], 8, EVENING).title
    assert title.startswith("人民公园") and title.endswith("… 72 分贝，限值 60")


def test_name_that_breaks_lines_breaks_none():
    about = Situation("noise", "东门\n广场\t{level}", EVENING, level=72, limit=60)
    assert call(about, TEXTS["zh"], 8, EVENING).title == "东门 广场 {level} 72 分贝，限值 60"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "不到 1 分钟"),
        (59, "不到 1 分钟"),
        (60, " 1 分钟"),
        (3599, " 59 分钟"),
        (3600, " 1 小时 0 分钟"),
        (200_000, " 2 天"),
    ],
)
def test_durations(seconds: float, words: str):
    assert duration(seconds, TEXTS["zh"]) == words


def test_cut_counts_as_a_screen_does():
    assert cut("广场广场", 8) == "广场广场"
    assert cut("广场广场广", 8) == "广场广…"
    assert cells("é") == 1
