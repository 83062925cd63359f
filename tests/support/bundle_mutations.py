"""What can be done to an evidence bundle by somebody who has no key: seeded, one at a time.

Some touch a byte and nothing else; some make all hashes and the container anew, as a forger would.
Taking a stamp or a witness' line away for good is not among them: nothing says that there was one.
"""

import base64
import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator

from evidence_bundle import Bundle, Members, packed, rewritten

Change = Callable[[random.Random, Bundle, Bundle], tuple[str, bytes]]
"""(chance, bundle, another of other keys) -> (what was changed, the file)."""


def mutations(bundle: Bundle, other: Bundle, seed: int, n: int) -> Iterator[tuple[str, bytes]]:
    """n of them: what was done, and the file. other: of other keys, to take parts from."""
    chance = random.Random(seed)
    done = 0
    while done < n:
        change = chance.choices(CHANGES, WEIGHTS)[0]
        what, data = change(chance, bundle, other)
        if data != bundle.data:
            done += 1
            yield f"{change.__name__.strip('_')}: {what}", data


def _changed(chance: random.Random, data: bytes) -> tuple[str, bytes]:
    """One byte changed, put in, taken out, or repeated."""
    at = chance.randrange(len(data)) if data else 0
    new = bytes([chance.randrange(256)])
    match chance.randrange(8) if data else 5:
        case 0 | 1:
            bit = data[at] ^ 1 << chance.randrange(8)
            return f"bit at {at}", data[:at] + bytes([bit]) + data[at + 1 :]
        case 2 | 3 | 4:
            return f"byte at {at}", data[:at] + new + data[at + 1 :]
        case 5:
            return f"put in at {at}", data[:at] + new + data[at:]
        case 6:
            return f"taken out at {at}", data[:at] + data[at + 1 :]
        case _:
            return f"repeated at {at}", data[: at + 1] + data[at:]


def _byte(chance: random.Random, bundle: Bundle, _: Bundle) -> tuple[str, bytes]:
    return _changed(chance, bundle.data)


def _cut(chance: random.Random, bundle: Bundle, _: Bundle) -> tuple[str, bytes]:
    at = chance.randrange(bundle.data.index(b"evidence.json") + 13, len(bundle.data))
    return f"cut at {at}", bundle.data[:at]


def _appended(chance: random.Random, bundle: Bundle, _: Bundle) -> tuple[str, bytes]:
    return "more behind", bundle.data + chance.randbytes(chance.randrange(1, 40))


def _member(chance: random.Random) -> Callable[[Members], Members]:
    """Somebody who makes the sums alone anew, or the manifest too."""
    return chance.choice((dict, rewritten))


def _in_member(chance: random.Random, bundle: Bundle, _: Bundle) -> tuple[str, bytes]:
    name = chance.choice(sorted(bundle.members))
    what, data = _changed(chance, bundle.members[name])
    if name == "evidence.json":
        return f"{name} {what}", packed({**bundle.members, name: data})
    members = {**bundle.members, name: data}
    try:
        return f"{name} {what}", packed(_member(chance)(members))
    except ValueError:
        # bundle.json is no JSON any more
        return f"{name} {what}", packed(members)


def _records(chance: random.Random, bundle: Bundle, other: Bundle) -> tuple[str, bytes]:
    """Dropped, repeated, exchanged, foreign; the rest made anew."""
    names = [name for name in bundle.members if name.startswith("records/")]
    name = chance.choice(sorted(names))
    records = _split(bundle.members[name])
    at = chance.randrange(len(records))
    match chance.randrange(6):
        case 0:
            what, made = "dropped", records[:at] + records[at + 1 :]
        case 1:
            what, made = "repeated", [*records[: at + 1], *records[at:]]
        case 2:
            also = (at + chance.randrange(1, len(records))) % len(records)
            what, made = "exchanged", records[:]
            made[at], made[also] = made[also], made[at]
        case 3:
            of = chance.choice(sorted(names))
            foreign = chance.choice(_split(other.members[of]))
            what, made = "foreign", [*records[:at], foreign, *records[at + 1 :]]
        case 4:
            head = bytearray(records[at])
            struct.pack_into("<I", head, 9, struct.unpack_from("<I", head, 9)[0] + 1)
            what, made = "dated otherwise", [*records[:at], bytes(head), *records[at + 1 :]]
        case _:
            last = struct.unpack_from("<I", records[-1], 5)[0] + 1
            record = records[-1][:5] + struct.pack("<I", last) + records[-1][9:]
            what, made = "invented", [*records, record]
    data = b"".join(len(record).to_bytes(2) + record for record in made)
    members = {**bundle.members, name: data}
    return f"{name} {what}", packed(_member(chance)(members))


def _split(data: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2])
        found.append(data[at + 2 : end])
        at = end
    return found


