"""A policy: what the manager of a place has decided, as one value. Pure.

The same keys in JSON on the box and in TOML for people; `tamer.judge.schema` lists them, and the
fields of `Policy` and its parts are named like them. Every decision carries the hash, so it can be
shown later by which policy it was made.

Levels and margins are in 0.1 dB, times of day in minutes after local midnight, lengths in s, dates
as `calendar.day_number`, volumes in dB re full, dim in 1/256 of full brightness. `days` has a bit
for each of `calendar.DAYS`. A span whose until is before its since goes over midnight; the first
and last date are both included. A limit of None is the area's own at that time; an area's name is
"" where the standard knows no classes. `edges`: the minutes of a day at which something may
change, rising, from 0 to 1440.
"""

import binascii
import hashlib
from collections import namedtuple

from tamer.judge.area_limits import LIMITS
from tamer.judge.calendar import Clock
from tamer.judge.schema import complete

# Of its JSON on a box. Parsing takes some 20 times as much, and what comes of it stays.
MOST_BYTES = 4000

Policy = namedtuple(
    "Policy",
    (
        "version",
        "name",
        "hash",
        "clock",
        "area",
        "hours",
        "limit",
        "venues",
        "allowed",
        "holidays",
        "workdays",
        "quiet",
        "guard_band",
        "near",
        "hysteresis",
        "trigger",
        "amber",
        "release",
        "sudden",
        "background",
        "red",
        "polite",
        "firm",
        "hand_over",
        "speaking",
        "volumes",
        "spotlight",
        "panel",
        "edges",
        "trial",
        "budget",
    ),
)
Area = namedtuple("Area", ("standard", "name", "day", "night"))
Hours = namedtuple("Hours", ("day_from", "night_from"))
Limit = namedtuple("Limit", ("day", "night"))
Venue = namedtuple("Venue", ("name", "days", "since", "until", "limit"))
Allowed = namedtuple("Allowed", ("days", "since", "until"))
Quiet = namedtuple("Quiet", ("name", "first", "last", "limit", "speak"))
Trigger = namedtuple("Trigger", ("quantity", "over", "of"))
Amber = namedtuple("Amber", ("over", "of"))
Release = namedtuple("Release", ("obeyed", "calm"))
Sudden = namedtuple("Sudden", ("above", "on"))
Background = namedtuple("Background", ("difference", "on", "hours"))
Red = namedtuple("Red", ("spotlight",))
Polite = namedtuple("Polite", ("message", "after", "times"))
Firm = namedtuple("Firm", ("message", "gap"))
Trial = namedtuple("Trial", ("name", "arms"))
# polite, firm: what the policy's own are in incidents that are dealt this arm.
Arm = namedtuple("Arm", ("name", "weight", "polite", "firm"))
EscalationRule = namedtuple("EscalationRule", ("to", "ineffective", "within", "wait"))
Speaking = namedtuple("Speaking", ("longest_per_hour", "longest_message", "least_gap", "pause"))
Volume = namedtuple("Volume", ("since", "until", "volume"))
Spotlight = namedtuple("Spotlight", ("least_on", "off"))
Panel = namedtuple("Panel", ("dim_from", "dim_to", "dim", "text", "digits"))
Budget = namedtuple("Budget", ("limit", "minutes"))


def read(table):
    """The Policy in a table of JSON or TOML; what it leaves out has the shipped default.

    Raises ValueError with one sentence that begins with the dotted key: "area.class: ...".
    """
    done, faults = complete(table)
    if faults:
        raise ValueError(faults[0])
    area = done["area"]
    hours = Hours(**done["hours"])
    venues = tuple([Venue(e["name"], e["days"], *_ends(e), e["limit"]) for e in done["venue"]])
    allowed = tuple([Allowed(e["days"], *_ends(e)) for e in done["allowed"]])
    volumes = tuple([Volume(*_ends(e), e["volume"]) for e in done["volume"]])
    background = Background(**done["background"])
    speaking = Speaking(**done["speaking"])
    spotlight = Spotlight(**done["spotlight"])
    panel = Panel(**done["panel"])
    times = [0, 1440, hours.day_from, hours.night_from, panel.dim_from, panel.dim_to]
    for each in venues + allowed + volumes:
        times += [each.since, each.until]
    for span in background.hours + speaking.pause + spotlight.off:
        times += span
    return Policy(
        done["version"],
        done["name"],
        _hash(done),
        Clock(done["utc_offset"], done["clock_changes"]),
        Area(area["standard"], area["class"], *LIMITS[area["standard"]][area["class"]]),
        hours,
        Limit(**done["limit"]),
        venues,
        allowed,
        done["holidays"],
        done["workdays"],
        tuple([Quiet(e["name"], *_ends(e), e["limit"], e["speak"]) for e in done["quiet"]]),
        done["guard_band"],
        done["near"],
        done["hysteresis"],
        Trigger(**done["trigger"]),
        Amber(**done["amber"]),
        Release(**done["release"]),
        Sudden(**done["sudden"]),
        background,
        Red(**done["red"]),
        Polite(**done["polite"]),
        Firm(**done["firm"]),
        tuple([EscalationRule(**e) for e in done["hand_over"]]),
        speaking,
        volumes,
        spotlight,
        panel,
        tuple(sorted(set(times))),
        _trial(done),
        None if done["budget"]["limit"] is None else Budget(**done["budget"]),
    )


def _trial(done):
    """The Trial, None where nothing is dealt."""
    trial, polite, firm = done["trial"], done["polite"], done["firm"]
    arms = []
    for each in trial["arm"]:
        after = polite["after"] if each["after"] is None else each["after"]
        arms.append(
            Arm(
                each["name"],
                each["weight"],
                Polite(each["polite"] or polite["message"], after, polite["times"]),
                Firm(each["firm"] or firm["message"], each["gap"] or firm["gap"]),
            )
        )
    return Trial(trial["name"], tuple(arms)) if arms else None


def hash_of(table):
    """SHA-256, as hex, of the completed policy: alike where every decision is alike.

    What keys of a later version would do is not in it while they do nothing.

    Of canonical JSON: keys sorted, defaults filled in, no spaces, whole numbers only. Raises
    ValueError as `read` does.
    """
    done, faults = complete(table)
    if faults:
        raise ValueError(faults[0])
    return _hash(done)


def _hash(done):
    return binascii.hexlify(hashlib.sha256(hashed(done).encode()).digest()).decode()


def hashed(done):
    """The text whose SHA-256 is the hash of what `complete` gives."""
    done = dict(done, panel=dict(done["panel"]))
    if not done["panel"]["digits"]:
        del done["panel"]["digits"]
    if not done["trial"]["arm"]:
        del done["trial"]
    if done["budget"]["limit"] is None:
        del done["budget"]
    return canonical(done)


def canonical(value):
    """JSON of what `complete` gives; MicroPython's own keeps no order of keys."""
    if isinstance(value, dict):
        pairs = ["%s:%s" % (canonical(key), canonical(value[key])) for key in sorted(value)]
        return "{%s}" % ",".join(pairs)
    if isinstance(value, (list, tuple)):
        return "[%s]" % ",".join([canonical(each) for each in value])
    if isinstance(value, str):
        return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _ends(entry):
    return entry["from"], entry["to"]
