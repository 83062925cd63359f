"""MSM261S4030H0: sensitivity and tolerance as users report its data sheet.

noise, acoustic_overload and start_ms are those of a sibling in the same package (CUI
CMM-4030D-261-I2S-TR, 2021). Its response is known from 100 Hz to 10 kHz only, and flat there:
no equaliser.
"""

from tamer.hear.kernel.profile import profile

PROFILE = profile(
    name="MSM261S4030H0",
    sensitivity=-26.0,
    tolerance=1.0,
    noise=35.0,
    acoustic_overload=124.0,
    start_ms=20,
)
