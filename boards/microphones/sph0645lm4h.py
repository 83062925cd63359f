"""SPH0645LM4H-B: Knowles data sheet rev. C: signal-to-noise ratio 65 dB(A), 18 bits.

From memory: sensitivity, tolerance, overload, start_ms. It changes its data on the other edge
of the clock than I2S says, so its words come one bit up; they carry a large direct current.
Equaliser: fitted to sph0645lm4h.csv by noisetamer.sound.design.equaliser.
"""

from tamer.hear.kernel.profile import profile

PROFILE = profile(
    name="SPH0645LM4H",
    sensitivity=-26.0,
    tolerance=3.0,
    noise=29.0,
    acoustic_overload=120.0,
    start_ms=50,
    equaliser=(1.00125, ((0.00184, 2.7935),)),
    bits=18,
    late_bits=1,
)
