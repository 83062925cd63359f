"""The rules of two public implementations of HJ 212, said anew: to hold ours against.

srdgame/lua-HJ212 (hj212/packet.lua, hj212/packet/data.lua, hj212/utils/crc.lua): HJ 212-2017.
Daidai52640/cems-data-pipeline (src/protocol/hj212/codec.py): HJ 212-2025.
"""

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Packet:
    """fields: names and values of the data segment in their order, without CP; area: of CP."""

    fields: tuple[tuple[str, str], ...]
    area: str

    def __getitem__(self, name: str) -> str | None:
        return dict(self.fields).get(name)


def check(data: bytes) -> str:
    """Bit by bit, as annex A's C code and crc.lua have it."""
    register = 0xFFFF
    for byte in data:
        register = _eight_bits((register >> 8) ^ byte)
    return f"{register:04X}"


@cache
def _eight_bits(register: int) -> int:
    for _ in range(8):
        low = register & 1
        register >>= 1
        if low:
            register ^= 0xA001
    return register


def lua_encode(segment: str) -> bytes:
    """packet.lua, encode_data."""
    data = segment.encode()
    return b"##" + b"%04d" % len(data) + data + check(data).encode() + b"\r\n"


def lua_parse(raw: bytes) -> Packet | None:
    """packet.lua, parse, and data.lua, decode; None where it takes the bytes for no packet."""
    begin = raw.find(b"##")
    if begin < 0 or len(raw) - begin < 6:
        return None
    try:
        length = int(raw[begin + 2 : begin + 6])
    except ValueError:
        return None
    if length + 12 > len(raw) - begin:
        return None
    data = raw[begin + 6 : begin + 6 + length]
    rest = raw[begin + 6 + length :]
    if rest[4:6] != b"\r\n" or rest[:4] != check(data).encode():
        return None
    found = re.match(r"(.*?)CP=&&(.*?)&&", data.decode(), re.DOTALL)
    if found is None:
        return None
    pairs = (one.partition("=") for one in found[1].split(";") if one)
    return Packet(tuple((name, value) for name, _, value in pairs), found[2])


def lua_version_and_answer(packet: Packet) -> tuple[int, bool]:
    flag = int(packet["Flag"] or 0)
    return flag >> 2, flag & 1 == 1


_LENGTHS = {"QN": 17, "ST": 2, "CN": 4, "MN": 24}


def cems_faults(packet: Packet) -> list[str]:
    """codec.py, Packet.__post_init__ and from_data_segment: what is wrong with a packet."""
    names = [name for name, _ in packet.fields]
    found = [
        f"{name} is missing"
        for name in ("QN", "ST", "CN", "PW", "MN", "Flag")
        if name not in names
    ]
    if found:
        return found
    found += [
        f"{name} has another length"
        for name, length in _LENGTHS.items()
        if len(packet[name] or "") != length
    ]
    found += [
        f"{name} is no number" for name in ("QN", "CN") if not (packet[name] or "").isdigit()
    ]
    if not 1 <= len(packet["PW"] or "") <= 6:
        found.append("PW has another length")
    if not re.fullmatch("[0-9A-Fa-f]+", packet["MN"] or ""):
        found.append("MN is not hexadecimal")
    flag = packet["Flag"] or ""
    if not flag.isdigit() or not 0 <= int(flag) <= 255:
        return [*found, "Flag is none"]
    numbered = "PNUM" in names, "PNO" in names
    if numbered[0] != numbered[1] or numbered[0] != bool(int(flag) & 2):
        found.append("PNUM, PNO and Flag disagree")
    if packet["RF"] not in (None, "1"):
        found.append("RF is not 1")
    if len(packet.area) > 950:
        found.append("CP is too long")
    return found
