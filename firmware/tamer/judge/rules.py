"""The limit that holds now. Pure."""

from collections import namedtuple

# Limits and margins in 0.1 dB; hours in minutes after midnight, local time.
# guard: what a level must exceed the limit by to count as over (the instrument's uncertainty).
# near: how far below the limit amber begins. hysteresis: how far below it is quiet again.
Rules = namedtuple(
    "Rules",
    ("day", "night", "night_from", "night_to", "guard", "near", "hysteresis", "utc_offset"),
)

# GB 3096-2008 class 2 would be 60 and 50 at the facade; a venue rule at the pole is the
# manager's own. 65 is the level of the street systems in service.
DEFAULT = Rules(650, 550, 22 * 60, 6 * 60, 10, 30, 20, 8 * 3600)


def from_settings(table):
    """The rules in a settings table; what it leaves out stays at the default."""
    return Rules(*(table.get(name, getattr(DEFAULT, name)) for name in _FIELDS))


_FIELDS = (
    "day",
    "night",
    "night_from",
    "night_to",
    "guard",
    "near",
    "hysteresis",
    "utc_offset",
)


def limit_at(rules, t):
    """The limit for LAeq,1s at Unix time t, 0.1 dB."""
    minute = (t + rules.utc_offset) // 60 % 1440
    if rules.night_from <= rules.night_to:
        at_night = rules.night_from <= minute < rules.night_to
    else:
        at_night = minute >= rules.night_from or minute < rules.night_to
    return rules.night if at_night else rules.day
