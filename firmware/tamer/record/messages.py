"""What a unit and its hub say to each other besides records, as JSON. Pure."""

import json

VERSION = 1

# Topics of a unit; cmd/<unit>/<command> is the hub's, as are orders and what belongs to them.
RECORD = "dev/%s/record"
STATUS = "dev/%s/status"
NOW = "dev/%s/now"
WANT = "dev/%s/want"
COMMANDS_OF = "cmd/%s/#"
ORDER = "cmd/%s/order"
PART = "cmd/%s/part"

NOW_FIELDS = ("v", "t", "LAeq", "flags", "stage", "limit", "speaking", "LZ")
NOW_FIELDS += ("budget",)
STATUS_FIELDS = ("v", "online", "b", "firmware", "t", "lost", "refused", "held", "room", "rssi")
STATUS_FIELDS += ("forged",)
WANT_FIELDS = ("v", "n", "part")


def now(second, stage, limit, speaking, bands=None, budget=None):
    """The live number, for whoever watches; never stored. `bands`: LZ, lowest first. `budget`: as
    SoundBudget tells it."""
    values = (VERSION, second.t, second.LAeq, second.flags, stage, limit, speaking)
    message = dict(zip(NOW_FIELDS, values))
    if bands:
        message["LZ"] = bands
    if budget:
        message["budget"] = budget
    return message


def status(*values):
    """Online, or at the end not. values: of STATUS_FIELDS but the version, as many as known;
    None for one that is not."""
    told = zip(STATUS_FIELDS, (VERSION,) + values)
    return {name: value for name, value in told if value is not None}


def want(n, part):
    """The box asks for the parts of order `n`, from this one on."""
    return dict(zip(WANT_FIELDS, (VERSION, n, part)))


def encode(message):
    return json.dumps(message, separators=(",", ":"))
