"""Whatever is spoilt on its flash, a box boots, measures, and says what it was."""

from pathlib import Path
from typing import NamedTuple

import pytest
from made_once import common_folder, made_once
from spoilt_flash import (
    BLOCKS,
    FILES,
    HOWS,
    MEMORY,
    RECORDS,
    Outcome,
    Spoiling,
    every_block,
    judged,
    make_chip,
    spoilings,
)

from tamer.record.reading import MICROPHONE, POWER, VALID

pytestmark = pytest.mark.device

_EACH = dict.fromkeys(FILES, 3) | {"code": 8, "settings": 6, MEMORY: 4, RECORDS: 6}
# What nothing stands in for.
del _EACH["main.py"]


class Unit(NamedTuple):
    """One that hangs in a square, to be spoilt; and room for a copy of it."""

    made: Path
    room: Path

    def spoilt(self, path: str, how: str, other: str = "", forgotten: str = "") -> Outcome:
        return judged(self.made, self.room, Spoiling("", path, how, 7, other), forgotten)


@pytest.fixture
def unit(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Unit:
    return Unit(made_once(common_folder(tmp_path_factory) / "spoilt_flash", make_chip), tmp_path)


def reasons(outcome: Outcome) -> set[int]:
    return {second["flags"] & 15 for second in outcome.seconds}


@pytest.mark.parametrize("kind", _EACH)
def test_one_spoilt_file_keeps_no_box_from_measuring(unit: Unit, kind: str):
    for spoiling in spoilings(unit.made, {kind: _EACH[kind]}, seed=1):
        outcome = judged(unit.made, unit.room, spoiling)
        assert outcome.measures, (spoiling, outcome.words)
        assert outcome.starts == 1, spoiling


def test_one_spoilt_block_of_the_flash_keeps_no_box_from_measuring(unit: Unit):
    for spoiling in [*spoilings(unit.made, {BLOCKS: 6}, 1), *list(every_block(unit.made))[:6]]:
        outcome = judged(unit.made, unit.room, spoiling)
        assert outcome.measures, (spoiling, outcome.words)


@pytest.mark.parametrize("how", HOWS)
def test_spoilt_code_is_written_anew_once_and_said(unit: Unit, how: str):
    path = "/tamer/judge/ladder.mpy"
    outcome = unit.spoilt(path, how, "/tamer/unit.mpy")
    was = "missing" if how == "deleted" else "spoilt"
    assert outcome.boot["files"] == {path[1:]: f"{was}, written anew"}
    assert reasons(outcome) == {POWER, VALID}


def test_spoilt_settings_are_those_of_the_last_good_start(unit: Unit):
    outcome = unit.spoilt("/settings.json", "cut")
    assert outcome.boot["files"]["settings.json"].endswith("the last good copy is used")
    assert {second["LAeq"] for second in outcome.seconds} == {553}
    assert reasons(outcome) == {POWER, VALID}


def test_with_the_copy_lost_too_nothing_is_judged_by_a_wrong_calibration(unit: Unit):
    outcome = unit.spoilt("/settings.json", "cut", forgotten="settings")
    assert outcome.boot["files"]["settings.json"]
    assert reasons(outcome) == {POWER, MICROPHONE}
    assert {second["stage"] for second in outcome.seconds} == {"green"}


def test_the_policy_that_stands_in_for_a_spoilt_one_is_the_last_good_one(unit: Unit):
    well = unit.spoilt("/calibration.json", "deleted").boot
    outcome = unit.spoilt("/policy.json", "cut")
    assert outcome.boot["policy"] == well["policy"]
    assert outcome.boot["policy_fault"].endswith("; the last good copy is used")


def test_a_spoilt_authority_is_written_anew_without_its_copy_it_is_said(unit: Unit):
    whole = unit.spoilt("/hub.der", "flipped")
    assert whole.boot["files"] == {"hub.der": "spoilt, written anew"}
    lost = unit.spoilt("/hub.der", "deleted", forgotten="ca")
    assert lost.boot["files"] == {"hub.der": "missing"}
    assert [event["reason"] for event in lost.events if event["kind"] == "link"] == [
        "no authority"
    ]


def test_a_missing_voice_is_said_and_another_says_its_words(unit: Unit):
    outcome = unit.spoilt("/voices/warning_zh.wav", "deleted")
    assert outcome.boot["unspoken"]["warning_zh"].endswith("; polite_zh is said instead")


def test_only_main_itself_has_nobody_that_stands_in_for_it(unit: Unit):
    assert not unit.spoilt("/main.py", "cut").measures


def test_everything_else_is_listed_here():
    assert set(_EACH) == {*FILES, MEMORY, RECORDS} - {"main.py"}
