"""Frames of HJ 212: written, read, cut out of a stream, and split where they are too long. Pure.

HJ 212-2017 6.3 and HJ 212-2025 6.3: ## + length of the data segment, four decimal digits + data
segment + check, four hexadecimal digits + CR LF. Data segment:
QN=;ST=;CN=;PW=;MN=;Flag=;[PNUM=;PNO=;][RF=1;]CP=&&...&&
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from noisetamer.hub.forward.hj212 import cipher, crc

MOST_SEGMENT, MOST_AREA = 1024, 950
"""Bytes of a data segment, and of what stands between CP=&& and &&, both of plain text."""

ANSWER, NUMBERED = 1, 2
"""Bits of Flag: an answer is wanted; PNUM and PNO are there. Those above are the version."""

VERSIONS = {"2005": 0, "2017": 1, "2025": 2}

_HEAD, _TAIL = b"##", b"\r\n"
_LENGTH = len(_HEAD) + 4
_OVERHEAD = _LENGTH + 4 + len(_TAIL)
_AREA = re.compile(rb"(.*?)CP=&&(.*)&&", re.DOTALL)
# Of an encrypted area each byte takes five characters.
_MOST_WRITTEN = _OVERHEAD + MOST_SEGMENT + 4 * MOST_AREA + 8

Group = Sequence[tuple[str, str]]
"""The values of one factor: separated by commas. Groups are separated by semicolons."""


class Malformed(ValueError):  # noqa: N818
    """Why bytes are no frame, or a frame is none of HJ 212.

    code: the QnRtn that answers it, 0 where nothing may be answered: the check is wrong, or it
    cannot be known what it was. frame: as far as it could be read.
    """

    def __init__(self, what: str, code: int = 0, frame: "Frame | None" = None) -> None:
        super().__init__(what)
        self.code = code
        self.frame = frame


@dataclass(frozen=True)
class Frame:
    """One frame, by the standard's own names. area: what stands between CP=&& and &&, plain.

    number, of: PNO and PNUM, 0 where it is not one of several. backfilled: RF=1.
    """

    QN: str
    ST: str
    CN: str
    PW: str
    MN: str
    flag: int
    area: str = ""
    number: int = 0
    of: int = 0
    backfilled: bool = False

    @property
    def wants_answer(self) -> bool:
        return bool(self.flag & ANSWER)

    @property
    def version(self) -> str:
        """2005, 2017, 2025, or the number of one that is none of these."""
        number = self.flag >> 2
        return next((name for name, known in VERSIONS.items() if known == number), str(number))

    @property
    def segment(self) -> str:
        """The data segment, plain."""
        return f"{self._head()}CP=&&{self.area}&&"

    def groups(self) -> list[list[tuple[str, str]]]:
        """What stands in the area. Raises Malformed where something has no name."""
        return parsed_area(self.area)

    def values(self) -> dict[str, str]:
        """All names of the area with their values; of a name that comes twice the first."""
        found: dict[str, str] = {}
        for group in self.groups():
            for name, value in group:
                found.setdefault(name, value)
        return found

    def _head(self) -> str:
        head = f"QN={self.QN};" if self.QN else ""
        head += f"ST={self.ST};CN={self.CN};PW={self.PW};MN={self.MN};Flag={self.flag};"
        if self.of:
            head += f"PNUM={self.of};PNO={self.number};"
        return head + ("RF=1;" if self.backfilled else "")


def area(groups: Sequence[Group]) -> str:
    """The area of these groups."""
    return ";".join(",".join(f"{name}={value}" for name, value in group) for group in groups)


def parsed_area(text: str) -> list[list[tuple[str, str]]]:
    """The groups of an area. A blank after a separator, as the standard prints it once, and an
    empty group, as many devices end with, are nothing. Raises Malformed.
    """
    found = []
    for group in text.split(";"):
        values = []
        for item in group.split(","):
            name, equals, value = item.strip().partition("=")
            if equals and name:
                values.append((name, value))
            elif name:
                raise Malformed(f"has {name!r} without a value in CP")
        if values:
            found.append(values)
    return found


def write(
    frame: Frame, kind: str = "standard", key: bytes | None = None, plain_length: bool = True
) -> bytes:
    """The bytes of a frame. kind: of the check; key: of SM4, for an area that is encrypted.

    plain_length: the length of an encrypted frame is that of its plain text, as HJ 212-2025
    annex A.2 prints it; else that of what is sent, as its table 2 says. Raises ValueError where
    the frame is longer than one may be: `split` it.
    """
    segment = frame.segment.encode()
    room = len(frame.area.encode())
    if len(segment) > MOST_SEGMENT or room > MOST_AREA:
        raise ValueError(
            f"a data segment of {len(segment)} bytes with {room} of data: at most {MOST_SEGMENT} "
            f"and {MOST_AREA}"
        )
    check = crc.of(segment, kind)
    sent = segment
    if key is not None:
        sent = frame._head().encode() + b"CP=&&" + cipher.encrypt(frame.area.encode(), key) + b"&&"
    length = len(segment if plain_length else sent)
    return b"##%04d%s%s\r\n" % (length, sent, check.encode())


def read(data: bytes, kind: str = "standard", key: bytes | None = None) -> Frame:
    """The frame of exactly these bytes. Raises Malformed."""
    if len(data) < _OVERHEAD or data[:2] != _HEAD or data[-2:] != _TAIL:
        raise Malformed("is no ## ... CR LF")
    if not data[2:_LENGTH].isdigit():
        raise Malformed(f"has the length {data[2:_LENGTH]!r}, which is not four digits")
    sent, check = data[_LENGTH:-6], data[-6:-2].decode("ascii", "replace").upper()
    match = _AREA.fullmatch(sent)
    if match is None:
        raise Malformed("has no CP=&&...&&")
    head, written = match.groups()
    plain = written
    if cipher.is_encrypted(written):
        if key is None:
            raise Malformed("is encrypted, and there is no key for it")
        try:
            plain = cipher.decrypt(written, key)
        except ValueError as error:
            raise Malformed(f"has encrypted data that {error}") from None
    segment = b"%sCP=&&%s&&" % (head, plain)
    length = int(data[2:_LENGTH])
    if length not in (len(sent), len(segment)):
        raise Malformed(f"says {length} bytes of data segment and has {len(sent)}")
    _check(segment, check, kind, encrypted=plain is not written)
    if len(segment) > MOST_SEGMENT:
        raise Malformed(f"has a data segment of {len(segment)} bytes: at most {MOST_SEGMENT}")
    try:
        return _frame(head.decode(), plain.decode())
    except UnicodeDecodeError:
        raise Malformed("is not UTF-8 text") from None


def _check(segment: bytes, check: str, kind: str, encrypted: bool) -> None:
    right = crc.of(segment, kind)
    if check == right:
        return
    other = crc.other(kind)
    if check == crc.of(segment, other):
        raise Malformed(
            f"has the check {check}, right as crc = {other}, and {kind} is set here ({right})"
        )
    if encrypted:
        raise Malformed(f"has the check {check} and should have {right}, or the key is another")
    raise Malformed(f"has the check {check} and should have {right}")


def _frame(head: str, area: str) -> Frame:
    fields: dict[str, str] = {}
    for part in head.split(";"):
        name, equals, value = part.strip().partition("=")
        if not name:
            continue
        if not equals or name in fields:
            raise Malformed(f"has {name!r} without a value, or twice")
        fields[name] = value
    flag = fields.get("Flag", "0")
    QN, ST, CN, PW, MN = (fields.get(name, "") for name in ("QN", "ST", "CN", "PW", "MN"))
    bits = int(flag) if re.fullmatch(r"\d{1,3}", flag) else -1
    frame = Frame(QN, ST, CN, PW, MN, max(bits, 0), area)
    if not 0 <= bits <= 255:
        raise Malformed(f"has Flag={flag}, which is none of 0 to 255", 6, frame)
    if "PNUM" not in fields and "PNO" not in fields and "RF" not in fields and not bits & NUMBERED:
        return frame
    return replace(frame, **_numbers(fields, frame), backfilled=_backfilled(fields, frame))


def _numbers(fields: dict[str, str], frame: Frame) -> dict[str, int]:
    given = [fields[name] for name in ("PNUM", "PNO") if name in fields]
    if not frame.flag & NUMBERED:
        # Devices say PNUM=1;PNO=1 without the bit.
        if any(one.lstrip("0") not in ("", "1") for one in given):
            raise Malformed("has a packet number, and its Flag has none", 6, frame)
        return {}
    if len(given) != 2 or not all(re.fullmatch(r"\d{1,4}", one) for one in given):
        raise Malformed(
            "has a Flag with packet numbers, and PNUM and PNO are not both there", 6, frame
        )
    of, number = map(int, given)
    if not 1 <= number <= of:
        raise Malformed(f"has PNO={number}, which is not of PNUM={of}", 6, frame)
    return {"of": of, "number": number}


def _backfilled(fields: dict[str, str], frame: Frame) -> bool:
    if "RF" not in fields:
        return False
    if fields["RF"] != "1":
        raise Malformed(f"has RF={fields['RF']}: only RF=1 exists, or no RF", 6, frame)
    return True


class Stream:
    """Cuts frames out of bytes as they come; what is none is left out."""

    def __init__(self) -> None:
        self._held = b""
        self.left_out = 0
        """Bytes that were no part of a frame."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Each frame that is whole now, with ## and CR LF; it may be malformed all the same."""
        self._held += data
        while True:
            begin = self._held.find(_HEAD)
            if begin < 0:
                # The first half of the next ##.
                self._drop(len(self._held) - self._held.endswith(b"#"))
                return
            self._drop(begin)
            if len(self._held) < _LENGTH:
                return
            length = self._end()
            if length is None:
                return
            if not length:
                self._drop(1)
                continue
            whole, self._held = self._held[:length], self._held[length:]
            yield whole

    def _end(self) -> int | None:
        """Length of the frame that begins here; None: not known yet; 0: it is none."""
        held = self._held
        if not held[2:_LENGTH].isdigit():
            return 0
        length = int(held[2:_LENGTH]) + _OVERHEAD
        if len(held) < length:
            # Of an encrypted one the length may be that of its plain text, never more.
            if (end := self._line_end()) and end < length and b"##" in held[end:]:
                return 0
            return None
        if held[length - 2 : length] == _TAIL:
            return length
        if b"CP=&&{0" in held[:length].replace(b"X", b"x"):
            end = self._line_end()
            if end:
                return end
            return None if len(held) < _MOST_WRITTEN else 0
        return 0

    def _line_end(self) -> int:
        found = self._held.find(_TAIL, _LENGTH)
        return found + len(_TAIL) if found >= 0 else 0

    def _drop(self, count: int) -> None:
        self.left_out += count
        self._held = self._held[count:]


def split(frame: Frame) -> list[Frame]:
    """The frame, or as many as it takes, each with the time of the whole (PNUM, PNO).

    Groups stay whole. Raises ValueError where one alone is too long.
    """
    if fits(frame):
        return [frame]
    groups = frame.groups()
    common = [group for group in groups if group[0][0] == "DataTime"]
    rest = [group for group in groups if group[0][0] != "DataTime"]
    numbered = replace(frame, flag=frame.flag | NUMBERED, of=9999, number=9999)
    parts: list[list[Group]] = [[]]
    for group in rest:
        if not fits(replace(numbered, area=area([*common, *parts[-1], group]))):
            parts.append([])
        parts[-1].append(group)
        if not fits(replace(numbered, area=area([*common, *parts[-1]]))):
            raise ValueError(f"{group[0][0]}: is longer than one frame may be")
    return [
        replace(numbered, of=len(parts), number=number, area=area([*common, *part]))
        for number, part in enumerate(parts, 1)
    ]


def fits(frame: Frame) -> bool:
    """Whether one frame may be so long."""
    return len(frame.segment.encode()) <= MOST_SEGMENT and len(frame.area.encode()) <= MOST_AREA
