"""Whatever `board check` passes, the firmware starts with."""

import random
import re
from pathlib import Path

import pytest
from folders import ON_BOX
from stand import Stand

from noisetamer.base.errors import UserError
from noisetamer.unit.boards import check, wiring
from noisetamer.virtual import firmware_process

pytestmark = pytest.mark.device

_STARTED = 60  # board files, of the many more that are made
_MOST_MADE = 3000

_GPIO = [*range(-1, 50)]
_VALUES = {
    "sck": _GPIO,
    "ws": _GPIO,
    "sd": _GPIO,
    "data": _GPIO,
    "control": _GPIO,
    "width": [-8, 0, 8, 16, 29, 30, 32, 48, 64, 100, 128],
    "height": [-8, 0, 1, 7, 8, 9, 13, 14, 16, 17, 24, 32],
    "LEDs": [-1, 0, 100, 256, 270, 300, 800, 2500],
    "supply": [0, 1000, 3000, 9000],
    "amplifier": [-5, 0, 650],
    "psram_MB": [0, 2, 8],
    "flash_MB": [0, 2, 4, 8, 16, 64],
    "chip": ['"esp32"', '"esp32s3"', '"esp32c3"', '"esp32s2"', '"ESP32"'],
    "psram": ["None", '"quad"', '"octal"', '"octl"', '""'],
}
# (what is put in, before what)
_ADDED = [
    ("i2s={}, ", "sck=", range(-1, 3)),
    (
        "order={}, ",
        "width=",
        (
            "lambda width, height: range(width * height)",
            "lambda width, height: list(range(width * height))",
            "rows",
            "columns",
            "rows_there_and_back",
            "lambda width, height: 5",
        ),
    ),
    ("pixel_mA={}, ", "width=", ("()", "(12, 12)", "(20, 20.5, 0)", "(-1, 5, 5)", "('a', 1, 1)")),
    ("idle_mA={}, ", "width=", (-1, 0, 0.5, 4)),
    ("soft={}, ", "control=", (True, False)),
    ("watchdog_ms={},\n    ", "matrix=", (-1, 0, 1, 500, 5000, 8000, 60_000, 10**9)),
    (
        "weather=WeatherInstruments({}),\n    ",
        "matrix=",
        ("", "rain=2", "cups=7, per_pulse=0.5", "cups=7", "cups=8, per_pulse=float('nan')"),
    ),
]
_PROFILE = """
from tamer.hear.kernel.profile import Profile

PROFILE = Profile("{name}", {tolerance}, {full_scale}, {floor}, {overload}, {equaliser}, {bits},
                  {late_bits}, {start_ms})
"""
_PROFILES = {
    "name": ["a", "INMP441"],
    "tolerance": [3.0, 1, "None"],
    "full_scale": [120.0, "'loud'", "float('inf')"],
    "floor": [33.0, 25, 140],
    "overload": [120.0, 20],
    "equaliser": [
        "(1.0, ())",
        "(1.2, ((0.1, 0.5),))",
        "(1.0, ((0.0, 0.5),))",
        "(1.0, ((0.1, -1.0),))",
        "(0, ())",
        "(1.0, ((0.1, 0.5),) * 4)",
        "None",
    ],
    "bits": [24, 18, 0, 25, 16.0],
    "late_bits": [0, 1, -1],
    "start_ms": [0, 85, -1],
}
_IMPORTS = """
from tamer.act.matrix import columns, rows, rows_there_and_back
from tamer.board import WeatherInstruments
"""


def mutated(text: str, draw: random.Random) -> str:
    """A shipped board file with one to three things otherwise."""
    for _ in range(draw.randint(1, 3)):
        kind = draw.random()
        if kind < 0.5:
            name = draw.choice(list(_VALUES))
            value = draw.choice(_VALUES[name])
            found = list(re.finditer(rf"\b{name}=[^,)]+", text))
            if found:
                at = draw.choice(found)
                text = f"{text[: at.start()]}{name}={value}{text[at.end() :]}"
        elif kind < 0.85:
            what, before, values = draw.choice(_ADDED)
            name = what.partition("=")[0] + "="
            if before in text and name not in text:
                text = text.replace(before, what.format(draw.choice(list(values))) + before, 1)
        else:
            # Mostly as it should be: nobody gets everything wrong.
            chosen = {
                key: draw.choice(some) if draw.random() < 0.2 else some[0]
                for key, some in _PROFILES.items()
            }
            text = text.replace("\nBOARD", _PROFILE.format(**chosen) + "\nBOARD", 1)
    return text.replace("\nBOARD", _IMPORTS + "\nBOARD", 1)


def passes(text: str, path: Path) -> bool:
    path.write_text(text, encoding="utf-8")
    try:
        return not any(finding.serious for finding in check.findings(wiring.read(path)))
    except UserError:
        return False


def test_whatever_the_check_passes_the_firmware_starts_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # One after the other in one heap, which a start wants whole.
    monkeypatch.setattr(firmware_process, "HEAP", "4M")
    draw = random.Random(441)
    shipped = [path.read_text(encoding="utf-8") for path in wiring.shipped()]
    boards: list[str] = []
    refused = 0
    for _ in range(_MOST_MADE):
        text = mutated(draw.choice(shipped), draw)
        if not passes(text, tmp_path / "board.py"):
            refused += 1
        elif text not in boards:
            boards.append(text)
        if len(boards) == _STARTED:
            break
    assert refused > _STARTED, "nothing was wrong enough"
    script = ON_BOX / "main_many_boards.py"
    said = Stand(tmp_path, script, boards=boards).run(60).records()
    verdicts = [line for line in said if isinstance(line, str)]
    for text, verdict in zip(boards, verdicts, strict=True):
        assert verdict == "started", text
