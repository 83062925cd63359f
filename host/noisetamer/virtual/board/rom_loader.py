"""The serial loader in the chip's ROM, and esptool's stub that replaces it.

Espressif's serial protocol (esptool documentation, "Serial Protocol"): a request is direction 0,
operation, size of data, checksum, data; a response is direction 1, operation, size, value, data
and a status. The stub itself is not run: that esptool loaded and started it makes the loader
answer as the stub does.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from enum import IntEnum

import numpy as np

from noisetamer.virtual.board.chips import VirtualChip
from noisetamer.virtual.board.flash_chip import FlashChip
from noisetamer.virtual.board.registers import Registers

_CHECKSUM_SEED = 0xEF


class _Op(IntEnum):
    FLASH_BEGIN = 0x02
    FLASH_DATA = 0x03
    FLASH_END = 0x04
    MEM_BEGIN = 0x05
    MEM_END = 0x06
    MEM_DATA = 0x07
    SYNC = 0x08
    WRITE_REG = 0x09
    READ_REG = 0x0A
    SPI_SET_PARAMS = 0x0B
    SPI_ATTACH = 0x0D
    READ_FLASH_SLOW = 0x0E
    CHANGE_BAUDRATE = 0x0F
    FLASH_DEFL_BEGIN = 0x10
    FLASH_DEFL_DATA = 0x11
    FLASH_DEFL_END = 0x12
    SPI_FLASH_MD5 = 0x13
    GET_SECURITY_INFO = 0x14
    ERASE_FLASH = 0xD0
    ERASE_REGION = 0xD1
    READ_FLASH = 0xD2


class _RefusedError(Exception):
    """The request fails, with this status."""

    def __init__(self, status: int):
        self.status = status


_INVALID, _FAILED, _BAD_CHECKSUM, _BAD_DEFLATE = 0x05, 0x06, 0x07, 0x0B

_ROM_VALUE = 0x20120707  # any but 0, by which esptool knows the stub


class RomLoader:
    """The loader from one reset to the next."""

    def __init__(self, chip: VirtualChip, flash: FlashChip, registers: Registers):
        self.runs_app = False  # a request made it leave for the app in flash
        self.written = 0  # bytes written to flash so far
        self.synchronised = False
        self._chip = chip
        self._flash = flash
        self._registers = registers
        self._stub = False
        self._at = 0
        self._inflate: zlib._Decompress | None = None
        self._reading: _Reading | None = None
        self._next_baud: int | None = None

    def handle(self, packet: bytes) -> Iterator[bytes]:
        """The packets that answer one."""
        if self._reading is not None and len(packet) == 4:
            yield from self._reading.acknowledge(packet)
            if self._reading.done:
                self._reading = None
            return
        if len(packet) < 8 or packet[0] != 0:
            return
        _, operation, size, checksum = struct.unpack_from("<BBHI", packet)
        data = packet[8 : 8 + size]
        try:
            value, answer = self._do(operation, data, checksum)
        except _RefusedError as refused:
            yield self._response(operation, 0, b"", refused.status)
            return
        except (ValueError, struct.error):
            yield self._response(operation, 0, b"", _FAILED)
            return
        for _ in range(8 if operation == _Op.SYNC else 1):
            yield self._response(operation, value, answer)
        if operation == _Op.MEM_END and not struct.unpack_from("<I", data)[0]:
            self._stub = True
            yield b"OHAI"
        elif operation == _Op.READ_FLASH:
            self._reading = _Reading(self._flash, *struct.unpack("<4I", data))
            yield from self._reading.more()

    def adopt_baud(self) -> None:
        """The new rate of CHANGE_BAUDRATE holds once its answer is out."""
        if self._next_baud is not None:
            self._registers.baud = self._next_baud
            self._next_baud = None

    def _response(self, operation: int, value: int, data: bytes, status: int = 0) -> bytes:
        data += bytes((bool(status), status)) + (b"" if self._stub else b"\0\0")
        return struct.pack("<BBHI", 1, operation, len(data), value) + data

    def _do(self, operation: int, data: bytes, checksum: int) -> tuple[int, bytes]:
        """Value and data of the response."""
        if operation in (_Op.FLASH_DATA, _Op.FLASH_DEFL_DATA, _Op.MEM_DATA):
            data = data[16:]
            if checksum != _CHECKSUM_SEED ^ _xor(data):
                raise _RefusedError(_BAD_CHECKSUM)
        value, answer = 0, b""
        match operation:
            case _Op.SYNC:
                self.synchronised = True
                value = 0 if self._stub else _ROM_VALUE
            case _Op.READ_REG:
                value = self._registers.read(*struct.unpack("<I", data))
            case _Op.WRITE_REG:
                for address, new, mask, _ in struct.iter_unpack("<4I", data):
                    self._registers.write(address, new, mask)
            case _Op.FLASH_BEGIN | _Op.FLASH_DEFL_BEGIN:
                size, _, _, self._at = struct.unpack_from("<4I", data)
                if size:
                    self._flash.erase(self._at, size)
                self._inflate = None
                if operation == _Op.FLASH_DEFL_BEGIN:
                    self._inflate = zlib.decompressobj()
            case _Op.FLASH_DATA:
                self._write(data)
            case _Op.FLASH_DEFL_DATA:
                self._write(self._inflated(data))
            case _Op.FLASH_END | _Op.FLASH_DEFL_END:
                self._leave(stay=_word(data) == 1)
            case _Op.SPI_FLASH_MD5:
                address, size, _, _ = struct.unpack("<4I", data)
                digest = hashlib.md5(self._flash.read(address, size))
                answer = digest.digest() if self._stub else digest.hexdigest().encode()
            case _Op.READ_FLASH_SLOW if not self._stub:
                address, size = struct.unpack("<2I", data)
                answer = self._flash.read(address, min(size, 64)).ljust(64, b"\0")
            case _Op.GET_SECURITY_INFO if self._chip.has_security_info:
                answer = struct.pack("<I8x2I", 0, self._chip.image_id, 0)
            case _Op.CHANGE_BAUDRATE:
                self._next_baud = _word(data)
            case _Op.ERASE_FLASH if self._stub:
                self._flash.erase(0, self._flash.size)
            case _Op.ERASE_REGION if self._stub:
                self._flash.erase(*struct.unpack("<2I", data))
            case _Op.MEM_BEGIN | _Op.MEM_DATA | _Op.MEM_END:
                pass
            case _Op.SPI_SET_PARAMS | _Op.SPI_ATTACH:
                pass
            case _Op.READ_FLASH if self._stub:
                pass
            case _:
                raise _RefusedError(_INVALID)
        return value, answer

    def _inflated(self, data: bytes) -> bytes:
        if self._inflate is None:
            raise _RefusedError(_INVALID)
        try:
            return self._inflate.decompress(data)
        except zlib.error:
            raise _RefusedError(_BAD_DEFLATE) from None

    def _write(self, data: bytes) -> None:
        self._flash.write(self._at, data)
        self._at += len(data)
        self.written += len(data)

    def _leave(self, *, stay: bool) -> None:
        """The end of a download: the stub stays or gives way to the ROM, the ROM runs the app."""
        if self._stub:
            self._stub = stay
        else:
            self.runs_app = True


class _Reading:
    """A read of the stub's: blocks go out while few enough wait to be acknowledged."""

    def __init__(self, flash: FlashChip, address: int, size: int, block: int, in_flight: int):
        self.done = False
        self._data = flash.read(address, size)
        self._block = block
        self._window = block * in_flight
        self._sent = 0
        self._acknowledged = 0

    def acknowledge(self, packet: bytes) -> Iterator[bytes]:
        """The host has so many bytes."""
        (self._acknowledged,) = struct.unpack("<I", packet)
        yield from self.more()

    def more(self) -> Iterator[bytes]:
        end = len(self._data)
        while self._sent < min(end, self._acknowledged + self._window):
            block = self._data[self._sent : self._sent + self._block]
            self._sent += len(block)
            yield block
        if self._acknowledged >= end and not self.done:
            self.done = True
            yield hashlib.md5(self._data).digest()


def _xor(data: bytes) -> int:
    return int(np.bitwise_xor.reduce(np.frombuffer(data, np.uint8), initial=0))


def _word(data: bytes) -> int:
    return struct.unpack_from("<I", data)[0]
