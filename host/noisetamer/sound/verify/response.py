"""Frequency weightings A, C and Z: IEC 61672-1:2013, 5.5 and Table 3."""

from noisetamer.sound.design.weighting import Weighting, analytic
from noisetamer.sound.standards.iec61672 import weightings
from noisetamer.sound.verify.check import Axis, Bound, Check, Section, about
from noisetamer.sound.verify.kernels import Kernel
from noisetamer.sound.verify.limits import Limits
from noisetamer.sound.verify.stimulus import settled, tone

LEVEL = -20.0
WEIGHTINGS: tuple[Weighting, ...] = ("A", "C", "Z")


def response(kernel: Kernel) -> Section:
    """The 34 frequencies from 10 Hz to 20 kHz, and that all three agree at 1 kHz."""
    rows = weightings()
    read = settled(kernel, [tone(row.exact, LEVEL) for row in rows]) - LEVEL
    checks = [
        Check(
            f"{name} at {row.nominal:g} Hz",
            float(read[i, column]),
            about(float(analytic(name, row.exact)), _limit(kernel.limits, name, row.nominal)),
            Bound(getattr(row, name), *row.class1),
            curve=name,
            at=row.exact,
        )
        for column, name in enumerate(WEIGHTINGS)
        for i, row in enumerate(rows)
    ]
    at_1_khz = read[[row.nominal for row in rows].index(1000.0)]
    checks += [
        Check(
            f"{name} less A at 1000 Hz",
            float(at_1_khz[column] - at_1_khz[0]),
            about(0.0, 0.02),
            about(0.0, 0.2),
        )
        for column, name in enumerate(WEIGHTINGS)
        if name != "A"
    ]
    return Section(
        "response",
        "Frequency weighting A, C and Z",
        "5.5, Table 3",
        f"Tones at the 34 frequencies of Table 3, {-LEVEL:g} dB below full scale. Our limit "
        "holds against the exact curves of Annex E, class 1 against the table's rounded values.",
        checks,
        Axis("frequency, Hz", logarithmic=True),
    )


def _limit(limits: Limits, name: Weighting, nominal: float) -> float:
    if name == "Z":
        return limits.Z
    return limits.A_and_C_to_16_kHz if nominal <= 16_000 else limits.A_and_C_to_20_kHz
