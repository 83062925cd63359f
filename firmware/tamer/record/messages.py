"""What a unit and its hub say to each other besides records, as JSON. Pure."""

import json

VERSION = 1

# Topics of a unit; cmd/<unit>/<command> is the hub's.
RECORD = "dev/%s/record"
STATUS = "dev/%s/status"
NOW = "dev/%s/now"
COMMANDS_OF = "cmd/%s/#"

NOW_FIELDS = ("v", "t", "LAeq", "flags", "stage", "limit", "speaking", "LZ")
STATUS_FIELDS = ("v", "online", "b", "firmware", "t", "lost", "refused")


def now(second, stage, limit, speaking, bands=None):
    """The live number, for whoever watches; never stored. `bands`: LZ, lowest first."""
    values = (VERSION, second.t, second.LAeq, second.flags, stage, limit, speaking)
    message = dict(zip(NOW_FIELDS, values))
    if bands:
        message["LZ"] = bands
    return message


def status(*values):
    """Online, or at the end not. values: of STATUS_FIELDS but the version, as many as known."""
    return dict(zip(STATUS_FIELDS, (VERSION,) + values))


def encode(message):
    return json.dumps(message, separators=(",", ":"))
