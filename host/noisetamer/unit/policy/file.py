"""A policy file of a person (TOML) or of a box (JSON): its table, and the line of each key."""

import datetime
import difflib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base import json_text, toml_file
from noisetamer.base.errors import UserError
from noisetamer.unit.policy import lines
from tamer.judge import policy, schema
from tamer.judge.policy import Policy

EXAMPLES = Path(__file__).parent / "examples"


@dataclass(frozen=True)
class Fault:
    """What is wrong, in one sentence. key: dotted; line: where, from 1."""

    path: Path
    line: int
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.key}: {self.reason}"


@dataclass(frozen=True)
class PolicyFile:
    """table: as JSON would hold it (no dates, no times of day of TOML's own)."""

    path: Path
    table: dict[str, Any]
    lines: dict[str, int]

    @property
    def name(self) -> str:
        """As a user names it: of a shipped one its own, else the path."""
        return self.path.stem if self.path.parent == EXAMPLES else str(self.path)

    def line(self, key: str) -> int:
        """Of a dotted key, or of what it would stand in; 1 where even that is not written."""
        while key:
            if key in self.lines:
                return self.lines[key]
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return 1

    def faults(self) -> list[Fault]:
        """Everything that keeps it from being a policy, in the order of the lines."""
        _, sentences = schema.complete(self.table)
        found = []
        for sentence in sentences:
            key, reason = sentence.split(": ", 1)
            if reason == "is no key of a policy":
                reason += _nearest(key)
            found.append(Fault(self.path, self.line(key), key, reason))
        size = len(on_box(self.table))
        if size > policy.MOST_BYTES:
            reason = (
                f"takes {size} bytes, a box reads {policy.MOST_BYTES}: shorten its longest list"
            )
            found.append(Fault(self.path, 1, "policy", reason))
        return sorted(found, key=lambda fault: fault.line)

    def policy(self) -> Policy:
        """Raises UserError with the first fault."""
        faults = self.faults()
        if not faults:
            return policy.read(self.table)
        more = f" (and {len(faults) - 1} more: noisetamer policy check)" if len(faults) > 1 else ""
        raise UserError(f"{faults[0]}{more}")


def on_box(table: dict[str, Any]) -> bytes:
    """The content of a box's policy.json."""
    text = json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode() + b"\n"


def shipped() -> list[str]:
    """Names of the policies that come with Noise Tamer."""
    return sorted(path.stem for path in EXAMPLES.glob("*.toml"))


def load(name_or_path: str) -> PolicyFile:
    """A shipped policy by name, or any file. Raises UserError where it is no TOML nor JSON."""
    path = _find(name_or_path)
    text = toml_file.text(path).replace("\r\n", "\n")
    if path.suffix.lower() == ".json":
        return _json(path, text)
    return of_toml(path, text)


def _find(name_or_path: str) -> Path:
    path = Path(name_or_path)
    if path.suffix or len(path.parts) > 1 or path.exists():
        return path
    if name_or_path not in shipped():
        raise UserError(
            f"there is no policy {name_or_path}; shipped are {', '.join(shipped())}, "
            "and a file of your own needs its path"
        )
    return EXAMPLES / f"{name_or_path}.toml"


def of_toml(path: Path, text: str) -> PolicyFile:
    """path: how it is called in what is said of it. Raises UserError for what is no TOML."""
    try:
        table = toml_file.parse(text)
    except toml_file.TomlError as why:
        raise UserError(f"{path}:{why.line}: is not valid TOML: {why}") from None
    return PolicyFile(path, _as_json(table), lines.of_toml(text))


def _json(path: Path, text: str) -> PolicyFile:
    try:
        table = json_text.loads(text, object_pairs_hook=_without_duplicates(path))
    except json.JSONDecodeError as error:
        raise UserError(f"{path}:{error.lineno}: is not valid JSON: {error.msg}") from None
    if not isinstance(table, dict):
        raise UserError(f"{path}: is no JSON object; a policy has keys, such as {{}}")
    return PolicyFile(path, table, lines.of_json(text))


def _without_duplicates(path: Path) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """JSON lets a key come twice and the last one win; a policy must not."""

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise UserError(f"{path}: the key {twice} comes twice in one object; keep one")
        return table

    return made


def _as_json(value: Any) -> Any:
    """TOML's own dates and times of day as the text that JSON has for them."""
    if isinstance(value, dict):
        return {key: _as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_json(one) for one in value]
    if isinstance(value, datetime.datetime):
        if value.tzinfo:
            value = value.astimezone(datetime.UTC).replace(tzinfo=None)
            return value.isoformat().removesuffix(":00") + "Z"
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.isoformat().removesuffix(":00")
    return value.isoformat() if isinstance(value, datetime.date) else value


def _nearest(key: str) -> str:
    """What may have been meant."""
    *above, last = re.sub(r"\[\d+\]", "", key).split(".")
    known: Any = schema.KEYS
    for name in above:
        known = known.get(name, {})
        known = known[0] if isinstance(known, list) else known
    if above and isinstance(schema.KEYS.get(last), tuple):
        return f"; {last} belongs above the first [table]"
    close = difflib.get_close_matches(last, known, 1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known are {', '.join(sorted(known))}" if known else ""
