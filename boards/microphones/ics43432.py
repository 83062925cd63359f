"""ICS-43432: InvenSense DS-000038, Table 7: sound after 4462 clocks, then 5.3 ms of unmuting.

All the rest from memory of that data sheet.
Equaliser: fitted to ics43432.csv by noisetamer.sound.design.equaliser.
"""

from tamer.hear.kernel.profile import profile

PROFILE = profile(
    name="ICS-43432",
    sensitivity=-26.0,
    tolerance=1.0,
    noise=29.0,
    acoustic_overload=116.0,
    start_ms=7,
    equaliser=(1.00196, ((0.001788, 1.8157), (0.001788, 1.8156))),
)
