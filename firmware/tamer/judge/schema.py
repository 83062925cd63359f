"""Every key of a policy: how its value is read, and the shipped default. Pure.

KEYS maps a key to (reader, default), to such a table of its own, or, for what is written as
[[key]] and may come several times, to [table, default]. `complete` reads a whole policy by it.
"""

from tamer.judge import consistency, readers
from tamer.judge.area_limits import LIMITS
from tamer.judge.readers import number
from tamer.record.events import CALLED

REQUIRED = object()

_seconds = number(0, 86400, 1, "s")
_a_few_seconds = number(1, 30, 1, "s")  # as many bits the ladder remembers
_gap = number(1, 600, 1, "s")
_margin = number(0, 20, 10, "dB")
_clock = readers.time_of_day

KEYS = {
    "version": (readers.version, 1),
    "name": (readers.text(64), ""),
    "utc_offset": (readers.offset, "+08:00"),
    "clock_changes": (readers.clock_changes, ()),
    "area": {
        "standard": (readers.choice(*sorted(LIMITS)), "GB 3096-2008"),
        "class": (readers.area_class, None),
    },
    "hours": {"day_from": (_clock, "06:00"), "night_from": (_clock, "22:00")},
    "limit": {"day": (readers.limit, "class"), "night": (readers.limit, "class")},
    "venue": [
        {
            "name": (readers.text(64), REQUIRED),
            "days": (readers.days, readers.EVERY_DAY),
            "from": (_clock, REQUIRED),
            "to": (_clock, REQUIRED),
            "limit": (readers.limit, REQUIRED),
        },
        (),
    ],
    "allowed": [
        {
            "days": (readers.days, readers.EVERY_DAY),
            "from": (_clock, REQUIRED),
            "to": (_clock, REQUIRED),
        },
        (),
    ],
    "holidays": (readers.dates, ()),
    "workdays": (readers.dates, ()),
    "quiet": [
        {
            "name": (readers.text(64), REQUIRED),
            "from": (readers.date, REQUIRED),
            "to": (readers.date, REQUIRED),
            "limit": (readers.limit, "class"),
            "speak": (readers.flag, False),
        },
        (),
    ],
    "guard_band": (_margin, 1),
    "near": (_margin, 3),
    "hysteresis": (_margin, 2),
    "trigger": {
        "quantity": (readers.choice("LAeq", "LAFmax", "LCeq"), "LAeq"),
        "over": (_a_few_seconds, 8),
        "of": (_a_few_seconds, 10),
    },
    "amber": {"over": (_a_few_seconds, 5), "of": (_a_few_seconds, 8)},
    "release": {"obeyed": (_a_few_seconds, 2), "calm": (_a_few_seconds, 5)},
    "sudden": {"above": (number(0, 40, 10, "dB"), 15), "on": (readers.flag, True)},
    "background": {
        "difference": (_margin, 3),
        "on": (readers.flag, True),
        "hours": (readers.spans, ()),
    },
    "red": {"spotlight": (readers.flag, True)},
    "polite": {
        "message": (readers.message, "polite_zh"),
        "after": (_seconds, 2),
        "times": (number(0, 20, 1, "times"), 1),
    },
    "firm": {"message": (readers.message, "warning_zh"), "gap": (_gap, 3)},
    "hand_over": [
        {
            "to": (readers.choice(*CALLED), REQUIRED),
            "ineffective": (number(1, 100, 1, "warnings"), 5),
            "within": (number(10, 86400, 1, "s"), 600),
            "wait": (_seconds, 0),
        },
        (
            {"to": "leader", "wait": 0},
            {"to": "property", "wait": 60},
            {"to": "police", "wait": 120},
        ),
    ],
    # What of the ladder is dealt by lot; what an arm leaves out is the policy's own.
    "trial": {
        "name": (readers.text(64), ""),
        "arm": [
            {
                "name": (readers.text(40), REQUIRED),
                "weight": (number(1, 100, 1, "parts"), 1),
                "after": (number(0, 600, 1, "s"), None),
                "polite": (readers.message, None),
                "firm": (readers.message, None),
                "gap": (_gap, None),
            },
            (),
        ],
    },
    "speaking": {
        "longest_per_hour": (number(0, 3600, 1, "s"), 600),
        "longest_message": (number(1, 120, 1, "s"), 15),
        "least_gap": (number(0, 600, 1, "s"), 3),
        "pause": (readers.spans, ()),
    },
    "volume": [
        {
            "from": (_clock, REQUIRED),
            "to": (_clock, REQUIRED),
            "volume": (number(-60, 0, 1, "dB"), REQUIRED),
        },
        (
            {"from": "06:00", "to": "22:00", "volume": 0},
            {"from": "22:00", "to": "06:00", "volume": -12},
        ),
    ],
    "spotlight": {"least_on": (number(0, 3600, 1, "s"), 5), "off": (readers.spans, ())},
    "panel": {
        "dim_from": (_clock, "22:00"),
        "dim_to": (_clock, "06:00"),
        "dim": (number(0, 1, 256, "of full brightness"), 0.25),
        "text": (readers.text(64), ""),
        # Four of them, for a few seconds of each minute, by which a guard proves he was here.
        "digits": (readers.flag, False),
    },
    # What was agreed on for LAeq over some minutes: told and shown, while it may be passed.
    "budget": {"limit": (readers.level, None), "minutes": (number(1, 60, 1, "min"), 10)},
}

# The limit of a policy that names neither an area nor a limit: at the pole, where street systems
# in service are set to 65 dB by day.
_SHIPPED_LIMIT = {"day": 65, "night": 55}


def complete(table):
    """(every value, faults): defaults filled in, values as `tamer.judge.readers` makes them.

    faults are sentences that begin with the dotted key, "venue[2].limit: ..."; entries are
    counted from 1. What is at fault has its default, or is left out where there is none.
    """
    faults = []
    if isinstance(table, dict) and "area" not in table and "limit" not in table:
        table = dict(table)
        table["limit"] = _SHIPPED_LIMIT
    done = _read_table(KEYS, table, "", faults)
    consistency.compare(done, faults)
    return done, faults


def _read_table(keys, table, path, faults):
    if not isinstance(table, dict):
        faults.append("%s: must be a table with keys of its own" % (path[:-1] or "policy"))
        table = {}
    done = {}
    for key in sorted(keys):
        entry, where = keys[key], path + key
        if isinstance(entry, dict):
            done[key] = _read_table(entry, table.get(key, {}), where + ".", faults)
        elif isinstance(entry, list):
            done[key] = _read_list(entry, table.get(key, entry[1]), where, faults)
        elif key not in table and entry[1] is REQUIRED:
            faults.append("%s: is missing; add it" % where)
        elif key not in table and entry[1] is None:
            done[key] = None
        else:
            try:
                done[key] = entry[0](table.get(key, entry[1]))
            except ValueError as why:
                faults.append("%s: %s" % (where, why))
    for key in sorted([str(key) for key in table]):
        if key not in keys:
            faults.append("%s%s: is no key of a policy" % (path, key or '""'))
    return done


def _read_list(entry, tables, where, faults):
    if not isinstance(tables, (list, tuple)):
        faults.append("%s: write [[%s]] with two brackets, one for each" % (where, where))
        return ()
    return tuple(
        [
            _read_table(entry[0], table, "%s[%d]." % (where, i), faults)
            for i, table in enumerate(tables, 1)
        ]
    )
