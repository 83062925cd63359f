"""The one form of a record: the same bytes in the journal, on the wire and in the hub. Pure.

A record is what the hub must acknowledge; (boot, sequence) names it for ever, and once written
its bytes never change. What may differ each time it is sent is in the envelope before it.
"""

import json
import struct
from collections import namedtuple

from tamer.record import level_code
from tamer.record.reading import PACKED, pack, unpack
from tamer.record.seal import LINK

# Codes of what follows the head. A body that hubs stored before there were any begins with "{".
SECONDS = 1
EVENT = 2
CODED_SECONDS = 3
OF_SECONDS = (SECONDS, CODED_SECONDS)
# Never sent: the link that the next record follows, where a journal's sector begins (tell.ring).
LINK_BEFORE = 4

# Little-endian: code, boot, sequence, t.
HEAD = "<BIII"
HEAD_BYTES = struct.calcsize(HEAD)

# Five bytes before the record's head, in every version to come: a hub that cannot read what it is
# sent can still name it, keep it and acknowledge it.
# Version, and the sequence of the record's boot that was sent, or given up, before this one.
ENVELOPE = "<BI"
ENVELOPE_BYTES = struct.calcsize(ENVELOPE)
ENVELOPE_VERSION = 3
# With the record's link after it (tamer.record.seal): it follows that of the record before it.
LINKED = 4
# With two: the link that it follows, and its own. What was sent before need not be known.
LINKED_ANEW = 5
# Of older firmware: the number is the first sequence of the boot that is still held.
_OLDEST = 2

# t: Unix time, s; of Seconds, the start of the first.
Head = namedtuple("Head", ("code", "boot", "sequence", "t"))
# after, before: of the record's boot, every sequence between these two is gone for ever.
# follows, link: of the record, and of the one that it follows; None where it was not told.
Opened = namedtuple("Opened", ("after", "before", "record", "follows", "link"))


def record(code, boot, sequence, t, payload):
    """The bytes of a record. payload: as `of_seconds` or `of_event` gives it."""
    return struct.pack(HEAD, code, boot, sequence, t) + payload


def of_seconds(batch):
    """The payload of consecutive Seconds, plainly: code SECONDS."""
    return pack(batch)


def shortest(batch):
    """(code, payload) of consecutive Seconds, at most 16."""
    try:
        coded = level_code.encode(batch)
        if len(coded) < PACKED * len(batch):
            return CODED_SECONDS, coded
    except MemoryError:
        # The heap is in small pieces: plainly they want less of it.
        pass
    return SECONDS, pack(batch)


def of_event(kind, fields):
    """The payload of an event."""
    return json.dumps([kind, fields], separators=(",", ":")).encode()


def head(record):
    """The Head of a record. Raises ValueError where there is none."""
    if len(record) < HEAD_BYTES:
        raise ValueError("%d bytes are no record" % len(record))
    return Head(*struct.unpack_from(HEAD, record))


def seconds(record):
    """The Seconds of a record of a code in OF_SECONDS. Raises ValueError where not whole."""
    code, _, _, t = head(record)
    packed = record[HEAD_BYTES:]
    if code == CODED_SECONDS:
        # On demand: a box decodes only what it thins.
        from tamer.record import level_decoding

        return level_decoding.decode(t, packed)
    if not packed or len(packed) % PACKED:
        raise ValueError("%d bytes of levels are no whole seconds" % len(packed))
    return unpack(t, packed)


def how_many(record):
    """How many Seconds are in a record, without a look at them; 0 in an event."""
    if record[0] == CODED_SECONDS:
        return (record[HEAD_BYTES] >> 4) + 1
    return (len(record) - HEAD_BYTES) // PACKED if record[0] == SECONDS else 0


def event(record):
    """(kind, fields) of a record of code EVENT. Raises ValueError where it is none."""
    try:
        kind, fields = json.loads(record[HEAD_BYTES:])
        fields.items()
    except (ValueError, TypeError, AttributeError):
        raise ValueError("not the JSON of an event") from None
    return kind, fields


def enveloped(previous, record, link=b"", follows=b""):
    """The message that carries a record.

    previous: the sequence of its boot before it; what lies between was given up, or the hub has
    it. 0: there is none. link: of the record, of a unit that makes a chain. follows: the link
    before it, where the record before it is not the one that was sent last.
    """
    version = LINKED_ANEW if follows else LINKED if link else ENVELOPE_VERSION
    return struct.pack(ENVELOPE, version, previous) + record + follows + link


def following(before, record, follows, link):
    """The message that carries a record after others. before: (boot, sequence, link) of the one
    sent last on this connection; zeros and b"" for none. follows, link: of the record, or b"".
    """
    _, boot, sequence, _ = head(record)
    previous = before[1]
    # What was thinned under way comes again from the oldest on.
    if before[0] != boot or previous >= sequence:
        previous = 0
    if previous and before[2] == follows:
        follows = b""
    return enveloped(previous, record, link, follows)


def opened(message):
    """What is in a message, as Opened. Raises ValueError for a version that is not ours."""
    if len(message) < ENVELOPE_BYTES:
        raise ValueError("%d bytes are no message" % len(message))
    version, number = struct.unpack_from(ENVELOPE, message)
    body = message[ENVELOPE_BYTES:]
    follows = link = None
    if version in (LINKED, LINKED_ANEW):
        body, link = body[:-LINK], body[-LINK:]
    if version == LINKED_ANEW:
        body, follows = body[:-LINK], body[-LINK:]
    if ENVELOPE_VERSION <= version <= LINKED_ANEW:
        return Opened(number, head(body).sequence, body, follows, link)
    if version == _OLDEST:
        return Opened(0, number, body, None, None)
    raise ValueError("envelope of version %d, known is %d" % (version, LINKED_ANEW))
