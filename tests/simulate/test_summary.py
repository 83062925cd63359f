import json

import pytest
from hand_built import incident, second, stage, warning, world
from summed_up import summed_up

from noisetamer.simulate.summary import energy_mean, exceeded, write
from tamer.record.reading import REASONS


def of_one_unit(lines):
    return summed_up(lines, simulated_s=60, wall_s=0.5)["units"]["SIM-0001"]


def test_valid_and_invalid_seconds_add_up_to_all_seconds():
    lines = [
        second(0),
        second(1, reason="gap"),
        second(2, reason="microphone"),
        second(3, reason="own voice"),
        second(4),
    ]
    unit = of_one_unit(lines)
    assert unit["seconds"] == 5
    assert unit["valid"] + sum(unit["invalid"].values()) == unit["seconds"]
    assert {reason: n for reason, n in unit["invalid"].items() if n} == {
        "gap": 1,
        "microphone": 1,
        "own voice": 1,
    }
    assert list(unit["invalid"]) == list(REASONS[1:])
    assert unit["coverage"] == 0.4
    assert unit["coverage_without_own_voice"] == 0.5


def test_LAeq_is_the_mean_of_energies_not_of_decibels():
    assert of_one_unit([second(0, 60.0), second(1, 70.0)])["LAeq"] == 67.4


def test_LAeq_of_equal_seconds_is_their_level():
    assert energy_mean({65.3: 3600}) == pytest.approx(65.3)


def test_invalid_seconds_reach_no_level():
    lines = [second(0, 60.0), second(1, 110.0, reason="own voice"), second(2, 60.0)]
    unit = of_one_unit(lines)
    assert (unit["LAeq"], unit["L10"], unit["LAFmax"]) == (60.0, 60.0, 63.0)


def test_a_run_without_a_valid_second_has_no_level():
    unit = of_one_unit([powerless(0), powerless(1)])
    assert [unit[name] for name in ("LAeq", "L10", "L50", "L90", "LAFmax")] == [None] * 5
    assert unit["coverage"] == 0.0


def powerless(i):
    return second(i, 0.0, reason="power") | {"LAeq": None, "LAFmax": None}


@pytest.mark.parametrize(("share", "level"), [(10, 90.0), (50, 50.0), (90, 10.0)])
def test_Ln_is_the_level_exceeded_n_percent_of_the_time(share, level):
    assert exceeded(share, {float(dB): 1 for dB in range(1, 101)}) == level


def test_stage_changes_and_warnings_stand_with_their_times():
    unit = of_one_unit(incident())
    assert [(c["at"][-8:], c["from"], c["to"]) for c in unit["stage_changes"]] == [
        ("19:00:12", "green", "amber"),
        ("19:00:15", "amber", "red"),
        ("19:00:20", "red", "polite"),
        ("19:00:34", "polite", "green"),
    ]
    assert unit["first_warning_at"] == "2026-11-24T19:00:20"
    assert [w["message"] for w in unit["warnings"]] == ["warning_zh"]
    assert unit["seconds_per_stage"] == {
        "green": 38,
        "amber": 3,
        "red": 5,
        "polite": 14,
        "firm": 0,
    }
    assert unit["ends_in"] == "green"


def test_what_the_crowd_did_is_counted():
    lines = [second(0), world(1, "comply", -9.0), world(5, "relapse", 9.0), world(6, "off")]
    unit = of_one_unit(lines)
    assert (unit["complies"], unit["relapses"]) == (1, 1)


def test_the_whole_holds_all_units_together():
    lines = incident("SIM-0001") + incident("SIM-0002")
    summary = summed_up(lines, simulated_s=60, wall_s=0.5)
    assert list(summary["units"]) == ["SIM-0001", "SIM-0002"]
    assert summary["whole"]["unit_count"] == 2
    assert summary["whole"]["seconds"] == 120
    assert summary["whole"]["LAeq"] == summary["units"]["SIM-0001"]["LAeq"]
    assert {w["unit"] for w in summary["whole"]["warnings"]} == {"SIM-0001", "SIM-0002"}


def test_only_the_run_part_depends_on_the_machine():
    slow, fast = (summed_up(incident(), 60, wall_s) for wall_s in (3.0, 0.5))
    assert slow.pop("run") == {"wall_s": 3.0, "simulated_s_per_wall_s": 20.0}
    assert fast.pop("run") == {"wall_s": 0.5, "simulated_s_per_wall_s": 120.0}
    assert json.dumps(slow) == json.dumps(fast)


def test_lines_are_read_once_so_that_weeks_need_no_memory():
    lines = (second(i) for i in range(10))
    assert of_one_unit(lines)["seconds"] == 10


def test_a_run_of_nothing_has_a_summary():
    summary = summed_up([], simulated_s=0, wall_s=0)
    assert summary["units"] == {}
    assert summary["whole"]["coverage"] is None
    assert summary["run"]["simulated_s_per_wall_s"] is None


def test_the_written_summary_is_json(tmp_path):
    summary = summed_up([*incident(), stage(60, "green", "amber"), warning(61)], 60, 0.5)
    write(summary, tmp_path / "summary.json")
    assert json.loads((tmp_path / "summary.json").read_text()) == summary
