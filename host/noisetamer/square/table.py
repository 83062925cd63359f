"""One table of a scenario file, read key by key; whatever is wrong becomes one clear sentence."""

import difflib
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from noisetamer.base.errors import UserError
from noisetamer.square import quantity


class Table:
    """Values of one TOML table, with the place they come from.

    Each reading method takes a key and, unless the key is required, a default in the unit the
    method returns. `finish` refuses keys that were never read. All raise `UserError`.
    """

    _REQUIRED: Any = object()

    def __init__(self, values: object, where: str):
        if not isinstance(values, dict):
            raise UserError(f"{where} must be a table with keys of its own.")
        self._values: dict[str, Any] = values
        self._asked: list[str] = []
        self.where = where

    def has(self, key: str) -> bool:
        """Whether the user wrote this key."""
        self._asked.append(key)
        return key in self._values

    def wrong(self, key: str, why: object) -> NoReturn:
        """Refuse the value of a key."""
        raise UserError(ended(f"{self.where}: {key} {why}"))

    def raw(self, key: str, default: Any = _REQUIRED) -> Any:
        """The value as TOML gives it."""
        if self.has(key):
            return self._values[key]
        if default is Table._REQUIRED:
            raise UserError(f"{self.where}: the key {key} is missing; add it.")
        return default

    def text(self, key: str, default: Any = _REQUIRED) -> str:
        """A string that is not empty."""
        value = self.raw(key, default)
        if not isinstance(value, str) or (not value.strip() and value is not default):
            self.wrong(key, "must be text in quotes")
        return value

    def choice(self, key: str, known: Iterable[str], default: Any = _REQUIRED) -> str:
        """One of the known words."""
        value = self.text(key, default)
        known = list(known)
        if value not in known:
            self.wrong(key, f'"{value}" is unknown{nearest(value, known)}')
        return value

    def fraction(self, key: str, default: Any = _REQUIRED) -> float:
        """A probability between 0 and 1."""
        return self._fraction(key, self.raw(key, default))

    def fractions(self, key: str, default: Any = _REQUIRED) -> tuple[float, ...]:
        """One probability, or a list of them."""
        value = self.raw(key, default)
        values = value if isinstance(value, list | tuple) else [value]
        if not values:
            self.wrong(key, "is an empty list: write a probability such as 0.5")
        return tuple(self._fraction(key, one) for one in values)

    def fraction_of_each(self, key: str) -> dict[str, float]:
        """Probabilities by name, { name = 0.5 }; none where the key is missing."""
        value = self.raw(key, {})
        if not isinstance(value, dict):
            self.wrong(key, "must be a table of probabilities, such as { polite_zh = 0.5 }")
        return {name: self._fraction(f"{key}.{name}", one) for name, one in value.items()}

    def level(
        self, key: str, default: Any = _REQUIRED, low: float = -20.0, high: float = 180.0
    ) -> float:
        """Level in dB."""
        return self._measured(key, quantity.level, default, low, high, "dB")

    def full_scale_level(self, key: str, default: Any = _REQUIRED) -> float:
        """Digital level in dB re a full-scale sine."""
        return self._measured(key, quantity.full_scale_level, default, -80.0, 0.0, "dBFS")

    def length(
        self, key: str, default: Any = _REQUIRED, low: float = 0.1, high: float = 20_000.0
    ) -> float:
        """Length in metres."""
        return self._measured(key, quantity.length, default, low, high, "m")

    def speed(
        self, key: str, default: Any = _REQUIRED, low: float = 0.5, high: float = 40.0
    ) -> float:
        """Speed in m/s."""
        return self._measured(key, quantity.speed, default, low, high, "m/s")

    def frequency(
        self, key: str, default: Any = _REQUIRED, low: float = 0.0, high: float = 20_000.0
    ) -> float:
        """Frequency in Hz."""
        return self._measured(key, quantity.frequency, default, low, high, "Hz")

    def duration(
        self, key: str, default: Any = _REQUIRED, low: float = 0.0, high: float = 3.2e7
    ) -> float:
        """Time span in seconds."""
        return self._measured(key, quantity.duration, default, low, high, "s")

    def whole_seconds(self, key: str, default: Any = _REQUIRED, low: int = 0) -> int:
        """Time span in whole seconds."""
        if not self.has(key) and default is not Table._REQUIRED:
            return default
        return whole(self, key, self.duration(key, low=low))

    def clock(self, key: str, default: Any = _REQUIRED) -> int:
        """Seconds since local midnight."""
        return int(self._measured(key, quantity.clock, default, 0, 86_400, "s"))

    def pair(self, key: str, default: Any, what: str) -> tuple[Any, Any]:
        """A list of two values, not yet read."""
        value = self.raw(key, default)
        if not isinstance(value, list | tuple) or len(value) != 2:
            self.wrong(key, f"must be a list of two: {what}")
        return value[0], value[1]

    def tables(self, key: str) -> list[object]:
        """The tables written as [[key]], in order; none is fine."""
        value = self.raw(key, [])
        if not isinstance(value, list):
            raise UserError(f"{self.where}: write [[{key}]] with two brackets, one for each.")
        return value

    def read(self, key: str, reader: Callable[[object], float], value: object) -> float:
        """A quantity that sits inside a list."""
        try:
            return reader(value)
        except ValueError as why:
            self.wrong(key, why)

    def finish(self) -> None:
        """Refuse keys that mean nothing here."""
        for key in self._values:
            if key not in self._asked:
                known = list(dict.fromkeys(self._asked))
                raise UserError(ended(f"{self.where}: unknown key {key}{nearest(key, known)}"))

    def _fraction(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.wrong(key, f"is {value!r}, but a probability lies between 0 and 1")
        return float(value)

    def _measured(
        self,
        key: str,
        reader: Callable[[object], float],
        default: Any,
        low: float,
        high: float,
        unit: str,
    ) -> float:
        value = self.raw(key, default)
        if value is default:
            return default
        number = self.read(key, reader, value)
        if not low <= number <= high:
            self.wrong(key, f'"{value}" is impossible here: give {low:g} to {high:g} {unit}')
        return number


def whole(table: Table, key: str, seconds: float) -> int:
    """The world changes its mind at whole seconds; half a second is refused, not rounded."""
    if seconds != int(seconds):
        table.wrong(key, f"is {seconds:g} s, but this time must be in whole seconds")
    return int(seconds)


def ended(sentence: str) -> str:
    """With one stop at its end, or the question mark that it has."""
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


def nearest(word: object, known: Iterable[str]) -> str:
    """What to write instead of what may not even be text: the nearest known word, or all."""
    known = list(known)
    close = difflib.get_close_matches(str(word), known, 1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known are {', '.join(sorted(known))}"
