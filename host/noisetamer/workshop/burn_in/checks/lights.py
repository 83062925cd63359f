"""Checks of what shines: each colour of the LEDs, and the spotlight."""

from noisetamer.workshop.burn_in.check import NOT_APPLICABLE, NOT_CONFIRMED, Check, Fault, judged
from noisetamer.workshop.burn_in.context import LIGHTS, Context
from noisetamer.workshop.burn_in.limits import limit
from noisetamer.workshop.burn_in.operator import Seen

_HUES = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}
_DARK = (0, 0, 0)


def leds(context: Context) -> list[Check]:
    """One check a colour."""
    unit, about = context.unit, context.about
    n = about["LEDs"]
    checks = []
    try:
        unit.call(LIGHTS, "light", _DARK)
        dark = context.operator.reads("All LEDs are dark", context.feed)
        for hue, mA in zip(_HUES, about["LED_mA"], strict=True):
            step = unit.call(LIGHTS, "light", _HUES[hue])
            seen = context.operator.sees(f"All {n} LEDs are {hue}", context.feed)
            checks.append(judge_leds(hue, n, seen, dark, n * mA * step / 255))
    finally:
        unit.call(LIGHTS, "light", _DARK)
    return checks


def judge_leds(hue: str, n: int, seen: Seen, dark: float | None, expected: float) -> Check:
    """dark: the supply's current before, mA. expected: by how much it should rise."""
    name = f"LEDs {hue}"
    if seen.mA is not None and dark is not None:
        most = limit("LED_current")
        rise = seen.mA - dark
        off = 100 * abs(rise / expected - 1)
        says = f"{hue} takes {rise:.0f} mA where {expected:.0f} mA are expected"
        measured = {"rise_mA": round(rise, 1), "expected_mA": round(expected, 1)}
        wrong = Fault(says, "look at the panel's supply and data wires")
        faults = [] if most.keeps(off) else [wrong]
        well = f"{says}; a single dead LED is not seen by that"
        return judged(name, f"current {most}", faults, well, measured)
    bad = Fault(
        f"not all {n} LEDs are {hue}",
        "look at the panel's supply, its data wire and its order of colours",
    )
    return _seen(name, seen, f"all {n} LEDs are {hue}, as the technician saw", bad)


def spotlight(context: Context) -> list[Check]:
    """Seen by the operator, or by the current it takes."""
    if not context.about["spotlight"]:
        return [Check("spotlight", NOT_APPLICABLE, "", "no spotlight on this board")]
    unit = context.unit
    dark = context.operator.reads("The spotlight is off", context.feed)
    try:
        unit.call(LIGHTS, "shine", True)
        seen = context.operator.sees("The spotlight is lit", context.feed)
    finally:
        unit.call(LIGHTS, "shine", False)
    if seen.mA is not None and dark is not None:
        rise = seen.mA - dark
        dark_lamp = Fault("it takes no current", "look at its relay and its wires")
        faults = [] if rise > 0 else [dark_lamp]
        well = f"it takes {rise:.0f} mA, its relay's coil included"
        measured = {"rise_mA": round(rise, 1)}
        return [judged("spotlight", "current rises", faults, well, measured)]
    bad = Fault("it is not lit", "look at its relay, its fuse and its wires")
    return [_seen("spotlight", seen, "lit, as the technician saw", bad)]


def _seen(name: str, seen: Seen, well: str, bad: Fault) -> Check:
    if seen.confirmed is None:
        return Check(name, NOT_CONFIRMED, "seen by a person", "driven, and nobody looked")
    return judged(name, "seen by a person", [] if seen.confirmed else [bad], well, {})
