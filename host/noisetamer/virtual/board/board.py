"""A virtual board: one real port per board, its flash in a folder."""

import asyncio
import errno
import hashlib
import os
import socket
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Self, TypeVar

from serial.tools.list_ports_common import ListPortInfo

from noisetamer.base.errors import UserError
from noisetamer.unit.boards.board_file import BoardFile
from noisetamer.virtual.board import chips
from noisetamer.virtual.board.bench import Bench
from noisetamer.virtual.board.faults import BoardFaults
from noisetamer.virtual.board.flash_chip import FlashChip
from noisetamer.virtual.board.registers import parse_mac
from noisetamer.virtual.board.sound import Sound

try:
    from noisetamer.virtual.board import transports
    from noisetamer.virtual.board.port import Port
    from noisetamer.virtual.board.uart import LineBytes, Transport
except ImportError as missing:  # no pseudo-terminals
    raise UserError(f"virtual boards need Linux or macOS, not {os.name} ({missing}).") from None

T = TypeVar("T")

_TRANSPORTS = {
    "board": transports.Framed,
    "rfc2217": transports.Rfc2217,
    "socket": transports.Socket,
}

# The USB bridge of most modules: Silicon Labs' CP2102N.
_VENDOR, _PRODUCT = 0x10C4, 0xEA60

_FOR_PROGRAMS = Path(__file__).parent / "for_programs"


