"""ESP32-C3, one I2S peripheral: measures and shows, does not speak. INMP441, 8x32 WS2812B."""

from microphones.inmp441 import PROFILE

from tamer.board import Board, CurrentBudget, I2SMicrophone, Lamp, LEDMatrix

BOARD = Board(
    chip="esp32c3",
    module="ESP32-C3-MINI-1-N4",
    flash_MB=4,
    image="ESP32_GENERIC_C3-20260824-v1.29.0.bin",
    version="v1.29.0",
    microphone=I2SMicrophone(profile=PROFILE, sck=4, ws=5, sd=6),
    matrix=LEDMatrix(data=10, width=32, height=8),
    spotlight=Lamp(control=7),
    budget_mA=CurrentBudget(supply=2000, module=350, LEDs=1000, microphone=2, relay=80),
)
