"""This project's own limits for its kernels, far inside those of class 1."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Limits:
    """All in dB unless named otherwise.

    `linear_span`: over how many dB below full scale the level is linear within `linear`.
    `disturbed`: by how much direct current, or a loud deep tone, may move a reading.
    `blocks`: by how much the size of blocks may. `compared`: distance from other calculations.
    `instructions`: for one sample.
    """

    linear_span: int
    linear: float
    disturbed: float
    blocks: float
    compared: float
    instructions: int
    A_and_C_to_16_kHz: float = 0.06
    A_and_C_to_20_kHz: float = 0.1
    Z: float = 0.1
    tonebursts: float = 0.2
    fast_decay: float = 0.2  # dB/s
    slow_decay: float = 0.05  # dB/s
    detectors: float = 0.05
    half_cycles: float = 0.1
    drift: float = 0.01


FPU = Limits(linear_span=110, linear=0.1, disturbed=0.1, blocks=0.0, compared=0.1, instructions=60)
INTEGER = Limits(
    linear_span=105, linear=0.2, disturbed=0.3, blocks=0.01, compared=0.15, instructions=900
)
FIXED_RV32 = Limits(
    linear_span=110, linear=0.1, disturbed=0.1, blocks=0.01, compared=0.1, instructions=70
)
FIXED_XTENSA = replace(FIXED_RV32, instructions=100)
