"""Runs the chips' machine code under Debian's qemu-user, many calls in one process.

Beside the code stands a monitor of a few instructions (`machines.py`) that executes a script: fill
memory, call a function, write memory out. Everything is laid out as MicroPython lays it out, so
the code under test is the code that is shipped. qemu gives the results and counts
instructions; it does not model cycles.
"""

import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from noisetamer.base.child_processes import run_tied
from noisetamer.base.errors import UserError
from noisetamer.base.output import writing
from noisetamer.sound.kernels.machines import CALL, DUMP, FILL, LEAVE, RECORD, XTENSA, Machine

_BASE = 0x400000
_PAGE = 4096


def available(machine: Machine = XTENSA) -> bool:
    """Whether qemu for it is installed."""
    return shutil.which(machine.qemu) is not None


class Image:
    """Memory of the emulated program: the monitor, then whatever is put there."""

    def __init__(self, machine: Machine = XTENSA) -> None:
        self.machine = machine
        self._data = bytearray()
        monitor = machine.monitor(self.put(bytes(RECORD.size)))
        self._entry = self.code(monitor.code()) + monitor.labels["start"]

    def code(self, code: bytes) -> int:
        """Address of machine code, on pages of its own.

        A write to a page with code makes qemu translate that code again.
        """
        address = self.put(code, _PAGE)
        self._data += bytes(-len(self._data) % _PAGE)
        return address

    def put(self, data: bytes, multiple: int = 16) -> int:
        """Address of a copy of `data`, aligned to `multiple` bytes."""
        self._data += bytes(-len(self._data) % multiple)
        address = _BASE + len(self._data)
        self._data += data
        return address

    def words(self, *values: int) -> int:
        """Address of 32-bit words."""
        return self.put(struct.pack(f"<{len(values)}I", *values))

    def function(self, code: bytes, context: int = 0) -> int:
        """Address of a function object whose machine code is `code`.

        `context`: address of its module's context, for code that calls the firmware.
        """
        return self.words(0, context, 0, self.code(code))

    def array(self, data: bytes) -> tuple[int, int]:
        """Addresses of an array object and of its items, `data`."""
        items = self.put(data)
        return self.words(0, 0, len(data) // 4, items), items

    def elf(self) -> bytes:
        """An executable for Linux on the machine: one segment to read, write and run."""
        header, segment, offset = 52, 32, _PAGE
        size = len(self._data)
        identity = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")
        out = identity + struct.pack(
            "<HHIIIIIHHHHHH",
            *(2, self.machine.elf, 1, self._entry, header, 0, 0, header, segment, 1, 0, 0, 0),
        )
        out += struct.pack("<8I", 1, offset, _BASE, _BASE, size, size, 7, offset)
        return out.ljust(offset, b"\0") + self._data


def fill(address: int, data: bytes) -> bytes:
    """Script: copy `data` to `address`."""
    return RECORD.pack(FILL, address, len(data), 0, 0) + data


def dump(address: int, size: int) -> bytes:
    """Script: write out `size` bytes from `address`."""
    return RECORD.pack(DUMP, address, size, 0, 0)


def call(function: int, arguments: int, count: int, result: int) -> bytes:
    """Script: call a function object as MicroPython does; its result goes to `result`."""
    return RECORD.pack(CALL, function, arguments, count, result)


def run(image: Image, script: Iterable[bytes]) -> bytes:
    """Run the script; returns everything it dumps, in order.

    Raises UserError if qemu is missing or the program does not end well.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _run(image, script, Path(folder), ())


def instructions(image: Image, script: Iterable[bytes], within: range | None = None) -> int:
    """Instructions executed by the script at addresses in `within`. Raises as `run`.

    None: everywhere, the monitor's own included.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "trace")
        _run(image, script, Path(folder), ("-d", "in_asm,exec,nochain", "-D", str(log)))
        with log.open("rb") as lines:
            return _executed(lines, within)


def _executed(log: Iterable[bytes], within: range | None) -> int:
    """Instructions executed, of qemu's log: it lists a block of them once, as `IN:` and a line
    each that begins with its address, and names it by its place at each execution:
    `Trace 0: 0x7f07b40000c0 [...]`."""
    sizes: dict[bytes, int] = {}
    total = size = 0
    listed = False
    for line in log:
        if line.startswith(b"Trace"):
            block = line.split(maxsplit=3)[2]
            if listed:
                sizes[block], size, listed = size, 0, False
            total += sizes[block]
        elif line.startswith(b"IN:"):
            size, listed = 0, True
        elif line.startswith(b"0x"):
            size += within is None or int(line.split(b":", 1)[0], 16) in within
    return total


def _run(image: Image, script: Iterable[bytes], folder: Path, options: tuple[str, ...]) -> bytes:
    name = image.machine.qemu
    qemu = shutil.which(name)
    if qemu is None:
        raise UserError(f"{name} is not installed, the kernel cannot be run: install qemu-user")
    program = folder / "program"
    # Files, not pipes: a read or write of a file is never cut short. Without a name: nothing of
    # their size is left behind by whoever is killed.
    with (
        tempfile.TemporaryFile(dir=folder) as orders,
        tempfile.TemporaryFile(dir=folder) as answers,
    ):
        with writing(folder.parent):
            program.write_bytes(image.elf())
            program.chmod(0o700)
            orders.writelines(script)
            orders.write(RECORD.pack(LEAVE, 0, 0, 0, 0))
            orders.seek(0)
        done = run_tied(
            [qemu, "-cpu", image.machine.core, *options, str(program)],
            stdin=orders,
            stdout=answers,
            stderr=subprocess.PIPE,
        )
        answers.seek(0)
        found = answers.read()
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise UserError(f"{name} ended with {done.returncode} running the kernel: {reason}")
    return found
