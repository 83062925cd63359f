"""What every field on the wire means: its type, unit and range. Pure.

The hub checks by it, the trace and the pages are written by it, WIRE.md is made from it. The box
never loads it.
"""

from collections import namedtuple

from tamer.record import events, messages, orders

# Why there is no link to the hub, nearest to the box first.
LINK_REASONS = (
    "wrong key",
    "no access point",
    "not joined",
    "no address",
    "name not found",
    "no route",
    "refused",
    "timed out",
    "no time",
    "certificate expired",
    "certificate not yet valid",
    "not trusted",
    "wrong name",
    "no authority",
    "no TLS",
    "secret refused",
    "broker refused",
    "broker silent",
    "hub silent",
    "hub full",
    "ack forged",
    "connection lost",
    "no memory",
    "fault",
    "failed",
)

# Why records are gone, or only minutes are left of their seconds.
LOSS_REASONS = ("full", "flash fault", "unreadable", "no memory")

# What becomes of an order, and why it does not.
ORDER_RESULTS = ("taken", "begun", "done", "refused")
ORDER_REFUSALS = (
    "forged",
    "no key",
    "number",
    "late",
    "early",
    "clock",
    "verb",
    "fields",
    "busy",
    "muted",
    "pause",
    "budget",
    "too long",
    "missing",
    "spoilt",
    "cut",
    "no room",
    "no speaker",
    "no lamp",
    "no memory",
    "failed",
    # Of a release.
    "older",
    "stale",
    "signature",
    "board",
    "went back",
)

# What is told beside the records, each with its fields.
REPORTS = {
    "status": messages.STATUS_FIELDS,
    "now": messages.NOW_FIELDS,
    "want": messages.WANT_FIELDS,
}

# What the hub may order, each with its fields.
COMMANDS = {
    "ack": ("b", "s", "mac"),
    "refused": ("b", "s", "why"),
    "full": ("b", "s"),
    "live": ("for",),
    "time": ("t",),
}

# type: one of those below. unit: "" for none. range: (least, most), of a number, of the length of
# a text, of how many a list has; of a choice, all there are.
Field = namedtuple("Field", ("type", "unit", "range", "meaning"))

INTEGER = "integer"
# An integer, or MISSING where nothing was heard.
LEVEL = "level"
BOOLEAN = "boolean"
CHOICE = "choice"
# Printable text.
NAME = "name"
# Text for people.
SENTENCE = "sentence"
INTEGERS = "integers"
LEVELS = "levels"
TEXTS = "texts"
# {name: what is wrong with it}
FAULTS = "faults"

DECIBELS = "0.1 dB"

# Down to what single precision can hold, as a dead capsule gives; a slip of units (683.0 dB) is
# caught.
_ANY_LEVEL = (-6000, 2000)
_ANY_COUNT = (0, 2**31)
_ANY_SPAN = (0, 2**31)
_ANY_TIME = (0, 2**32 - 1)
_NAME = (1, 64)
_SENTENCE = (0, 1000)


def _level(meaning):
    return Field(LEVEL, DECIBELS, _ANY_LEVEL, meaning)


def _stage(meaning):
    return Field(CHOICE, "", events.STAGES, meaning)