class VirtualBoard:
    """A board on a cable, from `with` to its end; unplug it and plug it in as you like.

    `folder` keeps its flash from one life to the next. `chip` is one of chips.CHIPS, `mac` six
    bytes as "24:0a:c4:..." (made from the folder's name if None). `flash_MB`, `psram_MB`: as a
    board file has them (as the chip's usual module if None). `faults`: see faults.KINDS.
    `sound`: what its microphone hears, see sound.py; a quiet room if None.
    `speed`: how much faster than real time its clock and its microphone run.

    `faults` and `sound` may be changed at any time. `pins` and `pixels` are what the firmware
    last drove, `line` tells how many bytes went over its line. Raises UserError for an unknown
    chip or fault.
    """

    def __init__(
        self,
        chip: str = "esp32s3",
        folder: Path = Path(),
        *,
        mac: str | None = None,
        flash_MB: int | None = None,
        psram_MB: int | None = None,
        faults: tuple[str, ...] = (),
        sound: Sound | None = None,
        speed: float = 1.0,
    ):
        self.faults = BoardFaults(faults)
        self.chip = chips.named(self.faults.chip(chips.named(chip).name))
        self.mac = mac or _usual_mac(folder)
        self.plugged = False
        self.line = LineBytes()
        self._speed = speed
        # Its interpreter lives in another folder of the host.
        self._folder = folder.resolve()
        self._flash_MB = self.chip.flash_MB if flash_MB is None else flash_MB
        self._psram_MB = self.chip.psram_MB if psram_MB is None else psram_MB
        self._addresses = {scheme: _reserve() for scheme in _TRANSPORTS}
        self._servers: list[asyncio.Server] = []
        self._port: Port | None = None
        self._pty: transports.Pseudoterminal | None = None
        seed = int.from_bytes(parse_mac(self.mac), "big")
        self._bench = Bench(sound, seed, self.faults)

    @classmethod
    def of(cls, made_as: BoardFile, folder: Path, **how: Any) -> Self:
        """One of such boards. how: as of the constructor."""
        sizes = {"flash_MB": made_as.flash_MB, "psram_MB": made_as.psram_MB}
        return cls(made_as.chip, folder, **sizes, **how)

    def __enter__(self) -> "VirtualBoard":
        self._folder.mkdir(parents=True, exist_ok=True)
        self.flash = FlashChip(self._folder / "flash", self._flash_MB << 20, self.faults)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.flash.close()
        for reserved in self._addresses.values():
            reserved.close()

    @property
    def url(self) -> str:
        """For pyserial where noisetamer.virtual.board is imported, and for any program
        started with `environment`: with DTR, RTS and baud rate, and fast."""
        return self._url("board")

    @property
    def rfc2217_url(self) -> str:
        """For any program with pyserial: with DTR, RTS and baud rate. pyserial's side is slow:
        it sleeps 50 ms twice for each change of a timeout, and esptool changes it all the time."""
        return self._url("rfc2217")

    @property
    def socket_url(self) -> str:
        """For any program with pyserial: fast, without DTR, RTS and baud rate. The loader then
        needs the boot button: `plug(boot_button=True)`."""
        return self._url("socket")

    def pty(self) -> str:
        """Path of a device file, in other respects as `socket_url`; the port is then open."""
        return self._call(self._open_pty())

    @property
    def info(self) -> ListPortInfo:
        """The port as pyserial's list_ports would list it."""
        info = ListPortInfo(self.url, skip_link_detection=True)
        info.name = info.description = "CP2102N USB to UART Bridge Controller"
        info.vid, info.pid = _VENDOR, _PRODUCT
        info.serial_number = self.mac.replace(":", "")
        return info

    @property
    def sound(self) -> Sound | None:
        """What its microphone hears; None: a quiet room."""
        return self._bench.sound

    @sound.setter
    def sound(self, sound: Sound | None) -> None:
        self._bench.sound = sound

    @property
    def pins(self) -> dict[int, int]:
        """GPIO -> level that the firmware last set."""
        return dict(self._bench.pins)

    @property
    def pixels(self) -> bytes:
        """As sent to the chain of LEDs: green, red, blue each."""
        return self._bench.pixels

    @property
    def seconds(self) -> float:
        """Its clock when it last did something, s since its interpreter began."""
        return self._bench.us / 1e6

    def environment(self) -> dict[str, str]:
        """For a child process: unmodified programs that use pyserial open `url` in it."""
        path = os.environ.get("PYTHONPATH")
        return os.environ | {
            "PYTHONPATH": os.pathsep.join([str(_FOR_PROGRAMS), *([path] if path else [])])
        }

    def plug(self, *, boot_button: bool = False) -> None:
        """Give it power, with its boot button held or not."""
        if not self.plugged:
            self._call(self._plug(boot_button))

    def unplug(self) -> None:
        """Pull the cable: the port vanishes, whatever it was doing stops in the middle."""
        self._call(self._unplug())

    def refusal(self) -> int:
        """Why the port cannot be opened now, as an errno; 0 if it can."""
        if "permission" in self.faults:
            return errno.EACCES
        busy = "busy" in self.faults or (
            self._port is not None and self._port.uart.transport is not None
        )
        return errno.EBUSY if busy else 0

    def opened(self, transport: Transport) -> Port:
        """A transport's: the host has opened the port."""
        assert self._port is not None
        self._port.uart.open(transport)
        return self._port

    def closed(self, transport: Transport) -> None:
        """A transport's: the host has closed the port."""
        if self._port is not None and self._port.uart.transport is transport:
            self._port.uart.transport = None
            self._port.lines(False, False)

    def _url(self, scheme: str) -> str:
        return f"{scheme}://127.0.0.1:{self._addresses[scheme].getsockname()[1]}"

    async def _plug(self, boot_button: bool) -> None:
        self.plugged = True
        self._port = Port(
            self.chip,
            parse_mac(self.mac),
            self.flash,
            self.faults,
            self._bench,
            psram_MB=0 if "no-psram" in self.faults else self._psram_MB,
            speed=self._speed,
            retained=self._folder / "retained",
            line=self.line,
            cut=self._cut,
        )
        self._port.power_on(download=boot_button)
        for scheme, transport in _TRANSPORTS.items():
            listening = _listen(self._addresses[scheme])
            server = await self._loop.create_server(
                lambda make=transport: make(self), sock=listening
            )
            self._servers.append(server)

    async def _unplug(self) -> None:
        self._vanish()

    def _cut(self, fault: str) -> None:
        """The host alone is gone, or the cable is pulled."""
        if fault != "hang-up":
            self._vanish()
            return
        transport = self._port and self._port.uart.transport
        if transport is not None:
            transport.hang_up()
            self.closed(transport)

    def _vanish(self) -> None:
        self.plugged = False
        for server in self._servers:
            server.close()
        self._servers.clear()
        if self._port is not None:
            if self._port.uart.transport is not None:
                self._port.uart.transport.hang_up()
            self._port.power_off()
            self._port = None
        self._pty = None

    async def _open_pty(self) -> str:
        if self._pty is None:
            self._pty = transports.Pseudoterminal(self)
        return self._pty.path

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _usual_mac(folder: Path) -> str:
    digest = hashlib.sha256(folder.resolve().name.encode()).digest()
    return "24:0a:c4:" + digest[:3].hex(":")


def _reserve() -> socket.socket:
    """A port of the machine's that stays ours while the board is unplugged."""
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reserved.bind(("127.0.0.1", 0))
    return reserved


def _listen(reserved: socket.socket) -> socket.socket:
    # Named as TCP, so that asyncio does not let small answers wait (TCP_NODELAY).
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(reserved.getsockname())
    return listening
