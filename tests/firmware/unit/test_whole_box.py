"""The unmodified firmware, from microphone to flash, in a simulated square."""

import json
from pathlib import Path
from typing import Any

import pytest
from stand import START, Stand
from unix_port import run

from noisetamer.base.paths import DRIVERS, FIRMWARE
from noisetamer.simulate.unit_run import UnitRun, play
from noisetamer.square import scenario
from noisetamer.unit.files.partition_image import JOURNAL_BYTES
from noisetamer.virtual.firmware_process import Tier
from tamer.record.encoding import EVENT, OF_SECONDS
from tamer.record.reading import REASONS, is_judged

pytestmark = pytest.mark.device


def on_flash(stand: Stand) -> list[tuple[int, int, int, Any]]:
    """(boot, sequence, kind, what it says) of every record in the box's journal."""
    told = run("journal_of_chip.py", DRIVERS, FIRMWARE, stand.journal, str(JOURNAL_BYTES))
    return [json.loads(line) for line in told.splitlines()]


def test_a_minute_in_a_square_leaves_no_second_out(tmp_path: Path):
    square = scenario.load("demo_square")
    trace = play(UnitRun(square, 1, 0, 60, Tier.AUDIO, 0.0), tmp_path, lambda second: None)
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    seconds = [line for line in lines if "valid" in line]
    assert [second["t"] for second in seconds] == [square.start + i for i in range(len(seconds))]
    assert len(seconds) >= 59
    for second in seconds:
        assert second["valid"] == ("reason" not in second)
        assert second["valid"] or second["reason"] in REASONS[1:]


def test_every_second_told_is_on_flash_after_a_power_cut_but_the_last_few(tmp_path: Path):
    stand = Stand(tmp_path)
    ran = stand.run(35)
    records = on_flash(stand)
    assert [(boot, sequence) for boot, sequence, _, _ in records] == [
        (1, n) for n in range(1, len(records) + 1)
    ]
    assert [record[3]["kind"] for record in records if record[2] == EVENT] == ["boot", "doctor"]
    kept = [second for record in records if record[2] in OF_SECONDS for second in record[3]]
    told = [list(second) for second in ran.seconds()]
    assert kept == told[: len(kept)]
    assert len(told) - len(kept) < 10


def test_what_was_heard_before_a_power_cut_comes_before_the_next_boot(tmp_path: Path):
    stand = Stand(tmp_path)
    for _ in range(3):
        stand.run(15)
    records = on_flash(stand)
    assert [record[0] for record in records] == sorted(record[0] for record in records)
    events = [(record[0], record[3]["kind"]) for record in records if record[2] == EVENT]
    assert events == [(boot, kind) for boot in (1, 2, 3) for kind in ("boot", "doctor")]
    times = [second[0] for record in records if record[2] in OF_SECONDS for second in record[3]]
    assert times == sorted(times)
    assert times[0] == START


def test_a_chip_without_the_time_for_bands_says_so_once_and_measures_and_judges_without(
    tmp_path: Path,
):
    """And without its machine code, which is not on this flash: viper measures."""
    script = tmp_path / "a_c3.py"
    script.write_text(
        "from tamer.hear.kernel import kernels\n"
        "kernels.chip = lambda: 'ESP32C3'\n"
        "import firmware_main\n"
    )
    ran = Stand(tmp_path, script, bands="octaves").run(25)
    (boot,) = ran.events("boot")
    assert boot["kernel"] == "int"
    assert boot["self_test"].startswith("the fixed-point kernel does not load: ")
    # With the three shelves of this microphone.
    assert list(boot["files"]) == ["settings.json"]
    sentence = boot["files"]["settings.json"]
    assert sentence.startswith('"bands": "octaves" takes 2978 instructions a sample')
    assert len(ran.seconds()) >= 24
    assert any(is_judged(second) for second in ran.seconds())


def test_a_sound_microphone_gets_a_clean_bill_at_each_start(tmp_path: Path):
    square = scenario.load("demo_square")
    trace = play(UnitRun(square, 1, 0, 10, Tier.AUDIO, 0.0), tmp_path, lambda second: None)
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    assert [line["findings"] for line in lines if line.get("event") == "doctor"] == [[]]


def lit(frame: bytes) -> list[bool]:
    """Which LEDs of the panel are lit."""
    return [any(frame[at : at + 3]) for at in range(0, len(frame), 3)]


def test_a_box_that_does_not_know_the_time_shows_the_number_all_the_same_and_says_so(
    tmp_path: Path,
):
    shown = {}
    for name, clock in (("right", None), ("none", 946684800)):
        (tmp_path / name).mkdir()
        shown[name] = Stand(tmp_path / name).run(128, tone_dB=45.0, clock=clock)
    known, unknown = shown["right"], shown["none"]
    assert {REASONS[s.flags & 15] for s in unknown.seconds()[1:]} == {"clock"}
    assert [s.LAeq for s in unknown.seconds()] == [s.LAeq for s in known.seconds()]
    pictures = [[lit(frame) for frame in ran.frames] for ran in (known, unknown)]
    quiet = [i for i, us in enumerate(known.shown_at) if us < 118_000_000]
    assert [pictures[0][i] for i in quiet] == [pictures[1][i] for i in quiet]
    # Then --:-- runs over it, in many more pictures than one a second.
    assert len(unknown.frames) > len(known.frames) + 50
