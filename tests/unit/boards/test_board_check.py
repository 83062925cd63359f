"""What `noisetamer board check` says of board files, right and wrong ones."""

from pathlib import Path

import pytest

from noisetamer import cli
from noisetamer.base.errors import UserError
from noisetamer.base.paths import BOARDS
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
    path = changed(tmp_path, REFERENCE, "ws=machine.Pin(5)", "ws=machine.Pin(18)")
    assert errors(path) == [
        "GPIO 18 is used twice, by microphone ws and matrix data: give each its own."
    ]


def test_a_pin_of_the_flash_or_the_psram_is_not_free(tmp_path):
    path = changed(tmp_path, REFERENCE, "sck=machine.Pin(4)", "sck=machine.Pin(30)")
    assert errors(path) == ["microphone sck: GPIO 30 is not free, the flash is on it."]
    path = changed(tmp_path, REFERENCE, "sck=machine.Pin(4)", "sck=machine.Pin(35)")
    assert errors(path) == ["microphone sck: GPIO 35 is not free, the octal PSRAM is on it."]


def test_a_pin_the_chip_does_not_have_is_named(tmp_path):
    path = changed(tmp_path, REFERENCE, "sd=machine.Pin(6)", "sd=machine.Pin(23)")
    assert errors(path) == ["microphone sd: the ESP32-S3 has no GPIO 23."]


def test_an_input_only_pin_cannot_drive_but_can_listen(tmp_path):
    text = (BOARDS / "esp32_wrover.py").read_text(encoding="utf-8")
    path = changed(tmp_path, text, "ws=machine.Pin(25)", "ws=machine.Pin(34)")
    assert errors(path) == ["microphone ws: GPIO 34 of the ESP32 is an input only."]
    assert errors(changed(tmp_path, text, "sd=machine.Pin(33)", "sd=machine.Pin(34)")) == []


def test_a_strapping_pin_is_a_remark_with_what_it_decides(tmp_path):
    path = changed(tmp_path, REFERENCE, "ws=machine.Pin(5)", "ws=machine.Pin(45)")
    found = check.findings(wiring.read(path))
    assert [one.sentence for one in found if "45" in one.sentence] == [
        "microphone ws: GPIO 45 is a strapping pin (high at reset sets the flash to 1.8 V)."
    ]
    assert not any(one.serious for one in found)


def test_a_second_i2s_is_missing_on_a_chip_with_one(tmp_path):
    path = changed(tmp_path, REFERENCE, 'CHIP = "esp32s3"', 'CHIP = "esp32c3"')
    assert "I2S 1 is made, but the ESP32-C3 has one I2S peripheral." in errors(path)


def test_two_streams_on_one_i2s_are_found(tmp_path):
    made = "speaker = machine.I2S(\n        {},"
    path = changed(tmp_path, REFERENCE, made.format(1), made.format(0))
    assert errors(path) == ["I2S 0 is made twice: microphone and speaker need one each."]


def test_a_box_without_a_microphone_is_none(tmp_path):
    path = changed(tmp_path, SMALL, "mode=machine.I2S.RX", "mode=machine.I2S.TX")
    assert "there is no I2S receiver: without a microphone nothing is measured." in errors(path)


def test_a_silent_box_is_remarked_upon():
    found = check.findings(wiring.read(BOARDS / "esp32_c3.py"))
    assert any("does not speak" in one.sentence and not one.serious for one in found)


def test_a_supply_that_is_too_small_is_an_error_with_its_sum(tmp_path):
    path = changed(tmp_path, REFERENCE, '"supply": 3000', '"supply": 1000')
    (sentence,) = errors(path)
    assert sentence.startswith("at worst ")
    assert sentence.endswith("and the supply gives 1000 mA.")


def test_a_panel_may_not_take_more_than_the_budget_counts(tmp_path):
    path = changed(tmp_path, REFERENCE, '"LEDs": _POWER.leds_mA', '"LEDs": 100')
    assert any("BUDGET_MA counts 100 for LEDs" in sentence for sentence in errors(path))


def test_a_chain_of_another_length_than_the_matrix_is_found(tmp_path):
    path = changed(tmp_path, REFERENCE, "_WIDTH * _HEIGHT)", "_WIDTH * _HEIGHT - 1)")
    assert errors(path) == ["the chain has 255 pixels, the matrix 32 x 8 = 256."]


def test_a_board_without_a_watchdog_is_refused(tmp_path):
    path = changed(tmp_path, REFERENCE, "machine.WDT(timeout=8000)", "None")
    assert any("watchdog" in sentence for sentence in errors(path))


def test_a_file_that_does_not_run_is_refused_with_its_line(tmp_path):
    path = tmp_path / "board.py"
    path.write_text('"""Mine."""\nimport machine\n\n\ndef make():\n    return machine.I3S(0)\n')
    with pytest.raises(UserError, match=r"board\.py: line 6: .*I3S.*mend it there\."):
        wiring.read(path)
    with pytest.raises(UserError, match="there is no such board file"):
        wiring.read(tmp_path / "none.py")


def test_a_file_that_makes_no_board_or_states_no_supply_is_told_so(tmp_path):
    path = changed(tmp_path, REFERENCE, '    "supply": 3000,\n', "")
    assert errors(path) == [
        "BUDGET_MA or its supply is missing: state what the supply gives and each part takes."
    ]
    path.write_text('"""Mine."""\n\n\ndef make():\n    return None\n')
    with pytest.raises(UserError, match=r"make\(\) must return a Board"):
        wiring.read(path)


def test_the_command_says_what_is_wrong_and_exits_with_one(tmp_path, capsys):
    path = changed(tmp_path, REFERENCE, "ws=machine.Pin(5)", "ws=machine.Pin(18)")
    assert cli.run(["board", "check", str(path)]) == 1
    assert "error: GPIO 18 is used twice" in capsys.readouterr().out
    assert cli.run(["board", "check", "esp32_s3"]) == 0
    assert cli.run(["board", "check", str(tmp_path / "none.py")]) == 2
