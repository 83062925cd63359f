"""INMP441: InvenSense DS-INMP441-00 rev. 1.1, Tables 1 and 4.

The data line floats after the 24th bit: the low byte of a 32-bit slot means nothing.
Equaliser: fitted to inmp441.csv by noisetamer.sound.design.equaliser.
"""

from tamer.hear.kernel.profile import profile

PROFILE = profile(
    name="INMP441",
    sensitivity=-26.0,
    tolerance=3.0,
    noise=33.0,
    acoustic_overload=120.0,
    start_ms=85,
    equaliser=(1.26215, ((0.002069, 1.8195), (0.002069, 1.8197), (0.99, -0.2084))),
)
