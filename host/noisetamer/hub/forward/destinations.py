"""Where facts go: `forward.toml` in the hub's folder, which people write.

    [[destination]]
    name = "bureau"                 # its own, for ever: what waits is kept by it
    kind = "mqtt"                   # one of FORMATS; the other keys are that format's
    squares = ["人民广场"]           # or units = ["NT-0007"]; without either: all there are
    facts = ["minute", "event"]     # without it, what the format is for
    events = ["stage", "outcome"]   # of events only these kinds
    enabled = true

    [place."人民广场"]               # or of a unit by its id, which goes before
    latitude = 31.2304
    longitude = 121.4737

No secret stands in it: a key that ends in `_file` names a file in the hub's folder that only its
owner may read.
"""

import difflib
import importlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from noisetamer.base import toml_file
from noisetamer.base.errors import UserError
from noisetamer.hub.forward import facts
from noisetamer.hub.forward.format import REQUIRED, Around, Asked, Format, Key, Place
from noisetamer.unit.policy import lines
from tamer.record.events import KINDS as EVENTS

FILE = "forward.toml"

FORMATS: dict[str, str] = {
    "home-assistant": "noisetamer.hub.forward.home_assistant",
    "hj212": "noisetamer.hub.forward.hj212",
    "influxdb": "noisetamer.hub.forward.influx",
    "mqtt": "noisetamer.hub.forward.mqtt_out",
    "ngsi": "noisetamer.hub.forward.ngsi",
    "sensor-community": "noisetamer.hub.forward.sensor_community",
    "sensorthings": "noisetamer.hub.forward.sensor_things",
    "webhook": "noisetamer.hub.forward.webhook",
}
"""{kind: its module, loaded where a destination is of it}"""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LONGEST_SECRET = 65536


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_url(value: Any) -> bool:
    return _is_text(value) and re.fullmatch(r"https?://[^\s/?#]+[^\s]*", value) is not None


TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (_is_text, "is a text in quotes"),
    "whole": (_is_whole, "is a whole number"),
    "number": (_is_number, "is a number"),
    "yes": (lambda value: isinstance(value, bool), "is true or false"),
    "texts": (_is_texts, 'is a list of texts, such as ["a", "b"]'),
    "url": (_is_url, "is an address that begins with http:// or https://"),
    "table": (lambda value: isinstance(value, dict), "is a table, such as { a = 1 }"),
    "secret": (_is_text, "is the name of a file that holds it and nothing else"),
}
"""{type of a key: (whether a value is one, else what it should be)}. "secret" is read from the
file that its key names; its key ends in `_file`."""

COMMON: Mapping[str, Key] = {
    "name": Key("text", what="its own, for ever"),
    "kind": Key("text", what="which format"),
    "enabled": Key("yes", True, what="false: nothing is sent, what comes waits"),
    "units": Key("texts", [], what="of these only"),
    "squares": Key("texts", [], what="of these only"),
    "facts": Key("texts", None, what="kinds of facts"),
    "events": Key("texts", [], what="of events only these kinds"),
    "at_once": Key("whole", 200, least=1, most=5000, what="facts given to it at a time"),
    "timeout": Key("number", 60.0, least=1, most=600, what="s for these"),
}


@dataclass(frozen=True)
class Fault:
    """What is wrong, in one sentence. line: where, from 1."""

    path: Path
    line: int
    key: str
    reason: str

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}: {self.key}"

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@dataclass(frozen=True)
class Settings:
    """What forward.toml says. destinations: those that are enabled; disabled: the others, for
    which facts wait; faults: in the order of the lines; a destination with one is in neither."""

    destinations: Sequence[Asked] = ()
    disabled: Sequence[Asked] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    faults: Sequence[Fault] = ()

    @property
    def all(self) -> list[Asked]:
        return [*self.destinations, *self.disabled]


