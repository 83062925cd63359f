"""The wire: what a unit tells, as JSON. Pure.

A record is one message that the hub must acknowledge; (boot, sequence) names it for ever.
"""

import json

from tamer.record.reading import Second

VERSION = 1

_LEVELS = ("LAeq", "LAFmax", "LCeq", "LCpeak", "flags")


def seconds(boot, sequence, oldest, batch):
    """Up to ten consecutive Seconds. `oldest`: the first sequence of this boot still held."""
    message = {"v": VERSION, "b": boot, "s": sequence, "o": oldest, "t": batch[0].t}
    for i, name in enumerate(_LEVELS):
        message[name] = [second[i + 1] for second in batch]
    return message


def batch(message):
    """The Seconds of a message that `seconds` made; ValueError says what is wrong with it."""
    try:
        t = message["t"]
        columns = [message[name] for name in _LEVELS]
    except (KeyError, TypeError) as wrong:
        raise ValueError("a field is missing: %s" % wrong) from None
    if not all(isinstance(column, list) for column in columns):
        raise ValueError("the levels are not lists")
    lengths = {len(column) for column in columns}
    if len(lengths) != 1 or not 1 <= len(columns[0]) <= 60:
        raise ValueError("the levels differ in number, or are not 1 to 60")
    return [Second(t + i, *values) for i, values in enumerate(zip(*columns))]


def event(boot, sequence, oldest, t, kind, fields):
    """Something that happened at time t: boot, stage, warning, spoken, spotlight."""
    message = {"v": VERSION, "b": boot, "s": sequence, "o": oldest, "t": t, "kind": kind}
    message.update(fields)
    return message


def now(second, stage, limit, speaking, bands=None):
    """The live number, for whoever watches; never stored. `bands`: LZ, lowest first."""
    message = {
        "v": VERSION,
        "t": second.t,
        "LAeq": second.LAeq,
        "flags": second.flags,
        "stage": stage,
        "limit": limit,
        "speaking": speaking,
    }
    if bands:
        message["LZ"] = bands
    return message


def encode(message):
    return json.dumps(message, separators=(",", ":"))


def decode(text):
    """The message in `text` (str or bytes); ValueError when it is none."""
    message = json.loads(text)
    if not isinstance(message, dict) or message.get("v") != VERSION:
        raise ValueError("not a message of version %d" % VERSION)
    return message
