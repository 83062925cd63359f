"""The serial line between the USB bridge and the chip: baud rates, noise, delay, its end."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from noisetamer.virtual.board.faults import BoardFaults

_TOLERANCE = 0.03  # of a baud rate

_NEVER = 1 << 62

# Faults that end a line after so many bytes.
CUTS = ("drop", "hang-up")


class Transport(Protocol):
    """A host that has the port open."""

    def to_host(self, data: bytes) -> None:
        """Bytes the chip sent."""
        ...

    def hang_up(self) -> None:
        """The board is gone from the bus."""
        ...


@dataclass
class LineBytes:
    """How many went over a line, by direction, while a host had the port open."""

    from_host: int = 0
    to_host: int = 0

    @property
    def both(self) -> int:
        """Of both directions."""
        return self.from_host + self.to_host


class Uart:
    """One board's. `transport` is the host that has the port open, `host_baud` the rate it set;
    None where its transport knows no baud rate. `cut` is called when one of CUTS is due."""

    def __init__(
        self, faults: BoardFaults, seed: bytes, line: LineBytes, cut: Callable[[str], None]
    ):
        self.transport: Transport | None = None
        self.host_baud: int | None = None
        self._faults = faults
        self._noise = random.Random(seed)
        self._line = line
        self._cut = cut
        self._is_cut = False
        self._said = 0
        self._late: deque[bytes] = deque()

    def open(self, transport: Transport) -> None:
        """A host has opened the port."""
        self.transport = transport
        self.host_baud = None
        self._is_cut = False

    def from_host(self, data: bytes) -> bytes:
        """What of it comes through before the line ends."""
        data = self._till_cut(data)
        self._line.from_host += len(data)
        return data

    def to_host(self, data: bytes, baud: int) -> None:
        """What the chip says at a baud rate; lost while the port is closed."""
        if self.transport is None or "dead" in self._faults:
            return
        data = self._till_cut(self.received(data, baud))
        if self._said >= self._faults.value("garbage", _NEVER):
            data = self._noise.randbytes(len(data))
        self._said += len(data)
        self._line.to_host += len(data)
        if "slow" in self._faults:
            self._late.append(data)
            delay = self._faults.value("slow", 0) / 1000
            asyncio.get_running_loop().call_later(delay, self._to_host_late)
        else:
            self.transport.to_host(data)

    def received(self, data: bytes, baud: int) -> bytes:
        """What arrives when the chip works at a baud rate: noise, if the host has another."""
        if self.host_baud is None or abs(self.host_baud / baud - 1) < _TOLERANCE:
            return data
        return self._noise.randbytes(len(data))

    def _till_cut(self, data: bytes) -> bytes:
        if self._is_cut:
            return b""
        for name in CUTS:
            left = max(0, self._faults.value(name, _NEVER) - self._line.both)
            if left <= len(data):
                self._faults.mend(name)
                self._is_cut = True
                # Not at once: whoever speaks or hears is in the middle of it.
                asyncio.get_running_loop().call_soon(self._cut, name)
                return data[:left]
        return data

    def _to_host_late(self) -> None:
        data = self._late.popleft()
        if self.transport is not None:
            self.transport.to_host(data)