# What the ladder decides. The order is that of the keys in a trace.
DECISIONS = {
    "from": _stage("the stage before"),
    "to": _stage("the stage from now on"),
    "stage": _stage("the stage at that time"),
    "limit": Field(INTEGER, DECIBELS, _ANY_LEVEL, "the limit that holds"),
    "level": _level("of the second that decided it"),
    "message": Field(NAME, "", _NAME, "name of the message; light: red and spotlight alone"),
    "number": Field(INTEGER, "", _ANY_COUNT, "warnings in this incident, this one included"),
    "on": Field(BOOLEAN, "", (), "whether the spotlight is on"),
    "effective": Field(BOOLEAN, "", (), "whether the square was released after the warning"),
    "after": Field(INTEGER, "s", _ANY_SPAN, "since what went before"),
    "ineffective": Field(INTEGER, "", _ANY_COUNT, "warnings in vain that led to this call"),
    "volume": Field(INTEGER, "dB", (-60, 0), "re full"),
    "trial": Field(NAME, "", _NAME, "name of the policy's trial"),
    "arm": Field(NAME, "", _NAME, "of the trial, that the incident was dealt by lot"),
    "probability": Field(INTEGER, "1/1000", (1, 1000), "with which it was dealt this arm"),
    "policy": Field(NAME, "", _NAME, "first digits of the hash of the policy it was decided by"),
}

# What is summed up over an hour, a day or an incident, of its valid seconds.
_SUMS = {
    "start": Field(INTEGER, "Unix s", _ANY_TIME, "when the period began"),
    "seconds": Field(INTEGER, "s", _ANY_SPAN, "length of the period"),
    "valid_seconds": Field(INTEGER, "s", _ANY_SPAN, "those that count"),
    "overload": Field(BOOLEAN, "", (), "whether a second was too loud for the microphone"),
    "under_range": Field(BOOLEAN, "", (), "whether a second was too quiet for the microphone"),
    "LAeq": _level("equivalent level, A"),
    "LCeq": _level("equivalent level, C"),
    "LAFmax": _level("largest level, A, Fast"),
    "LAmin": _level("least LAeq of a second"),
    "LCpeak": _level("largest peak, C"),
    "L5": _level("LAeq of a second exceeded in 5 % of them"),
    "L10": _level("in 10 %"),
    "L50": _level("in 50 %"),
    "L90": _level("in 90 %"),
    "L95": _level("in 95 %"),
    "SD": _level("standard deviation of LAeq of a second"),
    "LAE": _level("sound exposure level, A"),
    "Ld": _level("LAeq of the hours of the day"),
    "Ln": _level("LAeq of the hours of the night"),
    "Ldn": _level("of both, the night 10 dB heavier"),
}

# How the box is.
_STATE = {
    "reset": Field(NAME, "", _NAME, "why the chip started"),
    "firmware": Field(NAME, "", _NAME, "version"),
    "kernel": Field(NAME, "", _NAME, "that works on the samples"),
    "self_test": Field(SENTENCE, "", _SENTENCE, "passed, or what became of the faster kernel"),
    "panel": Field(INTEGERS, "LEDs", (2, 2), "columns and rows"),
    "policy_fault": Field(SENTENCE, "", _SENTENCE, "why the policy on the flash is not used"),
    "unspoken": Field(FAULTS, "", (1, 8), "messages that cannot be said, each with the reason"),
    "files": Field(FAULTS, "", (1, 8), "files that are not as they should be, and what was done"),
    "away": Field(INTEGER, "s", _ANY_SPAN, "from the last second before the restart"),
    "board": Field(NAME, "", _NAME, "name of its board file"),
    "failed": Field(SENTENCE, "", _SENTENCE, "why the message was not played"),
    "boot_at": Field(INTEGER, "Unix s", _ANY_TIME, "when this boot's second 0 began"),
    "source": Field(NAME, "", _NAME, "who told the time: ntp, hub"),
    "step": Field(INTEGER, "ms", (-(2**42), 2**42), "by which the clock was put on"),
    "drift": Field(INTEGER, "0.1 ppm", (-(10**7), 10**7), "what the clock gains by itself"),
    "findings": Field(TEXTS, "", (0, 32), "what the signal doctor found; none: all is well"),
    "verdict": Field(NAME, "", _NAME, "what the tones say: good, too loud, or what has changed"),
    "tones": Field(INTEGERS, "Hz", (1, 16), "those that were played"),
    "levels": Field(LEVELS, DECIBELS, (1, 16), "LAeq of each tone"),
    "background": _level("LAeq before the tones"),
    "deviations": Field(LEVELS, DECIBELS, (1, 16), "of each tone, from the reference"),
    "nights": Field(INTEGER, "", _ANY_COUNT, "on which they deviated, one after the other"),
    "loudest": _level("LAFmax that put the check off"),
    "up": Field(BOOLEAN, "", (), "whether the link to the hub stands again"),
    # Not a choice: a reason that only newer firmware knows must not keep a unit's records back.
    "reason": Field(NAME, "", _NAME, "why it does not: " + ", ".join(LINK_REASONS)),
    "detail": Field(SENTENCE, "", _SENTENCE, "what the network, or Python, said"),
    "end": Field(INTEGER, "Unix s", _ANY_TIME, "when the last of its seconds began"),
    "minutes": Field(LEVELS, DECIBELS, (0, 60), "LAeq of each minute from the start on"),
    "records": Field(INTEGER, "", _ANY_COUNT, "how many are concerned"),
    "of_boot": Field(INTEGER, "", (0, 2**32 - 1), "of which start and end are, while undated"),
    "why": Field(NAME, "", _NAME, "the reason: " + ", ".join(LOSS_REASONS)),
    "fingerprint": Field(NAME, "hex", (16, 16), 'SHA-256 of "chain key " and the key begins so'),
}

