"""Names of the steps whose lines one room writes and another reads."""

FLASH = "flash"
"""Sums a flashing up: its line says begun, passed, or failed at which step."""

IDENTITY, START = "identity", "start"
BURN_IN, BURN_IN_CHECK = "burn-in", "burn-in check"
CALIBRATION, CALIBRATION_CHECK = "calibration", "calibration-check"
LABEL, HAND_OVER, SET_ASIDE = "label", "hand-over", "set-aside"

LAMPS = ("LEDs red", "LEDs green", "LEDs blue", "spotlight")
"""Burn-in's checks that want somebody to look."""

HUB = "hub"
"""Burn-in's check that a hub lets the unit in: it knows it then."""

NOT_CONFIRMED, NOT_RUN = "not confirmed", "not run"
"""Outcomes of a check that nobody has looked at or that proves nothing yet, and of one that needs
what was not there."""

VOID = "void"
"""Outcome of a calibration check: what was measured since the last look does not count."""
