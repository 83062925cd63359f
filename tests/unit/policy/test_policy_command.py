"""`noisetamer policy`, as a user types it."""

import csv
import datetime
import json
import re
import zoneinfo
from pathlib import Path

import pytest
import zones
from in_chinese import english_in, run_in_chinese
from PIL import Image
from stored_square import EVENING, as_hub, as_trace, seconds

from noisetamer import cli
from noisetamer.unit.policy import file
from tamer.judge import policy
from tamer.record.reading import GAP, missing

STRICT = 'name = "62 dB"\n[limit]\nday = 62\nnight = 52\n'
HEARD = seconds(*[(300, 500), (40, 645)] * 3, (300, 500))


@pytest.fixture
def strict(tmp_path: Path) -> str:
    path = tmp_path / "strict.toml"
    path.write_text(STRICT)
    return str(path)


def ran(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """(exit code, what it printed, what it complained of)."""
    code = cli.run(["policy", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_check_prints_the_hash(capsys, strict):
    code, out, _ = ran(capsys, "check", strict)
    assert code == 0
    assert out.endswith(f"{strict}: 62 dB, hash {file.load(strict).policy().hash[:12]}\n")
    # One that is shipped goes by its name.
    out = ran(capsys, "check", "square")[1]
    assert out.startswith("remark: square:") and "\nsquare: public square, hash " in out


def test_check_names_every_fault_with_file_line_and_reason(capsys, tmp_path):
    (tmp_path / "bad.toml").write_text("near = 99\n[trigger]\nover = 12\n")
    code, out, err = ran(capsys, "check", tmp_path / "bad.toml")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"{tmp_path}/bad.toml:1: near: 99 is out of range: give 0 to 20 dB",
        f"{tmp_path}/bad.toml:3: trigger.over: is more than trigger.of; at most as many",
    ]


def test_check_asks_for_the_messages(capsys, strict, tmp_path):
    code, _, err = ran(capsys, "check", strict, "--voices", tmp_path)
    assert code == 2
    assert f"polite.message: there is no message polite_zh in {tmp_path};" in err


def test_show_one_moment(capsys):
    code, out, _ = ran(capsys, "show", "square", "--at", "2026-11-24 20:15")
    assert code == 0
    assert out.splitlines()[1:] == [
        "Tuesday 2026-11-24 20:15:00, +08:00 from UTC",
        "  limit        68 dB: venue rule evening dance",
        "  red          8 of 10 valid seconds with LAeq over 69 dB",
        "  sudden noise not judged by day",
        "  voice        allowed, 0 dB re full",
        "  spotlight    allowed",
        "  panel        full brightness",
        "  background   not learned now",
        "  holds        2026-11-24 19:00 to 2026-11-24 20:30",
        "  time unknown limit 55 dB, voice allowed, -12 dB re full",
    ]


def test_show_a_night(capsys):
    _, out, _ = ran(capsys, "show", "residential_quarter", "--at", "2026-11-24 23:30")
    for row in (
        "limit        45 dB: night, class 1 of GB 3096-2008",
        "sudden noise LAFmax over 60 dB",
        "voice        not allowed",
        "spotlight    off",
        "panel        dimmed to 25%",
    ):
        assert f"  {row}\n" in out


def test_show_a_week_with_alike_days_together(capsys):
    _, out, _ = ran(capsys, "show", "square", "--week", "2027-06-04")
    lines = out.splitlines()
    days = [line for line in lines[1:] if not line.startswith(" ")]
    assert days == [
        "Fri 2027-06-04 to Sun 2027-06-06",
        "Mon 2027-06-07 to Wed 2027-06-09",
        "Thu 2027-06-10",
    ]
    assert "  19:00-21:00    70 dB  voice   0 dB  spotlight     venue rule evening" in out
    assert "  22:00-24:00    55 dB  no voice      spotlight     quiet day gaokao" in out


def test_today_is_the_squares_wherever_the_computer_is(capsys, tmp_path, monkeypatch):
    early = datetime.datetime(2027, 6, 10, 4, tzinfo=zoneinfo.ZoneInfo("Asia/Shanghai"))
    monkeypatch.setattr("time.time", early.timestamp)
    with zones.computer_in("America/Los_Angeles"):
        _, shown, _ = ran(capsys, "show", "square")
        _, checked, _ = ran(capsys, "check", "square")
    assert shown.splitlines()[1].startswith("Thu 2027-06-10")
    assert "quiet[1].to: gaokao is over; give this year's days" in checked


def test_show_draws_a_week(capsys, tmp_path):
    picture = tmp_path / "week.png"
    code, out, _ = ran(capsys, "show", "square", "--week", "2026-11-23", "--out", picture)
    assert (code, out.splitlines()[-1]) == (0, f"see {picture}")
    with Image.open(picture) as drawn:
        assert drawn.width == 1540


def test_a_compiled_policy_is_the_same_policy(capsys, tmp_path):
    assert ran(capsys, "compile", "square", "--out", tmp_path / "policy.json")[0] == 0
    table = json.loads((tmp_path / "policy.json").read_text())
    assert policy.read(table) == file.load("square").policy()
    assert json.loads(ran(capsys, "compile", "square")[1]) == table


@pytest.mark.parametrize("store", [as_trace, as_hub])
def test_backtest_of_what_simulation_or_hub_stored(capsys, tmp_path, strict, store):
    folder = store(tmp_path / "stored", HEARD)
    code, out, _ = ran(capsys, "backtest", strict, "--data", folder, "--against", "square")
    assert code == 0
    assert out.startswith("With 62 dB you would have spoken ")
    assert "; with public square: never spoken and never called the police.\n" in out
    assert "  incidents (red)" in out
    assert "A replay cannot answer" in out


def test_backtest_as_json_and_as_files(capsys, tmp_path, strict):
    folder = as_trace(tmp_path / "stored", HEARD)
    words = ("backtest", strict, "--data", folder, "--out", tmp_path / "tried", "--json")
    code, out, _ = ran(capsys, *words)
    found = json.loads(out)
    assert code == 0
    assert found["policies"][0]["whole"]["incidents"] == 3
    assert json.loads((tmp_path / "tried" / "backtest.json").read_text()) == found
    assert (tmp_path / "tried" / "backtest.png").stat().st_size > 10_000


def test_backtest_of_a_part(capsys, tmp_path, strict):
    folder = as_trace(tmp_path / "stored", HEARD)
    until = ("--since", "2026-11-24 19:05", "--until", "2026-11-24 19:10")
    _, out, _ = ran(capsys, "backtest", strict, "--data", folder, "--json", *until)
    assert (json.loads(out)["seconds"], HEARD[0].t) == (300, EVENING)


@pytest.mark.parametrize(
    "words",
    [
        ("check", "square"),
        ("show", "square"),
        ("show", "square", "--at", "2026-11-24 20:15"),
        ("show", "trial.toml", "--at", "2026-11-24 20:15"),
        ("backtest", "square", "--data", "stored", "--against", "residential_quarter"),
        ("backtest", "square", "--data", "minutes.csv"),
        ("backtest", "square", "--data", "unlike.csv"),
        ("backtest", "nowhere", "--data", "stored"),
        ("backtest", "square", "--data", "nowhere"),
        ("show", "square", "--at", "tomorrow"),
    ],
    ids=lambda words: "-".join(words),
)
def test_who_reads_chinese_is_told_in_chinese(capsys, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trial.toml").write_text(TRIAL + "[budget]\nlimit = 67.5\n", encoding="utf-8")
    as_trace(tmp_path / "stored", HEARD)
    (tmp_path / "minutes.csv").write_text(
        "time,LAeq\n" + "".join(f"2026-11-24 19:{n:02}:00,{60 + n % 7}\n" for n in range(30))
    )
    (tmp_path / "unlike.csv").write_text("time,LCeq\n2026-11-24 19:00:00,60\n" * 3)
    told = run_in_chinese("policy", *words)
    assert english_in(told, *NAMES) == []
    assert re.search("[\u4e00-\u9fff]", told.out + "".join(told.wrong))


NAMES = (
    *("square", "public square", "residential quarter", "morning exercise", "light before voice"),
    *("evening dance on days off", "evening dance", "trial.toml", "nowhere", "construction_site"),
    *(
        "polite_zh",
        "warning_zh",
        "warning_en",
        "  voice  ",
        "  light  ",
        "limit.day",
        "limit.night",
    ),
    *("residential_quarter", "tomorrow", "minutes", "stored"),
    # of what is remarked of the shipped one once the days in it are over
    *("holidays", "[[venue]]", "quiet[1].to", "gaokao"),
)

REFUSED = [
    (("show", "square", "--at", "tomorrow"), '"tomorrow" is no time: write it like "2026-11-24'),
    (("show", "square", "--at", "2026-11-24", "--week", "2026-11-24"), "give one of them"),
    (("show", "square", "--week", "2026-11-23", "--out", "/nowhere/x.png"), "cannot be written"),
    (("compile", "square", "--out", "/nowhere/policy.json"), "cannot be written"),
    (("check", "nowhere.toml"), "nowhere.toml: cannot be read: No such file or directory"),
    (("backtest", "square", "--data", "/nowhere"), "/nowhere: there is no such file or folder"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_what_the_user_can_mend_is_one_sentence(capsys, words, said):
    code, _, err = ran(capsys, *words)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1


def test_a_backtest_of_nothing_says_so(capsys, tmp_path, strict):
    folder = as_trace(tmp_path / "stored", HEARD[:5])
    code, _, err = ran(capsys, "backtest", strict, "--data", folder, "--unit", "OTHER")
    assert code == 2
    assert "holds no second of what was asked for" in err


def test_a_backtest_without_a_valid_second_draws_nothing(capsys, tmp_path, strict):
    silent = [missing(EVENING + i, GAP) for i in range(90)]
    folder = as_trace(tmp_path / "stored", silent)
    words = ("backtest", strict, "--data", folder, "--out", tmp_path / "out")
    code, out, err = ran(capsys, *words)
    assert (code, out) == (2, "")
    assert "there is nothing to judge: not one of 90 seconds is valid (gap 90)" in err
    assert not (tmp_path / "out").exists()


def test_a_backtest_lists_what_it_would_have_done_in_files(capsys, tmp_path, strict):
    folder = as_trace(tmp_path / "stored", HEARD)
    ran(capsys, "backtest", strict, "--data", folder, "--out", tmp_path / "out")
    with (tmp_path / "out" / "done.csv").open(encoding="utf-8-sig") as file:
        done = list(csv.DictReader(file))
    assert [row["what"] for row in done[:2]] == ["red", "spoken"]
    assert {row["policy"] for row in done} == {"62 dB"}
    assert done[0]["time"].startswith("2026-11-24 19:05:")
    assert (done[0]["utc_offset"], done[1]["word"]) == ("+08:00", "polite_zh")
    with (tmp_path / "out" / "hours.csv").open(encoding="utf-8-sig") as file:
        (hour,) = csv.DictReader(file)
    assert (hour["time"], hour["heard"]) == ("2026-11-24 19:00:00", str(len(HEARD)))
    assert hour["incidents"] == "3"


TRIAL = """\
[trial]
name = "light before voice"

[[trial.arm]]
name = "voice"
weight = 3

[[trial.arm]]
name = "light"
after = 20
firm = "warning_en"
"""


def test_a_trial_is_shown_in_words_with_its_shares(capsys, tmp_path):
    path = tmp_path / "trial.toml"
    path.write_text(TRIAL + "[budget]\nlimit = 67.5\n", encoding="utf-8")
    assert ran(capsys, "check", path)[0] == 0
    _, out, _ = ran(capsys, "show", path, "--at", "2026-11-24 20:15")
    assert out.splitlines()[1:4] == [
        'trial "light before voice": where the box may speak, each incident is dealt one of these',
        "  voice        75%: 2 s of light, then polite_zh once, then warning_zh, again after 3 s",
        "  light        25%: 20 s of light, then polite_zh once, then warning_en, again after 3 s",
    ]
    assert "  budget       LAeq over 10 min up to 67.5 dB, told and shown" in out.splitlines()


def test_an_arm_that_no_box_could_follow_is_refused_by_its_line(capsys, tmp_path):
    path = tmp_path / "trial.toml"
    for line, wrong, said in (
        (10, "gap = 2", "trial.arm[2].gap: is less than speaking.least_gap, 3 s"),
        (10, "polite = 5", "trial.arm[2].polite: must be the name of a message"),
        (10, 'polite = "nobody"', "trial.arm[2].polite: there is no message nobody"),
        (10, "weight = 0", "trial.arm[2].weight: 0 is out of range"),
    ):
        path.write_text(TRIAL.replace("after = 20", wrong), encoding="utf-8")
        code, _, err = ran(capsys, "check", path)
        assert (code, err.startswith(f"{path}:{line}: {said}")) == (2, True), err
    path.write_text(TRIAL[: TRIAL.rindex("[[")], encoding="utf-8")
    code, _, err = ran(capsys, "check", path)
    assert (code, "trial.arm: a trial has 2 arms" in err) == (2, True)