# What the live number, the status and the commands have besides.
_OTHERS = {
    "v": Field(INTEGER, "", (1, 1), "version of the message"),
    "t": Field(INTEGER, "Unix s", _ANY_TIME, "the second's start; of a status, when it was said"),
    "flags": Field(INTEGER, "", (0, 0xFFFF), "low 4 bits: 0 valid, else why it does not count"),
    "speaking": Field(BOOLEAN, "", (), "whether the box's own voice is on"),
    "budget": Field(
        INTEGERS,
        "",
        (3, 4),
        "of a limit on LAeq over some minutes: the limit in 0.1 dB, the minutes, per cent of it "
        "used up, and, if it stays as loud as now, in how many s it is reached",
    ),
    "LZ": Field(LEVELS, DECIBELS, (1, 64), "of each band, lowest first"),
    "online": Field(BOOLEAN, "", (), "false comes from the broker: the box's last will"),
    "lost": Field(INTEGER, "", _ANY_COUNT, "records given up since the start"),
    "refused": Field(INTEGER, "", _ANY_COUNT, "records that the hub could not read, likewise"),
    "held": Field(INTEGER, "bytes", _ANY_COUNT, "of its journal the hub has not yet, to 8 kB"),
    "room": Field(INTEGER, "bytes", _ANY_COUNT, "of held, from which on seconds are thinned"),
    "rssi": Field(INTEGER, "dBm", (-128, 0), "strength of the Wi-Fi, as the box receives it"),
    "forged": Field(INTEGER, "", _ANY_COUNT, "acknowledgements without the hub's MAC, likewise"),
    "b": Field(INTEGER, "", (0, 2**32 - 1), "boot"),
    "s": Field(INTEGER, "", (1, 2**32 - 1), "sequence"),
    "for": Field(INTEGER, "s", (0, 2**31), "how long somebody watches; at most 300 count"),
    "part": Field(INTEGER, "", (0, 2**16 - 1), "the next one it wants, from 0 on"),
}

