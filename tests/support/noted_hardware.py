"""MicroPython's hardware modules as stand-ins that note each call, for whoever makes hardware."""

import hashlib
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MODULES = ("machine", "neopixel", "esp32", "network")

# What started the chip, the same for every board.
_ANSWERS = {"machine.reset_cause()": "machine.WDT_RESET"}


class Noted:
    """Something of a hardware module, known by the expression that gives it."""

    def __init__(self, expression: str, calls: list[str]):
        self._expression = expression
        self._calls = calls

    def __getattr__(self, name: str) -> "Noted":
        if name.startswith("__"):
            raise AttributeError(name)
        return Noted(f"{self._expression}.{name}", self._calls)

    def __call__(self, *values: Any, **named: Any) -> "Noted":
        words = [repr(value) for value in values]
        words += [f"{name}={value!r}" for name, value in named.items()]
        call = f"{self._expression}({', '.join(words)})"
        self._calls.append(call)
        return Noted(_ANSWERS.get(call, call), self._calls)

    def __getitem__(self, index: int) -> "Noted":
        return Noted(f"{self._expression}[{index}]", self._calls)

    def __repr__(self) -> str:
        return self._expression

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(self._expression)


@contextmanager
def noted() -> Iterator[list[str]]:
    """Hardware modules and `array` stand for the real ones; gives the calls, as they come."""
    calls: list[str] = []

    def noted_array(typecode: str, content: Any) -> array:
        made = array(typecode, content)
        calls.append(f"array({typecode!r}, {len(made)})")
        return made

    standing: dict[str, Any] = {name: Noted(name, calls) for name in MODULES}
    standing["array"] = type(sys)("array")
    standing["array"].array = noted_array
    before = {name: sys.modules.get(name) for name in standing}
    sys.modules.update(standing)
    try:
        yield calls
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def plain(made: Any) -> Any:
    """What was made, as JSON has it; of an array its type, length and a hash of its content."""
    if isinstance(made, Noted):
        return repr(made)
    if isinstance(made, array):
        return [made.typecode, len(made), hashlib.sha256(made.tobytes()).hexdigest()]
    if hasattr(made, "_fields"):
        return {name: plain(value) for name, value in zip(made._fields, made, strict=True)}
    if isinstance(made, tuple | list):
        return [plain(value) for value in made]
    return made
