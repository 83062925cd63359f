"""A square's policy as a person changes it: TOML, its faults by line, its main keys as a form.

Pure but for the folder of messages that it looks into.
"""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from noisetamer.base.errors import UserError
from noisetamer.unit.policy import file, messages
from noisetamer.unit.policy.remarks import remarks
from tamer.judge.policy import Policy

SETTING = "policy"
"""Of the settings of a square: the texts that were sent there."""

LONGEST_TEXT = 20_000

# What most people want to change, in the order of the form.
MAIN_KEYS = (
    "name",
    "limit.day",
    "limit.night",
    "hours.day_from",
    "hours.night_from",
    "polite.times",
    "polite.message",
    "firm.message",
    "speaking.longest_per_hour",
    "panel.text",
)

_TEXTS = ("name", "panel.text")

# How a policy without a file is called in what is said of it.
_NAMELESS = Path("policy.toml")

HASH_DIGITS = 12
"""So many digits of a policy's hash units tell with what they do."""


@dataclass(frozen=True)
class Told:
    """A sentence of a line; key: dotted."""

    line: int
    key: str
    sentence: str


@dataclass(frozen=True)
class Reading:
    """A text as it was read. policy: None where there are faults; body: as a unit has it."""

    text: str
    faults: list[Told]
    remarks: list[Told] = field(default_factory=list)
    policy: Policy | None = None
    body: bytes = b""

    @property
    def hash(self) -> str:
        return self.policy.hash[:HASH_DIGITS] if self.policy else ""


def read(text: str, today: datetime.date, own: Collection[str] = ()) -> Reading:
    """own: messages that this hub has made, besides those of every unit."""
    try:
        found = file.of_toml(_NAMELESS, text)
    except UserError as error:
        return Reading(text, [_no_toml(str(error))])
    faults, named = found.faults(), {}
    if not faults:
        named = messages.named(found)
        faults = [each for each in messages.unspoken(found) if named[each.key] not in own]
    if faults:
        # where this computer keeps its messages is nothing to a page
        here = f" in {messages.VOICES}"
        told = [Told(each.line, each.key, each.reason.replace(here, "")) for each in faults]
        return Reading(text, told)
    said = [_remark(line, sentence) for line, sentence in remarks(found, today)]
    for key, name in named.items():
        if name in own:
            sentence = f"{name} was made at this hub; send it to the boxes before the policy"
            said.append(Told(found.line(key), key, sentence))
    return Reading(text, [], said, found.policy(), file.on_box(found.table))


@lru_cache(4000)
def read_once(text: str) -> Reading:
    """Of a text that was sent, whatever the day: kept for the next who asks, of a thousand
    squares with some versions each."""
    return read(text, datetime.date.max)


def shipped() -> dict[str, str]:
    """{name: TOML} of the policies that come with Noise Tamer."""
    return {
        name: (file.EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")
        for name in file.shipped()
    }


def main_values(text: str) -> dict[str, str]:
    """{key of MAIN_KEYS: its value as written}, "" where it is not; {} of what is no TOML."""
    try:
        table = file.of_toml(_NAMELESS, text).table
    except UserError:
        return {}
    return {key: "" if (value := _of(table, key)) is None else str(value) for key in MAIN_KEYS}


def changed(text: str, values: Mapping[str, str]) -> str:
    """The TOML with these keys set, or left out where the value is ""; comments stay.

    Raises UserError for what is no TOML, or has a value where a table belongs.
    """
    try:
        document = tomlkit.parse(text)
        for key, value in values.items():
            if key in MAIN_KEYS and value.strip() != str(_written(document, key)):
                _set(document, key, value.strip())
        return tomlkit.dumps(document)
    except TOMLKitError as error:
        raise UserError(f"the text is not valid TOML: {error}") from None


def _set(document: tomlkit.TOMLDocument, key: str, value: str) -> None:
    *above, last = key.split(".")
    table: Any = document
    for name in above:
        if name not in table:
            if not value:
                return
            table[name] = tomlkit.table()
        table = table[name]
    if not isinstance(table, (Table, tomlkit.TOMLDocument)):
        raise UserError(f"{'.'.join(above)} is no table")
    if value:
        table[last] = value if key in _TEXTS else _value(value)
    else:
        table.pop(last, None)


def _value(text: str) -> int | float | str:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _written(document: Any, key: str) -> object:
    value = _of(document, key)
    return "" if value is None else value


def _of(table: Any, key: str) -> Any:
    for name in key.split("."):
        if not isinstance(table, Mapping):
            return None
        table = table.get(name)
    return table


def _no_toml(sentence: str) -> Told:
    """ "policy.toml:3: is not valid TOML: ..." """
    where, _, reason = sentence.partition(": ")
    line = where.rpartition(":")[2]
    return Told(int(line) if line.isdigit() else 1, "", reason)


def _remark(line: int, sentence: str) -> Told:
    key, _, said = sentence.partition(": ")
    return Told(line, key, said)
