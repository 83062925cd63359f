"""Levels that are not of one second: hours over the limit, and nothing else."""

import json
from pathlib import Path

import numpy as np
from stored_square import EVENING, UNIT, as_hub, as_trace, seconds

from noisetamer import cli
from noisetamer.hub.backtest import intervals
from noisetamer.hub.backtest.intervals import Intervals
from tamer.judge import policy

RULES = policy.read({"limit": {"day": 60, "night": 50}})
PEAKS = policy.read({"trigger": {"quantity": "LAFmax"}})


def of(length: float, *levels: float, t: int = EVENING) -> Intervals:
    times = np.array([t + length * i for i in range(len(levels))], float)
    return Intervals("A", "LAeq", length, times, np.array(levels))


def test_hours_over_the_limit_that_held_then():
    # Three of the day, 19:00 to 22:00, then two of the night.
    found = intervals.over(of(3600, 60.0, 60.1, 70, 55, 45), RULES)
    assert found == {"over_hours": 3.0, "known_hours": 5.0, "limit_changes_hours": 0.0}


def test_an_average_over_a_change_of_the_limit_says_nothing_of_either():
    found = intervals.over(of(3600, 70, 70, 70, 70, t=EVENING + 1800), RULES)
    assert found == {"over_hours": 3.0, "known_hours": 3.0, "limit_changes_hours": 1.0}
    days = intervals.report([of(86400, 70, 70)], ["mine"], [RULES])
    assert intervals.sentence(days) == (
        "The data hold a level every day, and a box decides by seconds: only hours over the limit "
        "can be told; mine cannot be judged: its limit changes within each."
    )


def test_of_another_quantity_they_tell_nothing():
    found = intervals.report([of(60, 70)], ["mine", "peaks"], [RULES, PEAKS])
    assert intervals.sentence(found).endswith(
        "with mine A was over the limit for 0.0 of 0.0 hours; "
        "peaks cannot be judged: it judges LAFmax, of which these data tell nothing."
    )


