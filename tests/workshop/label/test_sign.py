"""The sign for the pole says what boards/README.md prescribes, in both languages, on one page."""

import datetime
from pathlib import Path

import pypdfium2
import pytest

from noisetamer import cli
from noisetamer.unit.policy import file as policy_file
from noisetamer.workshop.label import sign

MONDAY = datetime.date(2026, 11, 23)
NEEDED = ("--place", "人民广场", "--run-by", "某某街道办事处", "--phone", "021-0000 0000")
WORDS = (
    "人民广场",
    "此处正在测量声级",
    "Sound levels are measured here",
    "只保存声级数值，不录音",
    "no sound is recorded, and no speech",
    "数值仅供提示，不是经检定的计量器具所测",
    "管理单位某某街道办事处",
    "电话021-0000 0000",
    "Telephone: 021-0000 0000",
    "第二十六条",
    "Administrative Penalty Law",
)


def said(pdf: Path) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
        return "".join(document[0].get_textpage().get_text_range().split())


@pytest.mark.parametrize("size", sign.SIZES)
def test_it_says_who_measures_what_and_which_limits_hold(tmp_path: Path, size: str):
    options = ("--policy", "square", "--size", size, "--out", str(tmp_path))
    assert cli.run(["label", "--sign", *NEEDED, *options]) == 0
    words = said(tmp_path / "sign.pdf")
    for one in (*WORDS, "周一至周四", "Fri to Sun", "19:00–21:00 70 dB", "22:00–06:00 55 dB"):
        assert "".join(one.split()) in words
    assert "□" not in words
    assert (tmp_path / "sign.png").read_bytes()[:4] == b"\x89PNG"


def test_a_policy_with_much_to_say_stays_on_its_page(tmp_path: Path):
    venues = "".join(
        f'[[venue]]\nname = "v{day}{hour}"\ndays = ["{day}"]\nfrom = "{hour:02}:00"\n'
        f'to = "{hour:02}:30"\nlimit = {55 + hour % 7}\n'
        for day in ("tue", "thu", "sat")
        for hour in range(7, 18)
    )
    file = tmp_path / "much.toml"
    file.write_text(f'name = "much"\n{venues}', encoding="utf-8")
    assert (
        cli.run(["label", "--sign", *NEEDED, "--policy", str(file), "--out", str(tmp_path)]) == 0
    )
    assert "021-00000000" in said(tmp_path / "sign.pdf")


def test_a_week_is_what_its_days_are_like_most_often():
    policy = policy_file.load("square").policy()
    # Whatever day one begins at, and though a holiday may be among them.
    for ahead in range(7):
        week = sign.week(policy, MONDAY + datetime.timedelta(days=ahead))
        assert [(since, until) for since, until, _ in week] == [(0, 3), (4, 6)]
        assert week[0][2][-1] == ("22:00–06:00", 550)


@pytest.mark.parametrize("lacking", ["--place", "--run-by", "--phone", "--policy"])
def test_it_is_not_made_without_what_it_must_say(tmp_path: Path, lacking: str, capsys):
    words = [*NEEDED, "--policy", "square"]
    at = words.index(lacking)
    del words[at : at + 2]
    assert cli.run(["label", "--sign", *words, "--out", str(tmp_path)]) == 2
    assert f"give {lacking}." in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
