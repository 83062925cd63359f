"""The reference of the wire, made from its tables: `python -m noisetamer.hub.wire_reference`.

Writes firmware/tamer/record/WIRE.md anew.
"""

import struct
from collections.abc import Iterable, Sequence

from noisetamer.base.paths import FIRMWARE
from noisetamer.hub.wire_checks import LONGEST_BATCH
from tamer.record import encoding, events, fields, messages, orders, reading, seal

PAGE = FIRMWARE / "tamer" / "record" / "WIRE.md"

_TYPES = {"B": "uint8", "H": "uint16", "I": "uint32", "h": "int16"}


def page() -> str:
    """WIRE.md as the tables have it."""
    parts = [_BEGIN, *_topics(), *_bytes(), *_events(), *_json(), *_commands(), *_orders()]
    return "\n".join(parts) + "\n"


_BEGIN = """# The wire

What a unit and its hub say to each other. Made by `python -m noisetamer.hub.wire_reference` from
`events.py`, `fields.py`, `orders.py`, `encoding.py` and `messages.py`: change those, not this
page.

MQTT 3.1.1 over TLS. Levels are whole numbers of 0.1 dB re 20 uPa; where nothing was heard they are
-32768 (MISSING). Times are Unix time in whole seconds, of the unit's own clock; one below
1,000,000,000 is undated: seconds since the start of its boot, of a unit that did not know the time
yet. The event `clock` of that boot, once it is known, says when the boot's second 0 was. A kind or
field that the hub does not know is stored as it is.

Types: *integer*; *level*, an integer or MISSING; *boolean*; *choice*, one of these words; *name*,
printable text; *sentence*, text for people; *integers*, *levels*, *texts*, lists of them;
*faults*, an object of names, each with what is wrong with it.
"""


_RECORD = """A record is named for ever by its boot and sequence, and its bytes never change: they
are the same in the unit's journal, on the wire and in the hub's store. What may differ each time
it is sent is in the envelope before them. All numbers are little-endian.

The five bytes of the envelope and the head stay where they are in every version to come: a hub
that cannot read a record can still name it, keep it, and acknowledge it.
"""


_CHAIN = f"""A unit with a chain key makes a link of {seal.LINK} bytes of every record, in the
order they are made and across all its boots: the first {seal.LINK} of HMAC-SHA256 over the link
before and the record's bytes. The first record of all follows the same of `chain of <unit>`. The
key is the text of the secret, 43 characters.

Version {encoding.LINKED} of the envelope tells a record's link; it follows that of `previous`,
which is not 0 then. Version {encoding.LINKED_ANEW} tells the one it follows too, where that is
another or was not sent before it on this connection. A record that comes again has the same
links.

What it follows may never come: it was thinned or lost, which an event of that kind tells, sooner
or later. After a record that the flash spoilt (*unreadable*) the next in its sector follows the
same HMAC over the link before that record and nothing. A box whose memory is empty or gone
begins with the first link again.

A new key is put into the chip's memory (NVS `tamer`) as `chain_new`, beside `chain`. At its next
start the box makes the event `rekeyed`, chained by `chain` still, keeps that as `chain_old`, to
read what its journal has by it, and puts the new one in its place. The next record follows the
link of `rekeyed`, by the new key. `chain_new` stays and is the same as `chain` then. A cut at
any of these steps is made up for at the next start. (`hub.chain` of `settings.json` goes before
all of that: such a box is re-keyed there, and begins with the first link.)

`seal.py` beside this page makes links, fingerprints and MACs; hub and box use the same.
"""


def _topics() -> Iterable[str]:
    yield "## Topics\n"
    rows = [
        (messages.RECORD, "1", "an envelope and a record"),
        (messages.STATUS, "1, retained", "JSON, also the last will"),
        (messages.NOW, "0", "JSON"),
        (messages.WANT, "0", "JSON"),
        *((f"cmd/%s/{name}", "0", "JSON, from the hub") for name in fields.COMMANDS),
        (messages.ORDER, "0", "JSON with a MAC, from the hub"),
        (messages.PART, "0", "number of an order, which part, and its bytes, from the hub"),
    ]
    yield _table(
        ("topic", "QoS", "payload"),
        [(f"`{topic % '<unit>'}`", qos, payload) for topic, qos, payload in rows],
    )


def _bytes() -> Iterable[str]:
    yield "## Envelope and record\n"
    yield _RECORD
    envelope = (
        (
            "version",
            f"{encoding.ENVELOPE_VERSION}; {encoding.LINKED}: the record's link comes after it; "
            f"{encoding.LINKED_ANEW}: the link that it follows, and its own",
        ),
        (
            "previous",
            "sequence of this boot that was sent before this record, 0 if none: what lies between "
            "is gone for ever, or acknowledged",
        ),
    )
    yield "Envelope:\n"
    yield _layout(encoding.ENVELOPE, envelope)
    yield "Head of every record:\n"
    head = (
        (
            "code",
            f"of what follows: {encoding.SECONDS} Seconds, {encoding.EVENT} an event, "
            f"{encoding.CODED_SECONDS} Seconds in fewer bytes",
        ),
        ("boot", "how often the unit has started"),
        ("sequence", "of the record in this boot, from 1 on"),
        ("t", "of Seconds, the start of the first; of an event, when it happened"),
    )
    yield _layout(encoding.HEAD, head)
    yield (
        f"After the head of a record of code {encoding.SECONDS}, 1 to {LONGEST_BATCH} consecutive "
        "seconds, "
        f"{reading.PACKED} bytes each:\n"
    )
    levels = [(name, _meaning("second", name)) for name in reading.Second._fields[1:]]
    yield _layout(reading.FORMAT, levels)
    reasons = ", ".join(f"{i} {reason}" for i, reason in enumerate(reading.REASONS))
    yield f"The low four bits of `flags`: {reasons}.\n"
    yield (
        f"After the head of a record of code {encoding.CODED_SECONDS}, the same seconds as "
        "`level_code.py` beside this page codes them.\n"
    )
    yield "After the head of an event, JSON: `[kind, {field: value}]`.\n"
    yield "## Chain\n"
    yield _CHAIN