def read(data: Path) -> Settings:
    """Of the hub's folder; nothing where there is no file. Raises UserError for what is no
    TOML."""
    path = data / FILE
    if not path.exists():
        return Settings()
    text = toml_file.text(path).replace("\r\n", "\n")
    try:
        table = toml_file.parse(text)
    except toml_file.TomlError as why:
        raise UserError(f"{path}:{why.line}: is not valid TOML: {why}") from None
    return _Reading(path, table, lines.of_toml(text)).settings()


def sound(data: Path) -> Settings:
    """As `read`. Raises UserError with the first fault besides."""
    settings = read(data)
    if settings.faults:
        more = len(settings.faults) - 1
        rest = f" (and {more} more: noisetamer forward check)" if more else ""
        raise UserError(f"{settings.faults[0]}{rest}")
    return settings


def module_of(kind: str) -> ModuleType:
    return importlib.import_module(FORMATS[kind])


def make(asked: Asked, around: Around) -> Format:
    """Its format, which connects by itself when it is needed. Raises UserError."""
    return module_of(asked.kind).make(asked, around)


class _Reading:
    def __init__(self, path: Path, table: dict[str, Any], where: dict[str, int]) -> None:
        self._path = path
        self._table = table
        self._where = where
        self._faults: list[Fault] = []

    def settings(self) -> Settings:
        for key in self._table.keys() - {"destination", "place"}:
            self._fault(key, f"is no key of it{_nearest(key, ('destination', 'place'))}")
        places = self._places()
        on: list[Asked] = []
        off: list[Asked] = []
        tables = self._table.get("destination", [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self._fault("destination", "each begins with [[destination]], in two brackets")
            tables = []
        names: dict[str, int] = {}
        for number, table in enumerate(tables, 1):
            path = f"destination[{number}]"
            before = len(self._faults)
            asked, enabled = self._destination(path, table)
            if asked and asked.name in names:
                line = names[asked.name]
                self._fault(
                    f"{path}.name", f"{asked.name} is in line {line} already; names differ"
                )
            if asked:
                names[asked.name] = self._line(f"{path}.name")
            if asked and len(self._faults) == before:
                (on if enabled else off).append(asked)
        faults = sorted(self._faults, key=lambda one: one.line)
        return Settings(on, off, places, faults)

    def _destination(self, path: str, table: dict[str, Any]) -> tuple[Asked | None, bool]:
        kind = table.get("kind")
        if not _is_text(kind) or kind not in FORMATS:
            said = "is missing" if kind is None else f"{kind!r} is none"
            self._fault(f"{path}.kind", f"{said}; known are {', '.join(sorted(FORMATS))}")
            return None, False
        module = module_of(kind)
        own: Mapping[str, Key] = module.KEYS
        for name in table.keys() - COMMON.keys() - own.keys():
            self._fault(f"{path}.{name}", _unknown(name, (*COMMON, *own)))
        common = {key: self._value(f"{path}.{key}", table, COMMON[key]) for key in COMMON}
        name = common["name"]
        if isinstance(name, str) and not _NAME.fullmatch(name):
            self._fault(
                f"{path}.name", 'has up to 40 small letters, digits, - and _, such as "bureau"'
            )
        wanted = module.WANTS if common["facts"] is None else common["facts"]
        self._among(f"{path}.facts", wanted, facts.KINDS)
        self._among(f"{path}.events", common["events"] or (), tuple(EVENTS))
        before = len(self._faults)
        keys = {key: self._value(f"{path}.{key}", table, spec) for key, spec in own.items()}
        if hasattr(module, "judge") and len(self._faults) == before:
            for key, reason in module.judge(keys):
                self._fault(f"{path}.{key}", reason)
        if not isinstance(name, str):
            return None, False
        asked = Asked(
            *(name, kind, tuple(wanted or ()), tuple(common["units"] or ())),
            *(tuple(common["squares"] or ()), tuple(common["events"] or ())),
            *(common["at_once"], common["timeout"], keys),
        )
        return asked, bool(common["enabled"])

    def _value(self, path: str, table: dict[str, Any], key: Key) -> Any:
        """Of one key; None where it is at fault."""
        name = path.rpartition(".")[2]
        if name not in table:
            if key.default is REQUIRED:
                self._fault(path, f"is missing{f': {key.what}' if key.what else ''}")
                return None
            return key.default
        value = table[name]
        is_one, otherwise = TYPES[key.type]
        if not is_one(value):
            self._fault(path, otherwise)
            return None
        if key.among and value not in key.among:
            known = ", ".join(map(str, key.among))
            self._fault(path, f"{value!r} is none of them; known are {known}")
            return None
        size = value if _is_number(value) else len(value) if hasattr(value, "__len__") else 0
        unit = "" if _is_number(value) else " characters" if _is_text(value) else " entries"
        if key.type != "secret" and key.least is not None and size < key.least:
            self._fault(path, f"is at least {key.least:g}{unit}")
            return None
        if key.type != "secret" and key.most is not None and size > key.most:
            self._fault(path, f"is at most {key.most:g}{unit}")
            return None
        return self._secret(path, value) if key.type == "secret" else value

    def _secret(self, path: str, name: str) -> str | None:
        file = self._path.parent / name
        try:
            mode = file.stat().st_mode
            if mode & 0o077:
                self._fault(path, f"{file} may be read by others than its owner: chmod 600 {file}")
                return None
            content = file.read_bytes()[: LONGEST_SECRET + 1].decode().strip()
        except OSError as error:
            self._fault(path, f"{file} cannot be read ({error.strerror or error})")
            return None
        except UnicodeDecodeError:
            self._fault(path, f"{file} is not UTF-8 text")
            return None
        except ValueError as error:
            self._fault(path, f"{name!r} is no name of a file ({error})")
            return None
        if not content or len(content) > LONGEST_SECRET:
            self._fault(path, f"{file} is empty" if not content else f"{file} is too long")
            return None
        return content

    def _places(self) -> dict[str, Place]:
        found = {}
        table = self._table.get("place", {})
        if not isinstance(table, dict):
            self._fault("place", 'each begins with [place."NAME"]')
            return {}
        for name, place in table.items():
            path = f"place.{name}"
            if not isinstance(place, dict):
                self._fault(path, f'begins with [place."{name}"]')
                continue
            for key in place.keys() - _PLACE.keys():
                self._fault(f"{path}.{key}", _unknown(key, tuple(_PLACE)))
            values = [self._value(f"{path}.{key}", place, spec) for key, spec in _PLACE.items()]
            if values[0] is not None and values[1] is not None:
                found[name] = Place(*values)
        return found

    def _among(self, path: str, values: Sequence[str], known: Sequence[str]) -> None:
        for number, value in enumerate(values, 1):
            if value not in known:
                self._fault(
                    f"{path}[{number}]", f"{value!r} is none; known are {', '.join(known)}"
                )

    def _fault(self, key: str, reason: str) -> None:
        self._faults.append(Fault(self._path, self._line(key), key, reason))

    def _line(self, key: str) -> int:
        """Of a dotted key, or of what it would stand in."""
        while key:
            if key in self._where:
                return self._where[key]
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return 1


_PLACE: Mapping[str, Key] = {
    "latitude": Key("number", least=-90, most=90, what="WGS 84, degrees"),
    "longitude": Key("number", least=-180, most=180, what="WGS 84, degrees"),
    "height": Key("number", None, least=0, most=1000, what="m above ground"),
}


def _unknown(name: str, known: Sequence[str]) -> str:
    file = next((key for key in known if key == f"{name}_file"), "")
    if file:
        return (
            f"no secret stands in this file: put it alone into a file of the hub's folder, "
            f'chmod 600, and write {file} = "its name"'
        )
    return f"is no key of it{_nearest(name, known)}"


def _nearest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(sorted(known))}"


def stamp(data: Path) -> tuple[int, int]:
    """Differs where the file has changed since."""
    try:
        about = (data / FILE).stat()
    except OSError:
        return (0, 0)
    return about.st_mtime_ns, about.st_size
