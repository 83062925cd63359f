"""ICS-43434: InvenSense DS-000069 rev. 1.2, features, high-performance mode.

From memory: start_ms. Noise is 94 dB less the signal-to-noise ratio of 65 dB(A).
Equaliser: fitted to ics43434.csv by noisetamer.sound.design.equaliser.
"""

from tamer.hear.kernel.profile import profile

PROFILE = profile(
    name="ICS-43434",
    sensitivity=-26.0,
    tolerance=1.0,
    noise=29.0,
    acoustic_overload=120.0,
    start_ms=20,
    equaliser=(0.5241, ((0.002152, 1.8095), (0.002152, 1.81), (0.830326, 0.9198))),
)