def _members(chance: random.Random, bundle: Bundle, _: Bundle) -> tuple[str, bytes]:
    """Taken out, added, called otherwise, exchanged."""
    held = [name for name in bundle.members if not name.startswith("stamps/")]
    name = chance.choice(sorted(held))
    members = dict(bundle.members)
    match chance.randrange(4):
        case 0:
            what = f"without {name}"
            del members[name]
        case 1:
            what = chance.choice(ADDED)
            members[what] = b"more"
        case 2:
            what = f"{name} called otherwise"
            members[name + "x"] = members.pop(name)
        case _:
            also = chance.choice(sorted(held))
            what = f"{name} and {also} exchanged"
            members[name], members[also] = members[also], members[name]
    try:
        return what, packed(_member(chance)(members))
    except (KeyError, ValueError, TypeError):
        return what, packed(members)


def _twice(chance: random.Random, bundle: Bundle, _: Bundle) -> tuple[str, bytes]:
    """A member that is there twice, the second one another."""
    file = io.BytesIO(bundle.data)
    name = chance.choice(sorted(bundle.members))
    with zipfile.ZipFile(file, "a") as archive:
        # under another name, for zipfile warns; then by its own
        info = zipfile.ZipInfo("?" * len(name), (1980, 1, 1, 0, 0, 0))
        archive.writestr(info, bundle.members[name] + b"!")
    return f"{name} twice", file.getvalue().replace(b"?" * len(name), name.encode())


def _foreign(chance: random.Random, bundle: Bundle, other: Bundle) -> tuple[str, bytes]:
    """Parts of a bundle of other keys."""
    folders = sorted({name.split("/")[0] for name in bundle.members})
    some = set(chance.sample(folders, chance.randrange(1, 4)))
    members = {
        **{n: d for n, d in bundle.members.items() if n.split("/")[0] not in some},
        **{n: d for n, d in other.members.items() if n.split("/")[0] in some},
    }
    return f"{', '.join(sorted(some))} of another", packed(_member(chance)(members))


def _other_form(chance: random.Random, bundle: Bundle, _: Bundle) -> tuple[str, bytes]:
    """The same said with other bytes."""
    name = chance.choice([n for n in sorted(bundle.members) if not n.endswith((".jpg", ".bin"))])
    data = bundle.members[name]
    match chance.randrange(5):
        case 0:
            what, data = "lines that end with CR LF", data.replace(b"\n", b"\r\n")
        case 1:
            what, data = "a space", data.replace(b":", b": ", 1).replace(b",", b", ", 1)
        case 2:
            what, data = "a further newline", data + b"\n"
        case 3:
            what, data = "trailing bits", _trailing_bits(chance, data)
        case _:
            what, data = "without its mark", data.removeprefix(b"\xef\xbb\xbf")
    members = {**bundle.members, name: data}
    if name in ("evidence.json", "bundle.json"):
        return f"{name}: {what}", packed(members)
    return f"{name}: {what}", packed(_member(chance)(members))


def _trailing_bits(chance: random.Random, data: bytes) -> bytes:
    """Base64 of which the last letter says more than it should."""
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    lines = data.split(b"\n")
    padded = [i for i, line in enumerate(lines) if line.endswith(b"=")]
    if not padded:
        return data
    at = chance.choice(padded)
    end = lines[at].index(b"=", len(lines[at]) - 2) - 1
    last = letters[letters.index(lines[at][end]) | 1]
    made = lines[at][:end] + bytes([last]) + lines[at][end + 1 :]
    assert base64.b64decode(made.split(b" ")[-1]) == base64.b64decode(lines[at].split(b" ")[-1])
    lines[at] = made
    return b"\n".join(lines)


def _packed_anew(chance: random.Random, bundle: Bundle, _: Bundle) -> tuple[str, bytes]:
    """By another program: deflated, of another time, in another order, with a comment."""
    file = io.BytesIO()
    what = chance.choice(("deflated", "of another time", "in another order", "with a comment"))
    names = sorted([*bundle.members, "SHA256SUMS"])
    with zipfile.ZipFile(io.BytesIO(bundle.data)) as there, zipfile.ZipFile(file, "w") as archive:
        if what == "in another order":
            chance.shuffle(names)
        for name in names:
            date = (1980, 1, 1, 0, 0, 2) if what == "of another time" else (1980, 1, 1, 0, 0, 0)
            info = zipfile.ZipInfo(name, date)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            if what == "deflated":
                info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, there.read(name))
        if what == "with a comment":
            archive.comment = b"not mine"
    return what, file.getvalue()


ADDED = (
    *("extra.txt", "log/7777.json", "stamps/3.tsr", "records/X-1.bin", "consistency/5"),
    *(f"proofs/{10**17}.tlog-proof", f"stamps/{10**17}.tsr", "proofs/07.tlog-proof"),
)

CHANGES: tuple[Change, ...] = (
    *(_byte, _cut, _appended, _in_member, _records, _members, _twice, _foreign, _other_form),
    _packed_anew,
)
WEIGHTS = (30, 2, 2, 40, 16, 8, 2, 4, 8, 2)
