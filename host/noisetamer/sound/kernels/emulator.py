"""Runs Xtensa machine code under Debian's qemu-xtensa, many calls in one process.

Beside the code stands a monitor of a few instructions that executes a script: fill memory,
call a function, write memory out. Everything is laid out as MicroPython lays it out, so
the code under test is the code that is shipped. qemu gives the results and counts
instructions; it does not model cycles.
"""

import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound.kernels.xtensa import A, Assembler

QEMU = "qemu-xtensa"
CPU = "de233_fpu"
"""The qemu core that has windowed calls, loops and the single-precision FPU."""

_BASE = 0x400000
_PAGE = 4096
_RECORD = struct.Struct("<5I")
_LEAVE, _FILL, _DUMP, _CALL = range(4)
EXIT, _READ, _WRITE = 118, 12, 13  # Linux system calls on Xtensa
_FUNCTION_CODE = 12  # mp_obj_fun_bc_t: type, context, children, code


def available() -> bool:
    """Whether qemu-xtensa is installed."""
    return shutil.which(QEMU) is not None


class Image:
    """Memory of the emulated program: the monitor, then whatever is put there."""

    def __init__(self) -> None:
        self._data = bytearray()
        monitor = _monitor(self.put(bytes(_RECORD.size)))
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
        """An executable for Linux on Xtensa: one segment that may be read, written and run."""
        header, segment, offset = 52, 32, _PAGE
        size = len(self._data)
        identity = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")
        out = identity + struct.pack(
            "<HHIIIIIHHHHHH", 2, 94, 1, self._entry, header, 0, 0, header, segment, 1, 0, 0, 0
        )
        out += struct.pack("<8I", 1, offset, _BASE, _BASE, size, size, 7, offset)
        return out.ljust(offset, b"\0") + self._data


def fill(address: int, data: bytes) -> bytes:
    """Script: copy `data` to `address`."""
    return _RECORD.pack(_FILL, address, len(data), 0, 0) + data


def dump(address: int, size: int) -> bytes:
    """Script: write out `size` bytes from `address`."""
    return _RECORD.pack(_DUMP, address, size, 0, 0)


def call(function: int, arguments: int, count: int, result: int) -> bytes:
    """Script: call a function object as MicroPython does; its result goes to `result`."""
    return _RECORD.pack(_CALL, function, arguments, count, result)


def i2s_words(samples: NDArray[np.integer]) -> bytes:
    """Whole numbers of 24 bits as a microphone sends them: left-aligned in 32 bits."""
    return (np.asarray(samples, np.int64) << 8).astype("<i4").tobytes()


def run(image: Image, script: Iterable[bytes]) -> bytes:
    """Run the script; returns everything it dumps, in order.

    Raises UserError if qemu-xtensa is missing or the program does not end well.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _run(image, script, Path(folder), ())


def instructions(image: Image, script: Iterable[bytes]) -> int:
    """Instructions executed by the script, the monitor's own included. Raises as `run`."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "trace")
        _run(image, script, Path(folder), ("-d", "in_asm,exec,nochain", "-D", str(log)))
        with log.open("rb") as lines:
            return _executed(lines)


def _executed(log: Iterable[bytes]) -> int:
    """Instructions executed, of qemu's log: it lists a block of them once, as `IN:` and a line
    each, and names it by its address at each execution: `Trace 0: 0x7f07b40000c0 [...]`."""
    sizes: dict[bytes, int] = {}
    total = size = 0
    for line in log:
        if line.startswith(b"Trace"):
            block = line.split(maxsplit=3)[2]
            if size:
                sizes[block], size = size, 0
            total += sizes[block]
        elif line.startswith(b"IN:"):
            size = 0
        elif line.startswith(b"0x"):
            size += 1
    return total


def _run(image: Image, script: Iterable[bytes], folder: Path, options: tuple[str, ...]) -> bytes:
    qemu = shutil.which(QEMU)
    if qemu is None:
        raise UserError(f"{QEMU} is not installed, the kernel cannot be run: install qemu-user")
    program, orders, answers = folder / "program", folder / "script", folder / "answers"
    program.write_bytes(image.elf())
    program.chmod(0o700)
    with orders.open("wb") as file:
        file.writelines(script)
        file.write(_RECORD.pack(_LEAVE, 0, 0, 0, 0))
    # Files, not pipes: a read or write of a file is never cut short.
    with orders.open("rb") as stdin, answers.open("wb") as stdout:
        done = subprocess.run(
            [qemu, "-cpu", CPU, *options, str(program)],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
        )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise UserError(f"{QEMU} ended with {done.returncode} running the kernel: {reason}")
    return answers.read_bytes()


def _monitor(record: int) -> Assembler:
    """Reads records from standard input and executes them."""
    at, verb = A(7), A(8)
    number, file, where, size = A(2), A(6), A(3), A(4)  # of a system call
    asm = Assembler()
    asm.label("record")
    asm.word(record)

    asm.label("start")
    asm.l32r(at, "record")
    asm.label("next")
    asm.movi(number, _READ)
    asm.movi(file, 0)
    asm.mov(where, at)
    asm.movi(size, _RECORD.size)
    asm.syscall()
    asm.l32i(verb, at, 0)
    asm.l32i(where, at, 4)
    asm.l32i(size, at, 8)
    asm.beqi(verb, _CALL, "call")
    asm.movi(number, _READ)
    asm.movi(file, 0)
    asm.beqi(verb, _FILL, "transfer")
    asm.movi(number, _WRITE)
    asm.movi(file, 1)
    asm.beqi(verb, _DUMP, "transfer")
    asm.movi(number, EXIT)
    asm.movi(file, 0)
    asm.label("transfer")
    asm.syscall()
    asm.j("next")

    # The callee sees a10 to a13 as its a2 to a5.
    asm.label("call")
    asm.mov(A(10), where)
    asm.l32i(A(11), at, 12)
    asm.movi(A(12), 0)
    asm.mov(A(13), size)
    asm.l32i(A(8), where, _FUNCTION_CODE)
    asm.callx8(A(8))
    asm.l32i(A(8), at, 16)
    asm.s32i(A(10), A(8), 0)
    asm.j("next")
    return asm
