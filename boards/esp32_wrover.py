"""ESP32-WROVER-E, the older chip with PSRAM. INMP441, MAX98357A, 8x32 WS2812B."""

from microphones.inmp441 import PROFILE

from tamer.board import Board, CurrentBudget, I2SAmplifier, I2SMicrophone, Lamp, LEDMatrix

BOARD = Board(
    chip="esp32",
    module="ESP32-WROVER-E-N8R8",
    flash_MB=8,
    psram_MB=8,
    psram="quad",
    image="ESP32_GENERIC-SPIRAM-20260824-v1.29.0.bin",
    version="v1.29.0",
    microphone=I2SMicrophone(profile=PROFILE, sck=26, ws=25, sd=33),
    speaker=I2SAmplifier(sck=27, ws=14, sd=13),
    matrix=LEDMatrix(data=4, width=32, height=8),
    spotlight=Lamp(control=32),
    budget_mA=CurrentBudget(
        supply=3000, module=380, LEDs=1000, amplifier=650, microphone=2, relay=80
    ),
)
