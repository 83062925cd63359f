"""The policy in a bundle is the one whose hash a box told."""

from datetime import date
from pathlib import Path

import pytest

from noisetamer.hub.evidence.attached import policies_named
from noisetamer.hub.orders import policies
from noisetamer.hub.squares.squares import Squares

pytestmark = pytest.mark.host
TRIAL = """
[trial]
name = "first word"
[[trial.arm]]
name = "polite"
[[trial.arm]]
name = "firm"
polite = "warning_zh"
"""


@pytest.mark.parametrize("text", ["", "limit.day = 60\n", TRIAL])
def test_a_policy_is_found_by_what_its_box_says(text: str, tmp_path: Path):
    squares = Squares(tmp_path / "squares.sqlite")
    squares.put("东门广场", policies.SETTING, {"text": text}, "li", 1_800_000_000.0)
    told = policies.read(text, date.max).hash
    (found,) = policies_named([told], "东门广场", squares)
    assert found.hash == told
    assert found.body
