"""What `tamer.hardware` makes of the shipped board files, call by call.

`golden/boards.json` was noted while each board file still made its own hardware.
"""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from noted_hardware import noted, plain

from noisetamer.unit.boards import board_file, wiring
from tamer.board import Board, Lamp, WeatherInstruments
from tamer.record.reading import VALID

GOLDEN = json.loads((Path(__file__).parent / "golden" / "boards.json").read_text(encoding="utf-8"))


def test_no_shipped_board_is_without_its_golden_record():
    assert [path.stem for path in wiring.shipped()] == list(GOLDEN)


def made_of(board: Board) -> tuple[ModuleType, list[str]]:
    with noted() as calls:
        hardware = importlib.import_module("tamer.hardware")
        del sys.modules["tamer.hardware"]
        return hardware.make(board), calls


@pytest.mark.parametrize("path", wiring.shipped(), ids=lambda path: path.stem)
def test_a_shipped_board_makes_the_same_calls_in_the_same_order(path: Path):
    made, calls = made_of(board_file.load(path).board)
    assert calls == GOLDEN[path.stem]["calls"]
    assert plain(made) == GOLDEN[path.stem]["made"]


@pytest.mark.parametrize("path", wiring.shipped(), ids=lambda path: path.stem)
def test_a_shipped_board_says_the_same_of_chip_image_and_supply(path: Path):
    board = board_file.load(path).board
    says = {
        "CHIP": board.chip,
        "IMAGE": board.image,
        "VERSION": board.version,
        "FLASH_MB": board.flash_MB,
        "PSRAM_MB": board.psram_MB,
        "MODULE": board.module,
        "PSRAM": board.psram,
        "BUDGET_MA": {part: mA for part, mA in vars(board.budget_mA).items() if mA},
    }
    assert says == GOLDEN[path.stem]["says"]


def test_a_soft_lamp_is_made_dark_and_with_pwm():
    board = board_file.load(wiring.shipped()[0]).board
    board.spotlight = Lamp(control=7, soft=True)
    made, _ = made_of(board)
    pin = "machine.Pin(7, machine.Pin.OUT)"
    assert repr(made.spotlight) == f"machine.PWM({pin}, freq=1000, duty_u16=0)"


PULLED_UP = "machine.Pin({}, machine.Pin.IN, machine.Pin.PULL_UP)"


def test_cups_are_counted_on_a_pin_with_a_pull_up():
    board = board_file.load(wiring.shipped()[0]).board
    board.weather = WeatherInstruments(cups=8, per_pulse=0.67)
    _, calls = made_of(board)
    assert f"machine.Counter(0, {PULLED_UP.format(8)}).value()" in calls


def test_rain_is_felt_by_a_contact_that_pulls_its_pin_down():
    board = board_file.load(wiring.shipped()[0]).board
    board.weather = WeatherInstruments(rain=9)
    made, calls = made_of(board)
    assert made.weather.reason() == VALID  # what stands for the pin's level is true
    assert calls[-1] == f"{PULLED_UP.format(9)}.value()"
