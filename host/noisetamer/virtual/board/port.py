"""One board behind its USB bridge: DTR and RTS choose the loader or MicroPython.

Everything here runs in the board's event loop.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from noisetamer.virtual import pipe
from noisetamer.virtual.board import bootloader, slip
from noisetamer.virtual.board.bench import Bench
from noisetamer.virtual.board.chips import VirtualChip
from noisetamer.virtual.board.faults import BoardFaults
from noisetamer.virtual.board.flash_chip import FlashChip
from noisetamer.virtual.board.interpreter import Interpreter
from noisetamer.virtual.board.registers import Registers
from noisetamer.virtual.board.rom_loader import RomLoader
from noisetamer.virtual.board.uart import LineBytes, Uart
from noisetamer.virtual.firmware_process import HEAP, PSRAM_HEAP, ResetCause

_CONSOLE_BAUD = 115200

# After a failed start or a panic the chip is silent so long, s.
_BOOT_PAUSE = 0.4

_MICROPYTHON = (1, 29, 0, "")


class Port:
    """A board with power. `cut` is called with the fault that ends its line (uart.CUTS)."""

    def __init__(
        self,
        chip: VirtualChip,
        mac: bytes,
        flash: FlashChip,
        faults: BoardFaults,
        bench: Bench,
        *,
        psram_MB: int,
        speed: float,
        retained: Path,
        line: LineBytes,
        cut: Callable[[str], None],
    ):
        self.uart = Uart(faults, mac, line, cut)
        self._chip = chip
        self._mac = mac
        self._flash = flash
        self._faults = faults
        self._bench = bench
        self._psram_MB = psram_MB
        self._speed = speed
        self._retained = retained
        self._cut = cut
        self._loop = asyncio.get_running_loop()
        self._registers = Registers(chip, mac, flash.jedec_id, psram_MB)
        self._packets = slip.Decoder()
        self._loader: RomLoader | None = None
        self._interpreter: Interpreter | None = None
        self._life = object()  # of the interpreter that runs now
        self._firmware: bootloader.Firmware | None = None
        self._again: asyncio.TimerHandle | None = None
        self._held = False
        self._typed = 0

    def power_on(self, *, download: bool) -> None:
        """The chip starts afresh, its clock and the memory beside it too."""
        self._bench.forget_clock()
        self._retained.write_bytes(b"")
        self._boot(self._chip.power_on, ResetCause.POWER_ON, download=download)

    def power_off(self) -> None:
        """The cable is pulled: whatever runs stops in the middle."""
        self._stop()

    def lines(self, dtr: bool, rts: bool) -> None:
        """The usual two transistors: RTS without DTR holds the chip in reset, and DTR as it is
        let go chooses the loader in ROM."""
        if rts and not dtr:
            self._held = True
            self._stop()
        elif self._held and not rts:
            self._held = False
            self.power_on(download=dtr)

    def from_host(self, data: bytes) -> None:
        """Bytes the host wrote."""
        data = self.uart.from_host(data)
        if self._held or "dead" in self._faults:
            return
        if self._loader is not None:
            self._to_loader(data)
        elif self._interpreter is not None:
            self._to_interpreter(data)

    def _stop(self) -> None:
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if self._interpreter is not None:
            self._interpreter.kill()
            self._interpreter = None
            self._bench.disconnect()
        self._loader = None

    def _boot(self, reset: str, cause: ResetCause, *, download: bool) -> None:
        self._stop()
        self._registers = Registers(self._chip, self._mac, self._flash.jedec_id, self._psram_MB)
        mode = self._chip.download_mode if download else self._chip.flash_mode
        self._say(f"{self._chip.banner}{reset},{mode}\r\n".encode())
        if download:
            self._packets = slip.Decoder()
            self._loader = RomLoader(self._chip, self._flash, self._registers)
            self._say(b"waiting for download\r\n")
            return
        try:
            self._firmware = bootloader.firmware(self._chip, self._flash)
        except bootloader.NoBootError as why:
            self._say(str(why).encode())
            self._boot_again(self._chip.watchdog, cause)
            return
        self._say(f"entry 0x{self._chip.dram:08x}\r\n".encode())
        self._start(cause, raw=False)

    def _boot_again(self, reset: str, cause: ResetCause) -> None:
        self._again = self._loop.call_later(
            _BOOT_PAUSE, lambda: self._boot(reset, cause, download=False)
        )

    def _start(self, cause: ResetCause, *, raw: bool) -> None:
        firmware = self._firmware
        assert firmware is not None
        facts = {
            "flash": str(self._flash.path),
            "nvs": (firmware.nvs.at, firmware.nvs.size),
            "file_system": (firmware.file_system.at, firmware.file_system.size),
            "journal": firmware.journal and (firmware.journal.at, firmware.journal.size),
            "psram": self._psram_MB << 20,
            "room": self._faults.value("full", firmware.file_system.size),
            "firmware": firmware.version,
            "version": _version(firmware.version),
            "date": firmware.date,
            "retained": str(self._retained),
            "module": self._chip.module,
            "build": self._chip.build,
            "mac": list(self._mac),
            "seconds": self._bench.clock(),
            "cause": cause,
            "speed": self._speed,
            "main": not raw,
        }
        life = self._life = object()

        def happened(what: int) -> None:
            self._loop.call_soon_threadsafe(self._chip_did, life, what)

        requests, answers = self._bench.connect(facts, happened)
        self._typed = 0
        self._interpreter = Interpreter(
            (requests, answers),
            heap=PSRAM_HEAP if self._psram_MB else HEAP,
            raw=raw,
            said=self._say,
            ended=self._interpreter_ended,
        )
        os.close(requests)
        os.close(answers)

    def _chip_did(self, life: object, what: int) -> None:
        if self._interpreter is None or life is not self._life:
            return
        if what == pipe.CHIP_UP:
            self._interpreter.came_up()
        elif what == pipe.WATCHDOG:
            self._boot(self._chip.watchdog, ResetCause.WATCHDOG, download=False)
        else:
            self._boot(self._chip.software, ResetCause.HARD_RESET, download=False)

    def _interpreter_ended(self, code: int) -> None:
        assert self._interpreter is not None
        raw = self._interpreter.raw
        self._interpreter = None
        self._bench.disconnect()
        if code < 0 or not self._bench.chip_came_up:
            self._say(b"Guru Meditation Error: Core  0 panic'ed (LoadProhibited).\r\n")
            self._boot_again(self._chip.software, ResetCause.HARD_RESET)
        else:
            self._say(b"MPY: soft reboot\r\n")
            self._start(ResetCause.SOFT_RESET, raw=raw)

    def _to_loader(self, data: bytes) -> None:
        loader = self._loader
        assert loader is not None
        if self.uart.host_baud and not loader.synchronised:
            self._registers.baud = self.uart.host_baud  # the ROM finds the rate by itself
        for packet in self._packets.feed(self.uart.received(data, self._registers.baud)):
            for answer in loader.handle(packet):
                self._say(slip.encode(answer))
            loader.adopt_baud()
            if self._faults.happens("drop-in-write", loader.written):
                self._cut("drop-in-write")
                return
            if loader.runs_app:
                self._boot(self._chip.software, ResetCause.HARD_RESET, download=False)
                return

    def _to_interpreter(self, data: bytes) -> None:
        assert self._interpreter is not None
        self._typed += len(data)
        if self._faults.happens("crash", self._typed):
            self._interpreter.crash()
            return
        self._interpreter.typed(self.uart.received(data, _CONSOLE_BAUD))

    def _say(self, data: bytes) -> None:
        self.uart.to_host(data, self._registers.baud if self._loader else _CONSOLE_BAUD)


def _version(release: str) -> tuple[int, int, int, str]:
    """sys.implementation.version of a release such as "v1.29.0" or "v1.30.0-preview"."""
    number, _, label = release.removeprefix("v").partition("-")
    try:
        major, minor, patch = map(int, number.split("."))
    except ValueError:
        return _MICROPYTHON
    return major, minor, patch, label
