"""ESP32-S3 with PSRAM (N8R8): the reference board. INMP441, MAX98357A, 8x32 WS2812B."""

from microphones.inmp441 import PROFILE

from tamer.board import Board, CurrentBudget, I2SAmplifier, I2SMicrophone, Lamp, LEDMatrix

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
    matrix=LEDMatrix(data=18, width=32, height=8),
    spotlight=Lamp(control=21),
    budget_mA=CurrentBudget(
        supply=3000, module=340, LEDs=1000, amplifier=650, microphone=2, relay=80
    ),
)
