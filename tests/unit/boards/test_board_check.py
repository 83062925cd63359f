"""What `noisetamer board check` says of board files, right and wrong ones."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from noisetamer import cli
from noisetamer.base.errors import UserError
from noisetamer.base.paths import BOARDS, FIRMWARE
from noisetamer.unit.boards import check, wiring

REFERENCE = (BOARDS / "esp32_s3.py").read_text(encoding="utf-8")
SMALL = (BOARDS / "esp32_c3.py").read_text(encoding="utf-8")


def errors(path: Path) -> list[str]:
    return [one.sentence for one in check.findings(wiring.read(path)) if one.serious]


def changed(folder: Path, text: str, before: str, after: str) -> Path:
    assert text.count(before) == 1, before
    path = folder / "board.py"
    path.write_text(text.replace(before, after), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", wiring.shipped(), ids=lambda path: path.stem)
def test_every_shipped_board_can_be_built(path):
    assert errors(path) == []


def test_a_pin_used_twice_is_named_with_both_uses(tmp_path):
    path = changed(tmp_path, REFERENCE, "ws=5", "ws=18")
    assert errors(path) == [
        "GPIO 18 is used twice, by microphone ws and matrix data: give each its own."
    ]


def test_a_pin_of_the_flash_or_the_psram_is_not_free(tmp_path):
    path = changed(tmp_path, REFERENCE, "sck=4", "sck=30")
    assert errors(path) == ["microphone sck: GPIO 30 is not free, the flash is on it."]
    path = changed(tmp_path, REFERENCE, "sck=4", "sck=35")
    assert errors(path) == ["microphone sck: GPIO 35 is not free, the octal PSRAM is on it."]


def test_a_pin_the_chip_does_not_have_is_named(tmp_path):
    path = changed(tmp_path, REFERENCE, "sd=6", "sd=23")
    assert errors(path) == ["microphone sd: the ESP32-S3 has no GPIO 23."]


def test_an_input_only_pin_cannot_drive_but_can_listen(tmp_path):
    text = (BOARDS / "esp32_wrover.py").read_text(encoding="utf-8")
    path = changed(tmp_path, text, "ws=25", "ws=34")
    assert errors(path) == ["microphone ws: GPIO 34 of the ESP32 is an input only."]
    assert errors(changed(tmp_path, text, "sd=33", "sd=34")) == []


def test_a_strapping_pin_is_a_remark_with_what_it_decides(tmp_path):
    path = changed(tmp_path, REFERENCE, "ws=5", "ws=45")
    found = check.findings(wiring.read(path))
    assert [one.sentence for one in found if "45" in one.sentence] == [
        "microphone ws: GPIO 45 is a strapping pin (high at reset sets the flash to 1.8 V)."
    ]
    assert not any(one.serious for one in found)


def test_a_second_i2s_is_missing_on_a_chip_with_one(tmp_path):
    path = changed(tmp_path, REFERENCE, 'chip="esp32s3"', 'chip="esp32c3"')
    assert "I2S 1 is made, but the ESP32-C3 has one I2S peripheral." in errors(path)


def test_two_streams_on_one_i2s_are_found(tmp_path):
    path = changed(tmp_path, REFERENCE, "sd=17", "sd=17, i2s=0")
    assert errors(path) == ["I2S 0 is made twice: microphone and speaker need one each."]


def test_a_box_without_a_microphone_is_none(tmp_path):
    microphone = "I2SMicrophone(profile=PROFILE, sck=4, ws=5, sd=6)"
    path = changed(tmp_path, SMALL, microphone, "None")
    assert "there is no I2S receiver: without a microphone nothing is measured." in errors(path)


def test_a_silent_box_is_remarked_upon():
    found = check.findings(wiring.read(BOARDS / "esp32_c3.py"))
    assert any("does not speak" in one.sentence and not one.serious for one in found)


def test_a_supply_that_is_too_small_is_an_error_with_its_sum(tmp_path):
    path = changed(tmp_path, REFERENCE, "supply=3000", "supply=1000")
    (sentence,) = errors(path)
    assert sentence.startswith("at worst ")
    assert sentence.endswith("and the supply gives 1000 mA.")


def test_a_panel_may_not_take_more_than_the_budget_counts(tmp_path):
    """It is kept within that very number: too small, and not even its dimmest fits."""
    path = changed(tmp_path, REFERENCE, "LEDs=1000", "LEDs=100")
    (sentence,) = errors(path)
    assert "256 LEDs need" in sentence
    assert "the board has 100 mA for them" in sentence


def test_a_panel_without_room_for_the_number_is_found(tmp_path):
    path = changed(tmp_path, REFERENCE, "width=32", "width=16")
    (sentence,) = errors(path)
    assert "16 x 8 LEDs are too few" in sentence


def test_a_chain_of_another_length_than_the_matrix_is_found(tmp_path):
    order = "height=8, order=lambda width, height: range(255)"
    path = changed(tmp_path, REFERENCE, "height=8", order)
    assert errors(path) == ["the chain has 255 pixels, the matrix 32 x 8 = 256."]


def test_a_board_without_a_watchdog_is_refused(tmp_path):
    path = changed(tmp_path, REFERENCE, "sd=17),", "sd=17),\n    watchdog_ms=0,")
    assert any("watchdog" in sentence for sentence in errors(path))


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('psram="octal"', 'psram="octl"', "psram is 'octl'; the ESP32-S3 has \"octal\" or"),
        ("psram_MB=8", "psram_MB=0", "psram_MB is 0 and psram 'octal': state both, or neither."),
        ("flash_MB=8", "flash_MB=2", "flash_MB is 2; it must be one of 4, 8, 16."),
        ("S3-SPIRAM_OCT-", "C3-", "the image ESP32_GENERIC_C3-"),
        ("S3-SPIRAM_OCT-", "S3-", "do not go together: octal PSRAM needs the image with SPIRAM_"),
        ("height=8", "height=8, order=lambda w, h: list(range(w * h))", "no array('H')"),
        ("height=8", "height=8, order=lambda w, h: 5", "order gives no places"),
        ("height=8", "height=8, pixel_mA=(12, 12)", "pixel_mA is (12, 12) and idle_mA 1: state"),
        ("width=32, height=8", "width=64, height=32", "2048 LEDs keep the box for 61 ms"),
        ("sd=17),", "sd=17),\n    watchdog_ms=900,", "watchdog_ms is 900; it must be 5000 to"),
        ("amplifier=650, ", "", "budget_mA: amplifier is missing, but the board has a speaker."),
        ("module=340", "module=-340", "budget_mA: module is -340: state what it takes"),
        (
            "profile=PROFILE",
            "profile=PROFILE._replace(bits=25)",
            "bits is 25; it must be 8 to 24",
        ),
        ("profile=PROFILE", "profile=PROFILE._replace(floor=130)", "no room between"),
        (
            "profile=PROFILE",
            "profile=PROFILE._replace(equaliser=(1.0, ((2.0, 0.5),)))",
            "the microphone's profile: equaliser: shelf k=2 g=0.5: give 0.0001 < k < 1",
        ),
    ],
)
def test_what_the_firmware_or_the_chip_refuses_is_found(tmp_path, before, after, sentence):
    text = REFERENCE.replace("profile=PROFILE, ", "profile=PROFILE, i2s=0, ")
    found = errors(changed(tmp_path, text, before, after))
    assert any(sentence in each for each in found), found


def test_a_board_that_cannot_work_is_refused_before_any_is_flashed(tmp_path, monkeypatch, capsys):
    check.working("esp32_s3")
    (tmp_path / "esp32_s3.py").write_text(REFERENCE.replace("width=32", "width=16"))
    monkeypatch.setattr(check, "BOARDS", tmp_path)
    ledger = tmp_path / "carton" / "ledger.sqlite"
    assert cli.run(["flash", "--simulated", "1", "--ledger", str(ledger)]) == 2
    said = capsys.readouterr().err
    assert "esp32_s3.py: panel: 16 x 8 LEDs are too few" in said
    assert "noisetamer board check esp32_s3 says all" in said
    assert not ledger.exists()


def test_a_matrix_whose_order_names_a_place_twice_is_found(tmp_path):
    order = "height=8, order=lambda width, height: [0] * 256"
    path = changed(tmp_path, REFERENCE, "height=8", order)
    assert errors(path) == ["the matrix's order does not name every place of the chain once."]


def test_weather_instruments_have_pins_of_their_own_on_a_chip_that_counts(tmp_path):
    weather = "weather=WeatherInstruments(cups=7, per_pulse=0.67, rain=8),\n    spotlight"
    imports = "from tamer.board import WeatherInstruments, "
    text = REFERENCE.replace("from tamer.board import ", imports)
    assert errors(changed(tmp_path, text, "spotlight", weather)) == []
    assert errors(changed(tmp_path, text, "spotlight", weather.replace("8", "7"))) == [
        "GPIO 7 is used twice, by weather cups and weather rain: give each its own."
    ]
    assert errors(changed(tmp_path, text, "spotlight", weather.replace("0.67", "0"))) == [
        "per_pulse is 0: state m/s at one pulse a second."
    ]
    small = SMALL.replace("from tamer.board import ", imports)
    weather = weather.replace("7", "0").replace("8", "1")
    assert errors(changed(tmp_path, small, "spotlight", weather)) == [
        "the ESP32-C3 cannot count the pulses of cups: leave them out."
    ]


def test_a_file_that_does_not_run_is_refused_with_its_line(tmp_path):
    path = changed(tmp_path, REFERENCE, "matrix=LEDMatrix(", "matrix=LCDMatrix(")
    line = path.read_text(encoding="utf-8").split("LCDMatrix")[0].count("\n") + 1
    with pytest.raises(UserError, match=rf"board\.py: line {line}: .*LCDMatrix.*mend it there\."):
        wiring.read(path)
    path.write_text('"""Mine."""\nBOARD = Board(\n', encoding="utf-8")
    with pytest.raises(UserError, match=r"board\.py: line 2: .*mend it there\."):
        wiring.read(path)
    for text, said in (
        ("BOARD = Board(1 2)", r"line 1: no Python, invalid syntax.*; mend it there\."),
        ("\nBOARD = 1 / 0", r"line 2: ZeroDivisionError, division by zero; mend it there\."),
        ("\nexit()", r"line 2: ends the program; mend it there\."),
        ("import nothing_like_it", r"line 1: No module named 'nothing_like_it'; mend it there\."),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UserError, match=said):
            wiring.read(path)
    with pytest.raises(UserError, match="there is no such board file"):
        wiring.read(tmp_path / "none.py")


def test_a_file_that_makes_its_hardware_is_told_how_one_looks_now(tmp_path):
    path = tmp_path / "board.py"
    old = '"""Mine."""\n\nimport machine\n\n\ndef make():\n    return machine.I2S(0)\n'
    path.write_text(old, encoding="utf-8")
    with pytest.raises(UserError, match=r"board\.py: line 3: .*BOARD = Board\(chip=.*README"):
        wiring.read(path)


def test_a_file_that_names_no_board_or_states_no_supply_is_told_so(tmp_path):
    path = changed(tmp_path, REFERENCE, "supply=3000, ", "")
    with pytest.raises(UserError, match=r"line \d+: .*CurrentBudget.*missing.*'supply'"):
        wiring.read(path)
    path.write_text('"""Mine."""\n\n\ndef make():\n    return None\n')
    with pytest.raises(UserError, match=r"names its pins and parts: BOARD = Board\("):
        wiring.read(path)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("sck=4", 'sck="4"', "sck of I2SMicrophone is '4'; it must be int."),
        ("spotlight=Lamp(control=21)", "spotlight=21", "spotlight of Board is 21; it must be"),
        ("profile=PROFILE", "profile=None", "profile of I2SMicrophone is None; it must be"),
    ],
)
def test_what_a_type_checker_refuses_is_refused_without_one(tmp_path, before, after, sentence):
    path = changed(tmp_path, REFERENCE, before, after)
    with pytest.raises(UserError, match=re.escape(sentence)):
        wiring.read(path)


@pytest.mark.tools
def test_a_type_checker_knows_a_wrong_part_a_missing_pin_and_a_word_that_is_none(tmp_path):
    text = REFERENCE.replace("sck=4", 'sck="4"').replace("ws=16, ", "").replace("sd=17", "ds=17")
    changed(tmp_path, text, "spotlight=Lamp(control=21)", "spotlight=21")
    rules = {"include": ["."], "extraPaths": [str(FIRMWARE), str(BOARDS)]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(rules))
    checked = subprocess.run(
        [sys.executable, "-m", "pyright", "--project", tmp_path, "--outputjson"],
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(checked.stdout)["generalDiagnostics"]
    words = ('"sck" of type "int"', '"ws"', '"ds"', '"sd"', '"spotlight" of type "Lamp | None"')
    assert [word for word in words if not any(word in one["message"] for one in told)] == []


def test_the_command_says_what_is_wrong_and_exits_with_one(tmp_path, capsys):
    path = changed(tmp_path, REFERENCE, "ws=5", "ws=18")
    assert cli.run(["board", "check", str(path)]) == 1
    assert "error: GPIO 18 is used twice" in capsys.readouterr().out
    assert cli.run(["board", "check", "esp32_s3"]) == 0
    assert cli.run(["board", "check", str(tmp_path / "none.py")]) == 2
