"""Presets: every version is kept, and a square's drift is told by line, its own left aside."""

from contextlib import closing
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.presets.drift import Drift, in_calls, in_policy, of_square
from noisetamer.hub.presets.presets import FILE, Presets

PRESET = """[limit]
day = 65
night = 55

[firm]
message = "warning_zh"
"""


def test_a_square_with_its_own_name_and_panel_has_not_drifted():
    own = 'name = "East gate"  # ours\n\n' + PRESET + '\n[panel]\ntext = "Quiet, please"\n'
    assert in_policy(PRESET, own) == []
    assert 'name = "East gate"' in of_square(PRESET, own)
    assert "Quiet, please" in of_square(PRESET, own)


def test_what_differs_is_told_by_the_line_where_it_stands():
    drifted = PRESET.replace("night = 55", "night = 60").replace("[firm]", "[firm]\ngap = 9")
    assert in_policy(PRESET, drifted) == [
        Drift("limit.night", "55", "60", 3),
        Drift("firm.gap", "", "9", 6),
    ]


def test_what_only_looks_different_is_no_drift():
    assert in_policy(PRESET, PRESET.replace("day = 65", "day = 65.0 # as agreed")) == []


def test_a_square_that_was_sent_nothing_has_what_is_shipped():
    assert in_policy(PRESET, "") == []
    assert [each.key for each in in_policy(PRESET.replace("65", "60"), "")] == [
        "limit.day",
        "limit.night",
        "firm.message",
    ]


def test_plans_of_calls_are_compared_step_by_step():
    plan = {"steps": [{"after": 0, "to": ["leader"]}]}
    assert in_calls(plan, plan) == []
    assert in_calls(plan, {"steps": [{"after": 60, "to": ["leader"]}]}) == [
        Drift("steps[1].after", "0", "60")
    ]


def test_every_version_is_kept_and_the_newest_holds(tmp_path: Path):
    with closing(Presets(tmp_path / FILE)) as presets:
        presets.put("street", "a", {}, "wang", 1.0)
        presets.put(" street ", "b", {"steps": []}, "li", 2.0)
        (one,) = presets.all()
        assert (one.version, one.policy, one.calls, one.by) == (2, "b", {"steps": []}, "li")
        presets.hold("plaza", "street", "li", 3.0)
        assert presets.held() == {"plaza": "street"}
        presets.hold("plaza", "", "li", 4.0)
        assert presets.held() == {}
        with pytest.raises(UserError, match="no preset night"):
            presets.hold("plaza", "night", "li", 5.0)
        with pytest.raises(UserError, match="1 to 64"):
            presets.put("  ", "a", {}, "li", 6.0)