def tried(capsys, *words: object) -> tuple[int, str, str]:
    code = cli.run(["policy", "backtest", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_minutes_given_as_seconds_are_answered_as_minutes(capsys, tmp_path: Path):
    minutes = [s._replace(t=EVENING + 60 * i) for i, s in enumerate(seconds((60, 640), (60, 700)))]
    folder = as_trace(tmp_path / "stored", minutes)
    code, out, _ = tried(capsys, "square", "--data", folder)
    assert code == 0
    assert out == (
        "The data hold a level every minute, and a box decides by seconds: only hours over the "
        f"limit can be told; with public square {UNIT} was over the limit for 1.0 of 2.0 hours.\n"
    )


def test_the_hours_of_a_town(capsys, tmp_path: Path):
    rows = "".join(f"2026-11-24 {hour:02}:00,{50 + hour}.0\n" for hour in range(24))
    (tmp_path / "town.csv").write_text("time,LAeq\n" + rows)
    out = tmp_path / "out"
    code, told, err = tried(
        capsys, "square", "--data", tmp_path / "town.csv", "--json", "--out", out
    )
    assert code == 0
    found = json.loads(told)
    assert found["interval"] == 3600
    assert set(found["policies"][0]["units"]) == {"town"}
    assert found["policies"][0]["units"]["town"]["over_hours"] > 5
    assert "24 readings of 3600 s" in err
    assert "spoken" not in told
    assert json.loads((out / "backtest.json").read_text()) == found


def table(path: Path, head: str, levels: list[float]) -> Path:
    rows = "".join(
        f"2026-11-24 19:{i // 60:02}:{i % 60:02},{level}\n" for i, level in enumerate(levels)
    )
    path.write_text(f"time,{head}\n{rows}")
    return path


def test_the_seconds_of_any_meter(capsys, tmp_path: Path):
    file = table(tmp_path / "meter.csv", "LAeq", [50.0] * 60 + [72.0] * 60 + [50.0] * 60)
    code, out, err = tried(capsys, "square", "--data", file, "--out", tmp_path / "out")
    assert code == 0
    assert "you would have spoken" in out
    assert "180 readings of 1 s" in err
    assert "in 3 minutes." in out
    assert "time,utc_offset" in (tmp_path / "out" / "done.csv").read_text("utf-8-sig")
    assert "\n19:01:0" not in out
    assert "    19:01:0" in out
    assert "-0.0" not in out
    ours = (tmp_path / "out" / "hours.csv").rename(tmp_path / "kept.csv")
    ours.write_bytes(file.read_bytes())
    (tmp_path / "out" / "hours.csv").symlink_to(ours)
    code, _, err = tried(capsys, "square", "--data", ours, "--out", tmp_path / "out")
    assert (code, "is what is read, and would be lost" in err) == (2, True)
    assert ours.read_bytes() == file.read_bytes()
    part = ("--since", "2026-11-24 19:02")
    assert "you would have never spoken" in tried(capsys, "square", "--data", file, *part)[1]
    code, _, err = tried(capsys, "square", "--data", file, "--since", "2027-01-01")
    assert (code, "holds no second of what was asked for" in err) == (2, True)


def test_a_meter_that_wrote_only_peaks(capsys, tmp_path: Path):
    file = table(tmp_path / "peaks.csv", "LAFmax", [72.0] * 60)
    (tmp_path / "peaks.toml").write_text('name = "peaks"\n[trigger]\nquantity = "LAFmax"\n')
    code, out, _ = tried(
        capsys, tmp_path / "peaks.toml", "--data", file, "--against", "square",
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert code == 0
    assert "With peaks you would have spoken" in out
    assert "public square cannot be judged: the data hold no LAeq" in out
    code, _, err = tried(capsys, "square", "--data", file)
    assert (code, err.count("\n")) == (2, 1)


def test_a_policy_whose_clock_changes_asks_for_the_zone(capsys, tmp_path: Path):
    file = table(tmp_path / "meter.csv", "LAeq", [50.0] * 60)
    (tmp_path / "berlin.toml").write_text(
        'utc_offset = "+01:00"\nclock_changes = [["2026-03-29T01:00Z", "+02:00"]]\n'
    )
    words = (tmp_path / "berlin.toml", "--data", file)
    code, _, err = tried(capsys, *words)
    assert (code, "--zone, like Europe/Berlin" in err) == (2, True)
    assert tried(capsys, *words, "--zone", "Europe/Berlin")[0] == 0


def test_a_file_that_says_its_zone_is_taken_at_its_word(capsys, tmp_path: Path):
    # The archive of sensor.community writes UTC: 13:30 there is 21:30 here, an hour in the day's
    # limit; read as local times the second half would be the night's.
    head = "sensor_id;sensor_type;location;lat;lon;timestamp;noise_LAeq;noise_LA_min;noise_LA_max"
    rows = [f"1;DNMS;1;48;9;2026-11-23T13:{m:02d}:01;58;50;70" for m in range(30, 60)]
    (file := tmp_path / "dnms.csv").write_text("\n".join([head, *rows]))
    (tmp_path / "rule.toml").write_text("[limit]\nday = 60\nnight = 50\n")
    words = (tmp_path / "rule.toml", "--data", file)
    code, out, err = tried(capsys, *words)
    assert (code, "zone UTC" in err or "UTC, as this format writes" in err) == (0, True)
    assert "over the limit for 0.0 of 0.5 hours" in out
    # Whoever knows better is believed.
    assert "+08:00, as --zone says" in tried(capsys, *words, "--zone", "+08:00")[2]
    # A table that says nothing is of the policy's zone.
    file = table(tmp_path / "meter.csv", "LAeq", [58.0] * 60)
    assert (
        "zone +08:00, the policy's, as nothing says another" in tried(capsys, *words[:2], file)[2]
    )


def test_a_table_names_no_units(capsys, tmp_path: Path):
    file = table(tmp_path / "meter.csv", "LAeq", [50.0] * 60)
    code, _, err = tried(capsys, "square", "--data", file, "--unit", "NT1-1")
    assert (code, err.count("\n")) == (2, 1)
    assert f"--unit NT1-1: {file} is a table of levels, which names no units" in err


def test_what_we_export_can_be_judged_again(capsys, tmp_path: Path):
    folder = as_hub(tmp_path / "hub", seconds((60, 500), (60, 720), (60, 500)))
    file = tmp_path / "levels.csv"
    assert cli.run(["export", str(file), "--data", str(folder)]) == 0
    of_hub = tried(capsys, "square", "--data", folder)[1].splitlines()[1:]
    of_file = tried(capsys, "square", "--data", file)[1].splitlines()
    assert of_hub[0].split(" in ")[0] == of_file[0].split(" in ")[0]
