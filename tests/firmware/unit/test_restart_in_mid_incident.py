"""The whole box, its power cut or its chip reset while it is too loud."""

import json
from pathlib import Path
from typing import Any

import pytest
from stand import START, Ran, Stand
from unix_port import run

from noisetamer.base.paths import DRIVERS, FIRMWARE
from noisetamer.hub.wire_checks import check_event
from noisetamer.unit.files.partition_image import JOURNAL_BYTES
from noisetamer.virtual.firmware_process import ResetCause
from tamer.record.encoding import EVENT

pytestmark = pytest.mark.device

LOUD = 75.0  # dB; the limit is 65
QUIET = 50.0

DECIDED = ("warning", "outcome", "hand-over", "relapse")


def decided(stand: Stand) -> list[dict[str, Any]]:
    """What its journal has of its decisions: on flash at once, the console may lag behind."""
    told = run("journal_of_chip.py", DRIVERS, FIRMWARE, stand.journal, str(JOURNAL_BYTES))
    records = [json.loads(line) for line in told.splitlines()]
    events = [said for _, _, kind, said in records if kind == EVENT]
    return [event | event["fields"] for event in events if event["kind"] in DECIDED]


def resumed(ran: Ran) -> list[tuple[str, int]]:
    return [(event["stage"], event["away"]) for event in ran.events("resumed")]


def test_after_a_reset_it_goes_on_where_it_was_and_lights_the_spotlight_again(tmp_path: Path):
    stand = Stand(tmp_path)
    before = stand.run(32, tone_dB=LOUD)
    assert [event["number"] for event in before.events("warning")] == [1, 2]
    after = stand.run(25, ResetCause.WATCHDOG, tone_dB=LOUD)
    ((stage, away),) = resumed(after)
    assert (stage, away <= 2) == ("firm", True)
    assert next(event["number"] for event in after.events("warning")) == 3
    assert [event["on"] for event in after.events("spotlight")] == [True]
    seconds = after.records()[1:]
    assert all(second["stage"] == "firm" for second in seconds if "kind" not in second)


def test_after_a_power_cut_it_does_so_from_what_is_on_flash(tmp_path: Path):
    stand = Stand(tmp_path)
    stand.run(32, tone_dB=LOUD)
    after = stand.run(25, ResetCause.POWER_ON, tone_dB=LOUD)
    ((stage, away),) = resumed(after)
    # Flash has the last change only; how long ago that was, the clock tells.
    assert (stage, 1 < away < 20) == ("firm", True)
    assert next(event["number"] for event in after.events("warning")) == 3


def test_any_number_of_restarts_neither_repeat_nor_skip_a_warning_or_a_call(tmp_path: Path):
    stand = Stand(tmp_path)
    causes = (
        ResetCause.POWER_ON,
        ResetCause.HARD_RESET,
        ResetCause.WATCHDOG,
        ResetCause.POWER_ON,
        ResetCause.HARD_RESET,
        ResetCause.POWER_ON,
    )
    for seconds, cause in zip((15, 22, 29, 17, 24, 31), causes, strict=True):
        stand.run(seconds, cause, tone_dB=LOUD)
    told = decided(stand)
    numbers = [event["number"] for event in told if event["kind"] == "warning"]
    assert numbers == list(range(1, len(numbers) + 1))
    in_vain = [event["number"] for event in told if event["kind"] == "outcome"]
    assert in_vain == list(range(1, len(in_vain) + 1))
    calls = [(i, event["to"]) for i, event in enumerate(told) if event["kind"] == "hand-over"]
    assert [to for _, to in calls] == ["leader", "property"]
    before = [event for event in told[: calls[0][0]] if event["kind"] == "outcome"]
    assert len(before) == 5


def test_a_box_that_was_away_for_long_begins_anew_but_knows_how_much_it_has_spoken(tmp_path: Path):
    stand = Stand(tmp_path)
    stand.run(32, tone_dB=LOUD)
    stand.wait(600)
    after = stand.run(15, ResetCause.POWER_ON, tone_dB=LOUD)
    assert resumed(after) == []
    assert [event["to"] for event in after.events("stage")] == ["amber", "red", "polite"]


def test_a_box_reset_in_a_quiet_square_has_nothing_to_go_on_with(tmp_path: Path):
    stand = Stand(tmp_path)
    stand.run(20, tone_dB=QUIET)
    after = stand.run(5, ResetCause.HARD_RESET, tone_dB=QUIET)
    assert resumed(after) == []
    assert {record["stage"] for record in after.records() if "kind" not in record} == {"green"}


def test_the_boot_record_says_by_which_policy_it_judges_and_what_is_wrong_with_its_own(
    tmp_path: Path,
):
    told = {}
    for name, path in (
        ("none", "/policy.json"),
        ("no policy", "/settings.json"),
        ("no JSON", "/board.py"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (told[name],) = Stand(folder, policy=path).run(1).events("boot")
    shipped = told["none"]["policy"]
    assert len(shipped) == 12
    assert {boot["policy"] for boot in told.values()} == {shipped}
    assert "policy_fault" not in told["none"]
    assert told["no policy"]["policy_fault"].endswith("is no key of a policy")
    assert told["no JSON"]["policy_fault"]
    assert told["none"]["t"] == START


def test_a_policy_with_an_endless_fault_still_makes_a_boot_record_that_the_hub_takes(
    tmp_path: Path,
):
    nonsense: dict[str, Any] = {"a" * 2000: 1}
    (boot,) = Stand(tmp_path, policy="/settings.json", **nonsense).run(1).events("boot")
    assert len(boot["policy_fault"]) == 1000
    check_event("boot", boot)
