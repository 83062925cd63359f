"""What our assemblers share: bytes, labels, the lines of a listing, and refusals in words."""

from collections.abc import Callable
from dataclasses import dataclass


class AssemblyError(Exception):
    """An instruction that cannot be encoded; the message shows it."""


@dataclass(frozen=True)
class Line:
    """One line of the listing: an instruction, data, or (with no bytes) a label."""

    address: int
    size: int
    text: str


class Assembly:
    """Machine code as it is put together. Addresses are in bytes from its start."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.labels: dict[str, int] = {}
        self._code = bytearray()
        self._open: list[tuple[int, str, Callable[[int], int], int]] = []

    @property
    def here(self) -> int:
        """Bytes from the start of the code."""
        return len(self._code)

    def code(self) -> bytes:
        """The machine code, every label resolved."""
        for address, label, encode, size in self._open:
            if label not in self.labels:
                raise AssemblyError(f"no label {label!r}, wanted at byte {address}")
            word = encode(self.labels[label])
            self._code[address : address + size] = word.to_bytes(size, "little")
        self._open.clear()
        return bytes(self._code)

    def label(self, name: str) -> None:
        """Name the place of the next instruction."""
        if name in self.labels:
            raise AssemblyError(f"label {name!r} is used twice")
        self.labels[name] = self.here
        self.lines.append(Line(self.here, 0, f"{name}:"))

    def _put(self, data: bytes, text: str) -> None:
        self.lines.append(Line(self.here, len(data), text))
        self._code += data

    def _await(self, label: str, encode: Callable[[int], int], size: int) -> None:
        """Have the next `size` bytes replaced by `encode(address of the label)`."""
        self._open.append((self.here, label, encode, size))

    def _in_range(
        self, name: str, operands: tuple[object, ...], value: int, low: int, high: int
    ) -> None:
        if not low <= value <= high:
            raise AssemblyError(f"{in_words(name, operands)}: {value} is not in {low} to {high}")


def in_words(name: str, operands: tuple[object, ...]) -> str:
    """An instruction as a listing has it."""
    return f"{name} {', '.join(map(str, operands))}".rstrip()
