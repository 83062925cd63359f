"""A small assembler for x86-64: what whole-number loops need, in 64 bits.

Each method appends one instruction, named and ordered as in Intel's manual (Software Developer's
Manual, volume 2), the target first. A value that does not fit raises `AssemblyError`.
"""

from dataclasses import dataclass

from noisetamer.sound.kernels.xtensa import AssemblyError


@dataclass(frozen=True)
class R:
    """A register of 64 bits by its number in the encoding."""

    number: int


@dataclass(frozen=True)
class M:
    """Memory at base + offset + 4*index."""

    base: R
    offset: int = 0
    index: R | None = None


RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI = map(R, range(8))
R8, R9, R10, R11, R12, R13, R14, R15 = map(R, range(8, 16))

Operand = R | M | int

_ARITHMETIC = {"add": 0, "or": 1, "and": 4, "sub": 5, "xor": 6, "cmp": 7}
_SHIFTS = {"shl": 4, "sar": 7}
CONDITIONS = {"e": 4, "ne": 5, "l": 12, "ge": 13, "le": 14, "g": 15}
"""Of signed numbers, after `cmp`."""


class Assembler:
    """Collects position-independent code; `code()` gives the bytes."""

    def __init__(self) -> None:
        self._code = bytearray()
        self._labels: dict[str, int] = {}
        self._jumps: list[tuple[int, str]] = []

    def code(self) -> bytes:
        """The machine code, every label resolved."""
        for at, label in self._jumps:
            if label not in self._labels:
                raise AssemblyError(f"no label {label!r}, wanted at byte {at}")
            self._code[at : at + 4] = _signed(self._labels[label] - at - 4, 4)
        return bytes(self._code)

    def label(self, name: str) -> None:
        """Name the place of the next instruction."""
        if name in self._labels:
            raise AssemblyError(f"label {name!r} is used twice")
        self._labels[name] = len(self._code)

    def push(self, value: R) -> None:
        self._code += bytes((0x40 | value.number >> 3, 0x50 | value.number & 7))

    def pop(self, to: R) -> None:
        self._code += bytes((0x40 | to.number >> 3, 0x58 | to.number & 7))

    def ret(self) -> None:
        self._code.append(0xC3)

    def call(self, function: M) -> None:
        self._operate(b"\xff", 2, function)

    def jmp(self, label: str) -> None:
        self._jump(b"\xe9", label)

    def j(self, condition: str, label: str) -> None:
        """Jump where the last comparison said so: `CONDITIONS`."""
        self._jump(bytes((0x0F, 0x80 | CONDITIONS[condition])), label)

    def mov(self, to: R | M, value: Operand) -> None:
        if isinstance(value, int):
            self._operate(b"\xc7", 0, to, _signed(value, 4))
        elif isinstance(to, M):
            self._operate(b"\x89", _register(value).number, to)
        else:
            self._operate(b"\x8b", to.number, value)

    def load(self, to: R, source: M) -> None:
        """The word of 32 bits at `source`, zeros above it."""
        self._operate(b"\x8b", to.number, source, wide=False)

    def load_signed(self, to: R, source: M) -> None:
        """MOVSXD: the word of 32 bits at `source` with its sign."""
        self._operate(b"\x63", to.number, source)

    def store(self, to: M, value: R) -> None:
        """The lower 32 bits."""
        self._operate(b"\x89", value.number, to, wide=False)

    def lea(self, to: R, of: M) -> None:
        """to = the address itself: a sum of two registers and a number."""
        self._operate(b"\x8d", to.number, of)

    def arithmetic(self, name: str, to: R | M, value: Operand) -> None:
        """add, or, and, sub, xor; cmp, which only sets the flags."""
        operation = _ARITHMETIC[name]
        if isinstance(value, int):
            short = -128 <= value < 128
            number = _signed(value, 1 if short else 4)
            self._operate(b"\x83" if short else b"\x81", operation, to, number)
        elif isinstance(to, M):
            self._operate(bytes((operation << 3 | 1,)), _register(value).number, to)
        else:
            self._operate(bytes((operation << 3 | 3,)), to.number, value)

    def imul(self, to: R, x: R | M, y: int | None = None) -> None:
        """to *= x, or to = x*y."""
        if y is None:
            self._operate(b"\x0f\xaf", to.number, x)
        else:
            short = -128 <= y < 128
            number = _signed(y, 1 if short else 4)
            self._operate(b"\x6b" if short else b"\x69", to.number, x, number)

    def shift(self, name: str, to: R | M, bits: int | None = None) -> None:
        """shl or sar, arithmetic to the right; by RCX where `bits` is None."""
        if bits is None:
            self._operate(b"\xd3", _SHIFTS[name], to)
        elif 0 <= bits < 64:
            self._operate(b"\xc1", _SHIFTS[name], to, bytes((bits,)))
        else:
            raise AssemblyError(f"{name} by {bits}: 0 to 63 can be shifted")

    def cmov(self, condition: str, to: R, value: R | M) -> None:
        """Move where the last comparison said so: `CONDITIONS`."""
        self._operate(bytes((0x0F, 0x40 | CONDITIONS[condition])), to.number, value)

    def _jump(self, code: bytes, label: str) -> None:
        self._code += code
        self._jumps.append((len(self._code), label))
        self._code += bytes(4)

    def _operate(
        self, code: bytes, field: int, operand: R | M, number: bytes = b"", wide: bool = True
    ) -> None:
        """Prefix REX, the operation, ModR/M with SIB, and a number."""
        rex, form = 0x40 | wide << 3 | (field & 8) >> 1, (field & 7) << 3
        if isinstance(operand, R):
            place = bytes((0xC0 | form | operand.number & 7,))
            rex |= operand.number >> 3
        else:
            base, index, offset = operand.base.number, operand.index, operand.offset
            if index == RSP:
                raise AssemblyError("RSP is no index")
            short = -128 <= offset < 128
            form |= 0x40 if short else 0x80
            rex |= base >> 3
            if index is None and base & 7 != RSP.number:
                place = bytes((form | base & 7,))
            else:
                # The number of RSP in the field of an index says: none; 0x80: four times.
                scaled = RSP.number << 3 if index is None else 0x80 | (index.number & 7) << 3
                rex |= (index.number & 8) >> 2 if index else 0
                place = bytes((form | 4, scaled | base & 7))
            place += _signed(offset, 1 if short else 4)
        self._code += bytes((rex,)) + code + place + number


def _signed(value: int, size: int) -> bytes:
    try:
        return value.to_bytes(size, "little", signed=True)
    except OverflowError:
        raise AssemblyError(f"{value} does not fit {8 * size} bits") from None


def _register(value: Operand) -> R:
    if not isinstance(value, R):
        raise AssemblyError(f"{value} would have to be a register")
    return value
