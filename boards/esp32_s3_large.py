"""ESP32-S3 with PSRAM (N8R8) and the large panel. INMP441, MAX98357A, 16x64 WS2812B."""

from microphones.inmp441 import PROFILE

from tamer.act.matrix import columns_there_and_back
from tamer.act.tiles import tiled
from tamer.board import Board, CurrentBudget, I2SAmplifier, I2SMicrophone, Lamp, LEDMatrix


def _order(width, height):
    """Four 8x32 matrices: the upper left one first, then right, then the lower two likewise."""
    tile = columns_there_and_back(32, 8)
    places = ((0, 0), (32, 0), (0, 8), (32, 8))
    return tiled(width, 32, 8, [(x, y, tile) for x, y in places])


BOARD = Board(
    chip="esp32s3",
    module="ESP32-S3-WROOM-1-N8R8",
    flash_MB=8,
    psram_MB=8,
    psram="octal",
    image="ESP32_GENERIC_S3-SPIRAM_OCT-20260824-v1.29.0.bin",
    version="v1.29.0",
    microphone=I2SMicrophone(profile=PROFILE, sck=4, ws=5, sd=6),
    speaker=I2SAmplifier(sck=15, ws=16, sd=17),
    matrix=LEDMatrix(data=18, width=64, height=16, order=_order),
    spotlight=Lamp(control=21),
    budget_mA=CurrentBudget(
        supply=5000, module=340, LEDs=2500, amplifier=650, microphone=2, relay=80
    ),
)