# Orders, and what becomes of them.
_ORDERS = {
    "n": Field(INTEGER, "", (1, orders.MOST_NUMBER), "number of the order, rising"),
    # Neither is a choice: a word that only newer firmware knows must not keep records back.
    "verb": Field(NAME, "", _NAME, "what is to be done: " + ", ".join(orders.VERBS)),
    "result": Field(NAME, "", _NAME, "what became of it: " + ", ".join(ORDER_RESULTS)),
    "until": Field(INTEGER, "Unix s", _ANY_TIME, "when what it began ends by itself"),
    "last": Field(INTEGER, "", (0, orders.MOST_NUMBER), "the highest number before it"),
    "times": Field(INTEGER, "", _ANY_COUNT, "refused like this since it was last told, with this"),
    "mac": Field(NAME, "hex", (64, 64), "HMAC-SHA256 of all that stands before it"),
    "size": Field(INTEGER, "bytes", (1, max(orders.MOST_SIZE.values())), "of all its parts"),
    "sha256": Field(NAME, "hex", (64, 64), "of all its parts, one after the other"),
    "state": Field(CHOICE, "", orders.STATES, "auto: as the ladder wants it"),
    "offset": Field(INTEGER, "dB", (orders.LEAST_OFFSET, 0), "what the voice is lowered by"),
    "release": Field(INTEGER, "", (1, orders.MOST_NUMBER), "its number, rising"),
    "manifest": Field(NAME, "hex", (64, 64), "SHA-256 of its manifest, which the root has signed"),
    "fresh": Field(INTEGER, "Unix s", (0, orders.LAST_TIME), "until then its time stamp holds"),
    "stamp": Field(
        NAME, "base64", (orders.STAMP, orders.STAMP), "of `release NUMBER MANIFEST until FRESH`"
    ),
}

FIELDS = {}
for _group in (DECISIONS, _SUMS, _STATE, _OTHERS, _ORDERS):
    FIELDS.update(_group)

# The same name with another meaning, or another range.
_OF_KIND = {
    ("hand-over", "to"): Field(CHOICE, "", events.CALLED, "who is to be called"),
    ("outcome", "after"): Field(INTEGER, "s", _ANY_SPAN, "since the message ended"),
    ("relapse", "after"): Field(INTEGER, "s", _ANY_SPAN, "since the last incident ended"),
    ("sudden", "LAFmax"): Field(INTEGER, DECIBELS, _ANY_LEVEL, "level, A, Fast, of the noise"),
    ("sudden", "limit"): Field(INTEGER, DECIBELS, _ANY_LEVEL, "what a sudden noise may have"),
    ("time", "t"): Field(INTEGER, "Unix s", _ANY_TIME, "now"),
    ("now", "LAeq"): _level("of the second"),
}
_OF_KIND["refused", "why"] = Field(SENTENCE, "", _SENTENCE, "what the hub could not read in it")
for _kind in ("lost", "thinned"):
    _OF_KIND[_kind, "seconds"] = Field(INTEGER, "s", _ANY_SPAN, "how many are concerned")
    _OF_KIND[_kind, "start"] = Field(INTEGER, "Unix s", _ANY_TIME, "when the first of them began")

_OF_KIND["boot", "release"] = Field(
    INTEGER, "", (0, orders.MOST_NUMBER), "number of the release it runs by; 0: as flashed"
)
_OF_KIND["order", "why"] = Field(NAME, "", _NAME, "why not: " + ", ".join(ORDER_REFUSALS))
_OF_KIND["order", "detail"] = Field(SENTENCE, "", _SENTENCE, "what exactly; of a policy, its hash")
_OF_KIND["order", "reason"] = Field(
    SENTENCE, "", (1, orders.LONGEST_REASON), "why somebody wants the box mute"
)
# What every order has; more by its verb: then the kind is ("order mute", "for").
ORDER = ("n", "until", "verb", "mac")
_OF_KIND["an order", "until"] = Field(
    INTEGER, "Unix s", _ANY_TIME, "by the box's clock it is not obeyed later"
)
for _verb, _most in orders.MOST_SIZE.items():
    _OF_KIND["order " + _verb, "size"] = Field(INTEGER, "bytes", (1, _most), "of all its parts")
_A_WHILE = Field(INTEGER, "s", (0, orders.MOST_FOR), "from now on; 0: it ends")
for _verb in ("spotlight", "mute", "volume"):
    _OF_KIND["order " + _verb, "for"] = _A_WHILE
