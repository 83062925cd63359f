"""A frame taken apart, each part with what it means, for people. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from noisetamer.hub.forward.hj212 import cipher, codes, crc, frame
from noisetamer.hub.forward.hj212.frame import ANSWER, NUMBERED, Frame
from noisetamer.hub.forward.hj212.settings import STANDARD_MN

_TIMES = ("DataTime", "SystemTime", "RestartTime", "BeginTime", "EndTime")


@dataclass(frozen=True)
class Part:
    """name: as in the frame; written: as it stands there; meaning: in words."""

    name: str
    written: str
    meaning: str


def parts(data: bytes, kind: str = "standard", key: bytes | None = None) -> Iterator[Part]:
    """Of a frame, in their order. Raises Malformed."""
    one = frame.read(data, kind, key)
    length = data[2:6].decode()
    yield Part("##", "##", "head")
    sent = len(data) - 12
    of = "data segment" if int(length) == sent else f"data segment in plain text; {sent} are sent"
    yield Part("length", length, f"{int(length)} bytes of {of}")
    for name, value in (("QN", one.QN), ("ST", one.ST), ("CN", one.CN), ("PW", one.PW)):
        if value or name != "QN":
            yield Part(name, value, _head(name, value))
    yield Part("MN", one.MN, codes.FIELDS["MN"] + _mn(one.MN))
    yield Part("Flag", str(one.flag), _flag(one))
    if one.of:
        yield Part("PNUM", str(one.of), codes.FIELDS["PNUM"])
        yield Part("PNO", str(one.number), codes.FIELDS["PNO"])
    if one.backfilled:
        yield Part("RF", "1", codes.FIELDS["RF"])
    if cipher.is_encrypted(data.partition(b"CP=&&")[2]):
        yield Part("CP", "{0x..}", "encrypted by SM4 in blocks of 16; below in plain text")
    for group in one.groups():
        for name, value in group:
            yield Part(name, value, _value(name, value))
    check = data[-6:-2].decode()
    yield Part(
        "check",
        check,
        f"crc = {kind}, right" if check == crc.of(one.segment.encode(), kind) else f"crc = {kind}",
    )
    yield Part("CR LF", r"\r\n", "tail")


def _head(name: str, value: str) -> str:
    known = {"ST": codes.SYSTEMS, "CN": codes.COMMANDS}.get(name)
    if known is not None:
        return known.get(value, "not known here")
    if name == "QN":
        return f"{codes.FIELDS['QN']}: {_time(value[:14])}.{value[14:]}"
    return codes.FIELDS[name]


def _mn(mn: str) -> str:
    return "" if STANDARD_MN.fullmatch(mn) else "; not 24 of 0-9 and A-F, as the standard says"


def _flag(one: Frame) -> str:
    answer = "an answer is wanted" if one.flag & ANSWER else "no answer is wanted"
    numbers = "packet numbers" if one.flag & NUMBERED else "no packet numbers"
    return f"{one.flag:08b}: version {one.version}, {numbers}, {answer}"


def _value(name: str, value: str) -> str:
    if name in _TIMES:
        return f"{codes.FIELDS[name]}: {_time(value)}"
    if name in ("QnRtn", "ExeRtn") and value.isdigit():
        known = codes.QN_RETURNS if name == "QnRtn" else codes.EXE_RETURNS
        return f"{codes.FIELDS[name]}: {known.get(int(value), 'not known here')}"
    if name in codes.FIELDS:
        return codes.FIELDS[name]
    code, _, suffix = name.partition("-")
    if suffix == "Flag":
        return f"{code} is marked: {codes.MARKS.get(value, 'not known here')}"
    if code in codes.FACTORS and suffix in codes.KINDS_OF_VALUE:
        return f"{codes.FACTORS[code]}, {codes.KINDS_OF_VALUE[suffix]}, dB"
    return ", ".join(filter(None, (codes.KINDS_OF_VALUE.get(suffix, ""), "not a factor of noise")))


def _time(text: str) -> str:
    if len(text) != 14 or not text.isdigit():
        return f"{text}, no YYYYMMDDhhmmss"
    return f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:10]}:{text[10:12]}:{text[12:]}"
