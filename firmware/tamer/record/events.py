"""Every kind of event, with the names of its fields. Pure.

What the box itself has to know of them. What a field means, its unit and range, is in `fields`;
WIRE.md is made of both. A new kind is an entry here, its words in the hub's two languages, and
whoever acts on it.
"""

STAGES = ("green", "amber", "red", "polite", "firm")
CALLED = ("leader", "property", "police")

_BOOT = ("reset", "firmware", "kernel", "self_test", "panel")
_BOOT += ("policy_fault", "unspoken", "files", "release", "board", "policy")

_LEVELS = ("LAeq", "LCeq", "LAFmax", "LAmin", "LCpeak", "L5", "L10", "L50", "L90", "L95")
_LOSS = ("seconds", "start", "end", "records", "why")
_PERIOD = ("start", "seconds", "valid_seconds", "SD", "overload", "under_range")

# The names in the order in which `named` takes their values.
KINDS = {
    "boot": _BOOT,
    "resumed": ("stage", "away", "policy"),
    "stage": ("from", "to", "limit", "level", "policy"),
    "spotlight": ("on",),
    "warning": ("stage", "message", "number", "volume", "policy"),
    "spoken": ("message", "number", "failed"),
    "outcome": ("message", "stage", "number", "effective", "after"),
    "hand-over": ("to", "ineffective", "limit", "level", "policy"),
    "relapse": ("after",),
    "sudden": ("LAFmax", "limit", "policy"),
    "dealt": ("trial", "arm", "probability", "policy"),
    "incident": _PERIOD + ("LAE",) + _LEVELS,
    "hour": _LEVELS + _PERIOD,
    "day": _LEVELS + _PERIOD + ("Ld", "Ln", "Ldn"),
    "clock": ("boot_at", "source", "step", "drift"),
    "doctor": ("findings",),
    "link": ("up", "reason", "detail"),
    "lost": _LOSS + ("of_boot",),
    "thinned": _LOSS + ("minutes", "of_boot"),
    "rekeyed": ("fingerprint",),
    "self-check": ("verdict", "tones", "levels", "background", "deviations", "nights", "loudest"),
    "order": ("n", "verb", "result", "why", "detail", "until", "reason", "last", "times"),
}


def named(kind, *values):
    """{name: value} of an event's fields; a value that is None is left out."""
    return {name: value for name, value in zip(KINDS[kind], values) if value is not None}