def _events() -> Iterable[str]:
    yield "## Kinds of event\n"
    for kind, names in events.KINDS.items():
        yield f"### `{kind}`: {fields.MEANINGS[kind]}\n"
        yield _fields(kind, names)


def _json() -> Iterable[str]:
    yield "## Status, live number, and what the box is ready for\n"
    for kind, names in fields.REPORTS.items():
        yield f"### `{kind}`: {fields.MEANINGS[kind]}\n"
        yield _fields(kind, names)


def _commands() -> Iterable[str]:
    yield "## Commands\n"
    yield (
        "Each at most once: whoever needs it to arrive repeats it until the reports show that it "
        "did. The last member of `ack` is `mac`, as that of an order (below), over `ack of "
        "<unit>`, a newline and what stands before it; a unit that has its command key takes no "
        "other.\n"
    )
    for kind, names in fields.COMMANDS.items():
        yield f"### `{kind}`: {fields.MEANINGS[kind]}\n"
        yield _fields(kind, names) if names else "`{}`\n"


def _orders() -> Iterable[str]:
    yield "## Orders\n"
    yield _ORDERS
    yield _fields("an order", fields.ORDER)
    yield "A part:\n"
    head = (("n", "number of the order"), ("part", "which, from 0 on; its bytes follow"))
    yield _layout(orders.PART_HEAD, head)
    for verb, names in orders.VERBS.items():
        yield f"### Order `{verb}`: {fields.VERB_MEANINGS[verb]}\n"
        yield _fields(f"order {verb}", names) if names else "No field of its own.\n"


_ORDERS = f"""What people have a box do. The hub signs for one box, with the box's command key; the
event `order` tells what became of it, within seconds. `{messages.ORDER % "<unit>"}` is JSON whose
last member is `mac`, written without spaces around it:

    {{"n":7,"until":1795431600,"verb":"say","message":"polite_zh","mac":"9f...c4"}}

The MAC is HMAC-SHA256, in 64 small hex digits, over `order of <unit>`, a newline, and the bytes of
the message before `,"mac":`, as they were sent: no other form of the same JSON is meant. The key
is the text of the secret, 43 characters. At most {orders.MOST_BYTES} bytes; text is UTF-8, not
`\\u` escapes. `orders.py` beside this page signs and opens; hub and box use the same.

A box obeys if the MAC is right (else *forged*), `n` is higher than any before (*number*), it knows
the time (*clock*), that is not past `until` (*late*), `until` is at most {orders.MOST_AHEAD} s
away (*early*), it knows the verb, and each field is there and in range, and no other (*fields*).
The number counts as used from the right MAC on, whatever becomes of the order, before anything is
done and through restarts. Times are the box's own: of one whose clock is wrong, its reports say
what it shows. Of *forged* and *number* the first is told, then at most one in ten minutes, with
`times`. An order may be repeated, the same bytes, until its first event has come.

Results: *taken*, its parts are wanted or it waits for its turn; *begun*, words sound; *done*;
*refused*, with `why`. Each order ends with *done* or *refused*; those that hold for a while are
*done* when they hold, with `until`. One that has not begun at its `until` is refused as *late*. Of
*say* and *play* one sounds, one may wait, and the next is *busy*. A *policy* is *done* when the
box has lived by it for a while, some half a minute after its restart, with its hash as `detail`.

What belongs to an order (`size`, `sha256`) comes in parts of {orders.PART} bytes, the last of what
is left, on `{messages.PART % "<unit>"}`. On `{messages.WANT % "<unit>"}` the box asks for `part`
and what follows: send those up to `part` + {orders.WINDOW - 1} that were not sent yet, in their
order; and all from `part` on, where it asks for the same one again, as it does when nothing comes
and after a new connection. What is not whole at `until`, or when the box starts again, is refused
as *cut*. While parts of one order come, others that have parts are refused as *busy*.
"""


def _fields(kind: str, names: Sequence[str]) -> str:
    optional = (*fields.OPTIONAL.get(kind, ()), "policy")
    rows = []
    for name in names:
        field = fields.field(kind, name)
        lacks = "yes" if name in optional else ""
        rows.append((f"`{name}`", field.type, field.unit, _range(field), lacks, field.meaning))
    return _table(("field", "type", "unit", "range", "may be missing", ""), rows)


def _range(field: fields.Field) -> str:
    if not field.range:
        return ""
    if field.type == fields.CHOICE:
        return ", ".join(field.range)
    least, most = field.range
    what = {fields.NAME: " characters", fields.SENTENCE: " characters"}.get(field.type, "")
    if field.type in (fields.INTEGERS, fields.LEVELS, fields.TEXTS, fields.FAULTS):
        what = " of them"
    return f"{least} to {most}{what}" if least != most else f"{least}{what}"


def _meaning(kind: str, name: str) -> str:
    field = fields.field(kind, name)
    unit = f", {field.unit}" if field.unit else ""
    return f"{field.meaning}{unit}"


def _layout(form: str, rows: Sequence[tuple[str, str]]) -> str:
    """Of a struct's format, whose members are described by rows."""
    at, found = 0, []
    for code, (name, meaning) in zip(form[1:], rows, strict=True):
        found.append((str(at), f"`{name}`", _TYPES[code], meaning))
        at += struct.calcsize(form[0] + code)
    return _table(("byte", "name", "type", ""), found)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    print(f"{PAGE} is written")
