"""What is no table of the levels asked for ends in one sentence."""

from pathlib import Path

import numpy as np
import pytest
from level_files import Evening, plain
from spoilt_level_files import spoilt, written
from wrong_level_files import HEAD, WRONG, stamps

from noisetamer.base.errors import UserError
from noisetamer.sound import level_tables


@pytest.mark.parametrize("wrong", WRONG)
def test_one_sentence_says_what_is_wrong(wrong: str, tmp_path: Path):
    content, says = WRONG[wrong]
    path = tmp_path / "levels.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=says) as refused:
        level_tables.read(path)
    assert str(refused.value).startswith(str(path))
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400 + len(str(path))


def test_there_are_sixty_and_a_missing_one(tmp_path: Path):
    assert len(WRONG) >= 60
    with pytest.raises(UserError, match="cannot be read: No such file"):
        level_tables.read(tmp_path / "none.csv")
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        level_tables.read(tmp_path)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"zone": "Mars"}, "--zone Mars: is no zone"),
        ({"zone": "+25:00"}, r"--zone \+25:00: is no zone"),
        ({"clock": "soon"}, "--meter-clock soon: write seconds"),
        ({"quantity": "happiness"}, "happiness: is no quantity"),
        ({"date_order": "mdy"}, "no date in the order --date-order mdy"),
    ],
)
def test_a_wrong_word_of_the_caller_is_named(words: dict, says: str, tmp_path: Path):
    path = tmp_path / "levels.csv"
    path.write_text(plain("%d/%m/%Y %H:%M:%S")(Evening(count=5)))
    with pytest.raises(UserError, match=says):
        level_tables.read(path, **words)


def test_what_is_asked_for_decides(tmp_path: Path):
    path = tmp_path / "levels.csv"
    path.write_text(stamps("05/11/2026 19:00:00", "05/11/2026 19:00:01"))
    asked: list[tuple[level_tables.DateOrder, str]] = [
        ("dmy", ""),
        ("mdy", ""),
        ("dmy", "-00:01:30"),
    ]
    at = [
        level_tables.read(path, date_order=order, zone="+08:00", clock=clock).t[0]
        for order, clock in asked
    ]
    # 2026-11-05 and 2026-05-11, 18:59:59 there: the stamp of a plain table is an end.
    assert at == [1793876399.0, 1778497199.0, 1793876309.0]


def test_consecutive_days_tell_the_order(tmp_path: Path):
    path = tmp_path / "levels.csv"
    rows = [
        f"0{day}/11/2026 {hour:02d}:00:00,{60 + hour % 5}\n"
        for day in (4, 5)
        for hour in range(24)
    ]
    path.write_text(HEAD + "".join(rows))
    table = level_tables.read(path, zone="UTC")
    assert (table.interval, table.t[0]) == (3600.0, 1793746800.0)


@pytest.mark.parametrize("kind", ["NTi XL2 log", "CESVA", "plain table, German", "OpeNoise"])
def test_spoilt_files_are_read_or_refused(kind: str, tmp_path: Path):
    """A longer run: tests/bench/spoilt_level_tables.py."""
    whole, path = written(kind, Evening(count=30)), tmp_path / "file"
    for number in range(60):
        path.write_bytes(spoilt(whole, np.random.default_rng([7, number])))
        try:
            table = level_tables.read(path, near=1795431600.0)
        except UserError as refused:
            assert "\n" not in str(refused)
        else:
            assert np.all(np.diff(table.t) > 0)
            assert np.all(np.isfinite(table.level))
