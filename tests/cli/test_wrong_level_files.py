"""A file that is no table of LAeq is a sentence of each command that takes one."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from level_files import Evening
from program import run
from wrong_level_files import WRONG

_EVENING = Evening(count=120)


def _calibrate(folder: Path) -> tuple[object, ...]:
    """Beside a meter, with what a unit's console said of that evening."""
    (folder / "reference.toml").write_text(
        'name = "XL2"\nserial = "1"\ndue = 2099-05-01\nU = 0.2\n'
        "levels = [94.0]\nfrequency = 1000\n"
    )
    files = folder / "unit"
    files.mkdir()
    unit = {"unit": "NT1-2611-0001", "calibration": 0.0, "equaliser": [1.0, []]}
    (files / "settings.json").write_text(json.dumps(unit))
    lines = folder / "unit.jsonl"
    lines.write_text("".join(
        json.dumps({"t": int(t), "LAeq": round(10 * v), "flags": 0}) + "\n"
        for t, v in zip(_EVENING.t, _EVENING.readings, strict=True)
    ))  # fmt: skip
    return (
        "calibrate", "beside", lines, "--reference", folder / "reference.toml", "--operator",
        "Wang", "--place", "Square 3", "--files", files, "--out", folder / "out",
        "--time-weighting", "1s", "--readings",
    )  # fmt: skip


def _backtest(_: Path) -> tuple[object, ...]:
    return "policy", "backtest", "square", "--data"


def _meter(folder: Path) -> tuple[object, ...]:
    sound = np.random.default_rng(1).normal(0, 0.05, 2 * 8000)
    soundfile.write(folder / "sound.wav", sound, 8000, "PCM_16")
    return "meter", folder / "sound.wav", "--begins", "2026-11-23T19:00:00", "--against"


# What is said otherwise: of a database the hub's words. Of times without a date the unit's run
# tells the day, and two readings are too few; to a recording's own time they may be set.
_OTHERWISE: dict[Callable[[Path], tuple[object, ...]], dict[str, str | None]] = {
    _calibrate: {"no date": "2 readings"},
    _backtest: {"a database": "is no store of the hub"},
    _meter: {"no date": None},
}


@pytest.mark.parametrize("command", _OTHERWISE)
def test_sixty_wrong_files_are_a_sentence_each(command, tmp_path: Path):
    words = command(tmp_path)
    file = tmp_path / "levels.csv"
    wrong = {}
    for name, (content, says) in WRONG.items():
        if (said := _OTHERWISE[command].get(name, says)) is None:
            continue
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        ran = run(*words, file)
        if (ran.code, len(ran.wrong)) != (2, 1) or not re.search(said, ran.wrong[0]):
            wrong[name] = ran
    assert wrong == {}
