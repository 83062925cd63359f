import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.registry import Unit
from noisetamer.hub.squares.order import natural
from noisetamer.hub.squares.squares import Setting, Squares, square_of


@pytest.fixture
def squares(tmp_path: Path) -> Squares:
    return Squares(tmp_path / "squares.sqlite")


def test_a_unit_that_is_in_no_square_is_one_for_itself(squares: Squares):
    units = [
        Unit("NT-3", "", "和平广场", ""),
        Unit("NT-1", "", "", ""),
        Unit("NT-2", "东", "和平广场", ""),
    ]
    assert squares.names(units) == ["NT-1", "和平广场"]
    assert square_of(units[1]) == "NT-1"


def test_squares_stand_in_the_order_in_which_people_count(squares: Squares):
    names = ["", "7" * 5000, "东门", "东门2", "第1广场", "第2广场", "第010广场", "第10广场"]
    names += ["第100广场", "第100广场东"]
    units = [Unit(f"NT-{n}", "", name, "") for n, name in enumerate(reversed(names[1:]))]
    assert squares.names(units) == names[1:]
    assert sorted(reversed(names), key=natural) == names


def test_the_newest_version_holds_and_none_is_overwritten(squares: Squares, tmp_path: Path):
    assert squares.setting("和平广场", "layout") is None
    assert squares.put("和平广场", "layout", {"NT-1": [0.5, 0.25]}, "王", 1000.0) == 1
    assert squares.put("和平广场", "layout", {"NT-1": [0.75, 0.25]}, "李", 2000.0) == 2
    assert squares.put("和平广场", "camera", {}, "李", 2000.0) == 1
    again = Squares(tmp_path / "squares.sqlite")
    assert again.setting("和平广场", "layout") == {"NT-1": [0.75, 0.25]}
    assert again.setting("人民广场", "layout") is None
    assert again.history("和平广场", "layout") == [
        Setting(2, {"NT-1": [0.75, 0.25]}, "李", 2000.0),
        Setting(1, {"NT-1": [0.5, 0.25]}, "王", 1000.0),
    ]
    with (
        closing(sqlite3.connect(tmp_path / "squares.sqlite")) as connection,
        pytest.raises(sqlite3.IntegrityError, match="never overwritten"),
    ):
        connection.execute("UPDATE setting SET by='nobody'")


def test_a_square_has_one_picture_or_none(squares: Squares):
    assert squares.plan("和平广场") is None
    squares.put_plan("和平广场", b"one", "王", 1000.0)
    squares.put_plan("和平广场", b"two", "王", 2000.0)
    assert squares.plan("和平广场") == b"two"
    assert squares.plans() == {"和平广场": 2000.0}
    squares.put_plan("和平广场", None, "王", 3000.0)
    assert squares.plan("和平广场") is None


def test_the_file_is_its_owners_and_told_from_any_other(tmp_path: Path):
    Squares(tmp_path / "squares.sqlite")
    assert stat.S_IMODE((tmp_path / "squares.sqlite").stat().st_mode) == 0o600
    (tmp_path / "other.sqlite").write_bytes(b"no database at all, but long enough to be looked at")
    with pytest.raises(UserError, match=r"other.sqlite: is no file of squares"):
        Squares(tmp_path / "other.sqlite")