_OF_KIND["order mute", "reason"] = _OF_KIND["order", "reason"]
for _verb in ("say", "voice"):
    _OF_KIND["order " + _verb, "message"] = Field(
        NAME, "", (1, orders.LONGEST_NAME), "its name: letters, digits, _ and -"
    )

# What each verb of an order does.
VERB_MEANINGS = {
    "say": "say a message that is in the box",
    "play": "say, once, what comes in parts: a WAV as messages are, at most 15 s",
    "spotlight": "switch it, as far as the policy allows, for a while",
    "mute": "say nothing for a while; light and number go on",
    "volume": "speak so much more quietly than the policy says, for a while",
    "policy": "decide by the policy.json that comes in parts, after a restart",
    "voice": "keep the message that comes in parts, in place of one of that name",
    "examine": "let the signal doctor listen for three seconds",
    "calibrate-check": "play the tones of the self-check now",
    "restart": "start again",
    "update": "take the signed release that comes in parts, on trial, after a restart",
}

# Each kind of event, report and command, in a few words.
MEANINGS = {
    "boot": "the box has started",
    "resumed": "it goes on with the incident that a restart has cut short",
    "stage": "the ladder goes to another stage",
    "spotlight": "the spotlight was switched",
    "warning": "a message begins",
    "spoken": "it has ended, or could not be played",
    "outcome": "whether a warning was of use",
    "hand-over": "the ladder escalates: somebody is to be called",
    "relapse": "the next incident, soon after the last",
    "sudden": "a sudden noise at night",
    "dealt": "which arm of the policy's trial the incident that begins was dealt by lot",
    "incident": "an incident is over: what it was",
    "hour": "an hour of the local clock is over: what it was",
    "day": "a day of the local clock is over: what it was",
    "clock": "the time is known now, or was corrected",
    "doctor": "the signal doctor has listened to the microphone",
    "link": "why there is no link to the hub, once for each reason; or that it stands again",
    "lost": "records were given up before the hub had them: of these no more is to be had",
    "thinned": "of these seconds only sums are left: the flash had no room for more",
    "rekeyed": "what follows is chained by another key, this still by the old one",
    "self-check": "the nightly check, with tones of the box's own",
    "order": "what somebody ordered, by its number, and what became of it",
    "want": "the box is ready for parts of an order; never stored",
    "status": "whether it is connected",
    "now": "the running second, while somebody watches; never stored",
    "ack": "everything of this boot up to this sequence is stored: it may be forgotten",
    "refused": "the hub cannot read this record: it has set it aside, and acknowledges it",
    "full": "the hub cannot read this record and has no room to keep it: the box is to hold it",
    "live": "somebody watches: report each second at once",
    "time": "what time it is, by the hub's clock",
}

# What may be missing. `policy` may everywhere.
OPTIONAL = {
    "boot": ("firmware", "kernel", "self_test", "panel", "policy_fault", "unspoken", "files")
    + ("release", "board"),
    "warning": ("stage", "volume"),
    "spoken": ("failed",),
    "clock": ("step", "drift"),
    "link": ("reason", "detail"),
    # Of events there are no seconds; what cannot be read tells no time.
    "lost": ("seconds", "start", "end", "of_boot"),
    "thinned": ("seconds", "start", "end", "minutes", "of_boot"),
    "self-check": ("tones", "levels", "background", "deviations", "nights", "loudest"),
    # Of a forged one nothing is known.
    "order": ("n", "verb", "why", "detail", "until", "reason", "last", "times"),
    "ack": ("mac",),
    "status": ("b", "firmware", "t", "lost", "refused", "held", "room", "rssi", "forged"),
    "now": ("LZ", "budget"),
}


def field(kind, name):
    """The Field of one name in events of this kind, in "status" or in "now"."""
    return _OF_KIND.get((kind, name)) or FIELDS[name]
