"""Traces short enough to check by eye. Every run begins on 2026-11-24 at 19:00:00 local time."""

from datetime import datetime, timedelta

T0 = 1_795_431_600
AT0 = datetime(2026, 11, 24, 19)


def second(
    i,
    LAeq=60.0,
    stage="green",
    reason: str | None = None,
    unit="SIM-0001",
    limit: float | None = 65.0,
):
    """Second number i of a run."""
    line = _when(i, unit) | {"LAeq": LAeq, "LAFmax": LAeq + 3, "LCeq": None, "LCpeak": None}
    validity = {"valid": False, "reason": reason} if reason else {"valid": True}
    return line | validity | {"stage": stage, "limit": limit}


def stage(i, before, after, unit="SIM-0001"):
    """The box changes its stage."""
    change = {"event": "stage", "from": before, "to": after, "limit": 65.0, "level": 70.0}
    return _when(i, unit) | change


def warning(i, number=1, unit="SIM-0001"):
    """The box begins to speak."""
    spoken = {"event": "warning", "message": "warning_zh", "number": number}
    return _when(i, unit) | spoken


def spoken(i, number=1, unit="SIM-0001"):
    """The box has spoken."""
    return warning(i, number, unit) | {"event": "spoken"}


def world(i, what, change_dB=None, unit="SIM-0001"):
    """The truth on the world's side."""
    return _when(i, unit) | {"world": what, "group": "east", "change_dB": change_dB}


def incident(unit="SIM-0001"):
    """A minute: quiet to 10 s, loud, voice 20 s, spoken to 32 s, quiet heard at 34 s."""
    lines = []
    for i in range(60):
        match i:
            case 12:
                lines.append(stage(i, "green", "amber", unit))
            case 15:
                lines.append(stage(i, "amber", "red", unit))
            case 20:
                lines += [stage(i, "red", "voice", unit), warning(i, unit=unit)]
            case 26:
                lines.append(world(i, "comply", -12.0, unit))
            case 32:
                lines.append(spoken(i, unit=unit))
            case 34:
                lines.append(stage(i, "voice", "green", unit))
        names = [(12, "green"), (15, "amber"), (20, "red"), (34, "voice"), (60, "green")]
        shown = next(name for until, name in names if i < until)
        speaking = "own voice" if 20 <= i < 32 else None
        level = 90.0 if speaking else 72.0 if 10 <= i < 26 else 58.0
        lines.append(second(i, level, shown, speaking, unit))
    return lines


def _when(i, unit):
    return {"unit": unit, "t": T0 + i, "at": (AT0 + timedelta(seconds=i)).isoformat()}
