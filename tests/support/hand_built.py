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


def outcome(
    i, number, effective, unit="SIM-0001", at="polite", message="warning_zh", after: int = 0
):
    """The box has found whether a message was obeyed."""
    what = {"event": "outcome", "message": message, "stage": at, "number": number}
    return _when(i, unit) | what | {"effective": effective, "after": after}


def hand_over(i, to, unit="SIM-0001"):
    """The box calls somebody."""
    call = {"event": "hand-over", "to": to, "ineffective": 5, "limit": 65.0, "level": 70.0}
    return _when(i, unit) | call


def relapse(i, after, unit="SIM-0001"):
    """It is too loud again, `after` s after a release."""
    return _when(i, unit) | {"event": "relapse", "after": after}


def world(i, what, change_dB=None, unit="SIM-0001"):
    """The truth on the world's side."""
    return _when(i, unit) | {"world": what, "group": "east", "change_dB": change_dB}


def incident(unit="SIM-0001"):
    """A minute: quiet to 10 s, loud, polite 20 s, spoken to 32 s, quiet heard at 34 s."""
    lines = []
    for i in range(60):
        match i:
            case 12:
                lines.append(stage(i, "green", "amber", unit))
            case 15:
                lines.append(stage(i, "amber", "red", unit))
            case 20:
                lines += [stage(i, "red", "polite", unit), warning(i, unit=unit)]
            case 26:
                lines.append(world(i, "comply", -12.0, unit))
            case 32:
                lines.append(spoken(i, unit=unit))
            case 34:
                lines += [outcome(i, 1, True, unit), stage(i, "polite", "green", unit)]
        names = [(12, "green"), (15, "amber"), (20, "red"), (34, "polite"), (60, "green")]
        shown = next(name for until, name in names if i < until)
        speaking = "own voice" if 20 <= i < 32 else None
        level = 90.0 if speaking else 72.0 if 10 <= i < 26 else 58.0
        lines.append(second(i, level, shown, speaking, unit))
    return lines


def _when(i, unit):
    return {"unit": unit, "t": T0 + i, "at": (AT0 + timedelta(seconds=i)).isoformat()}
