"""The check of a frame: HJ 212's own, and Modbus's, which many receivers take in its place. Pure.

HJ 212 shifts the register before a byte is put to it and so throws half of it away: whatever
came before is worth one byte, and only 256 of the 65,536 values ever come. An error that it should
find passes once in 256 times. It is what the standard says, so it is what we send.
"""

from noisetamer.base.errors import UserError

KINDS = ("standard", "modbus")
"""HJ 212-2017, HJ 212-2025 annex A.1; CRC-16/MODBUS, as receivers of another reading have it."""

_POLYNOMIAL = 0xA001


def _turned(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = [_turned(byte) for byte in range(256)]


def of(data: bytes, kind: str = "standard") -> str:
    """Four upper-case hexadecimal digits, high byte first."""
    register = 0xFFFF
    if kind == "standard":
        for byte in data:
            register = _TABLE[register >> 8 ^ byte]
    elif kind == "modbus":
        for byte in data:
            register = register >> 8 ^ _TABLE[(register ^ byte) & 0xFF]
    else:
        raise UserError(f"crc {kind}: give one of {', '.join(KINDS)}")
    return f"{register:04X}"


def other(kind: str) -> str:
    """The kind that this one is taken for."""
    return KINDS[1 - KINDS.index(kind)]
