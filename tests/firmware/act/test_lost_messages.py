"""A box that lost messages says the nearest it has, and tells of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from folders import ON_BOX
from stand import Ran, Stand

pytestmark = pytest.mark.device

LOUD_DB = 75.0


def ran(
    folder: Path,
    missing: Sequence[str] = (),
    cut: Sequence[str] = (),
    lost: Sequence[str] = (),
    short: int = 0,
) -> Ran:
    how = {"missing": missing, "cut": cut, "lost": lost, "short": short}
    return Stand(folder, ON_BOX / "main_voices_lost.py", **how).run(40, tone_dB=LOUD_DB)


def told(ran: Ran) -> list[tuple[Any, ...]]:
    """(kind, message, number, why it failed) of each warning, in their order."""
    return [
        (event["kind"], event["message"], event["number"], event.get("failed"))
        for event in ran.records()
        if event.get("kind") in ("warning", "spoken")
    ]


def test_missing_or_cut_at_the_start_another_shipped_message_is_said(tmp_path: Path):
    box = ran(tmp_path, missing=["warning_zh"], cut=["polite_zh"])
    (boot,) = box.events("boot")
    assert boot["unspoken"] == {
        "polite_zh": "no samples in the WAV file",
        "warning_zh": "missing; warning_en is said instead",
    }
    assert told(box)[:3] == [
        ("warning", "warning_en", 1, None),
        ("spoken", "warning_en", 1, None),
        ("warning", "warning_en", 2, None),
    ]
    assert box.played


def test_lost_while_it_is_spoken_the_nearest_is_said_in_the_same_warning(tmp_path: Path):
    box = ran(tmp_path, lost=["polite_zh", "warning_zh"])
    assert "unspoken" not in box.events("boot")[0]
    gone = "[Errno 2] ENOENT; {} is said instead"
    assert told(box)[:7] == [
        ("warning", "polite_zh", 1, None),
        ("spoken", "polite_zh", 1, gone.format("warning_zh")),
        ("warning", "warning_zh", 1, None),
        ("spoken", "warning_zh", 1, gone.format("warning_en")),
        ("warning", "warning_en", 1, None),
        ("spoken", "warning_en", 1, None),
        ("warning", "warning_en", 2, None),
    ]


def test_without_any_message_it_warns_by_light_and_goes_on(tmp_path: Path):
    box = ran(tmp_path, missing=["polite_zh", "warning_zh", "warning_en"], lost=["polite_en"])
    assert told(box) == [
        ("warning", "polite_en", 1, None),
        ("spoken", "polite_en", 1, "[Errno 2] ENOENT"),
    ]
    assert len(box.seconds()) == 39
    assert box.events("spotlight")[-1]["on"]


@pytest.mark.parametrize(("short", "failed"), [(2, None), (3, "no memory")])
def test_for_want_of_memory_a_message_is_tried_again(
    short: int, failed: str | None, tmp_path: Path
):
    box = ran(tmp_path, short=short)
    assert told(box)[:3] == [
        ("warning", "polite_zh", 1, None),
        ("spoken", "polite_zh", 1, failed),
        ("warning", "warning_zh", 2, None),
    ]
