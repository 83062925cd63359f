"""What the page is told of a box is what its drivers were told."""

import base64
import struct

import numpy as np
import pytest

from noisetamer.base.paths import BOARDS
from noisetamer.demo.box_view import BoxView
from noisetamer.unit.boards import board_file
from noisetamer.virtual import pipe
from noisetamer.virtual.box_message import BoxMessage

BOARD = board_file.load(BOARDS / "esp32_s3.py")
LAMP = BOARD.board.spotlight.control if BOARD.board.spotlight else 0


def seen(*messages: tuple[int, bytes], live: bool = True) -> list[dict]:
    told: list[dict] = []
    view = BoxView("SIM-0001", BOARD, live, told.append, lambda: 0.0)
    for kind, body in messages:
        view.sees(BoxMessage(kind, 0, body))
    return told


def test_the_panel_comes_row_by_row_each_picture_once():
    matrix = BOARD.board.matrix
    pixels = bytearray(3 * matrix.width * matrix.height)
    red_at = BOARD.order[matrix.width + 2]  # third LED of the second row
    pixels[3 * red_at : 3 * red_at + 3] = bytes((0, 255, 0))
    (panel,) = seen((pipe.PIXELS, bytes(pixels)), (pipe.PIXELS, bytes(pixels)))
    assert (panel["unit"], panel["view"]) == ("SIM-0001", "panel")
    rgb = np.frombuffer(base64.b64decode(panel["rgb"]), np.uint8)
    rgb = rgb.reshape(panel["height"], panel["width"], 3).astype(int)
    assert np.argwhere(rgb[..., 0] > rgb[..., 1] + 100).tolist() == [[1, 2]]


@pytest.mark.parametrize("on", [True, False])
def test_the_lamp_is_the_pin_of_the_board(on: bool):
    other = LAMP + 1
    told = seen((pipe.PIN, bytes((other, 1))), (pipe.PIN, bytes((LAMP, on))))
    assert told == [{"unit": "SIM-0001", "view": "lamp", "on": on}]


def test_the_voice_is_passed_on_live_only_and_not_its_pauses():
    samples = np.array([1, -2, 3], "<i2")
    speech = struct.pack(pipe.RATE, 16_000) + samples.tobytes()
    pause = struct.pack(pipe.RATE, 16_000) + bytes(6)
    (voice,) = seen((pipe.SPEECH, speech), (pipe.SPEECH, pause))
    assert voice["rate"] == 16_000
    assert base64.b64decode(voice["samples"]) == samples.tobytes()
    assert seen((pipe.SPEECH, speech), live=False) == []
