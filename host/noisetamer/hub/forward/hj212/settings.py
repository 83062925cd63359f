"""One platform, as forward.toml has it, and what it may change itself.

[[destination]]
name = "bureau"
kind = "hj212"
host = "212.example.gov.cn"
port = 9003
version = "2025"
password_file = "bureau.pw"                       # six characters
mn = { "NT-0007" = "010000A8900016F000169DC0" }   # units without one are not sent
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from noisetamer.base.private_file import write_private
from noisetamer.hub.forward.format import Asked, Key
from noisetamer.hub.forward.hj212 import areas, cipher, codes, crc

ALLOWED = ("real-time", "intervals", "timeouts", "password", "key", "clock")
"""What a platform may be allowed to change: whether real-time data is sent; its interval and that
of minutes; time-out and re-sends; password; SM4 key; to set the clock (see README)."""

_SINGLE = (0, 5, 10, 15, 20, 30, 60)

KEYS: Mapping[str, Key] = {
    "host": Key("text", least=1, most=253, what="of the platform"),
    "port": Key("whole", least=1, most=65535, what="of the platform"),
    "version": Key("text", "2025", among=("2017", "2025"), what="of HJ 212"),
    "mn": Key("table", what="which device each unit is to the platform, { UNIT = MN }"),
    "password_file": Key("secret", what="holds PW, six characters"),
    "system": Key("text", "23", what="ST: 23 quality of the sound environment, 36 a source"),
    "crc": Key("text", "standard", among=crc.KINDS, what="which check"),
    "key_file": Key("secret", None, what="holds the SM4 key: 16 characters, or 32 hexadecimal"),
    "encrypted_length": Key(
        "text", "plain", among=("plain", "sent"), what="whose length an encrypted frame says"
    ),
    "answers": Key("yes", True, what="whether data is to be acknowledged (Flag A)"),
    "overtime": Key("whole", 10, least=1, most=99, what="s for an answer"),
    "recount": Key("whole", 3, least=0, most=99, what="re-sends"),
    "minutes": Key("whole", 1, among=codes.MIN_INTERVALS, what="minutes of a 2051"),
    "hours": Key("yes", None, what="whether 2061 is sent; without it, in 2017 only"),
    "newest_first": Key(
        "yes", None, what="whether new minutes go before old ones; without it, in 2025"
    ),
    "single": Key("whole", 0, among=_SINGLE, what="minutes of a 2052, 0: none"),
    "real_time": Key("whole", 0, what="s from one 2011 to the next, 30 to 3600, 0: none"),
    "heartbeat": Key("whole", 60, least=0, most=3600, what="s between 9015, 0: none"),
    "started": Key("yes", True, what="whether 2081 says when the hub was started"),
    "marks": Key("text", "needed", among=areas.MARKS, what="when a mark is beside a level"),
    "least_coverage": Key(
        "number", 0.75, least=0, most=1, what="valid seconds of all, for the mark N"
    ),
    "serials": Key("table", {}, what="of units, for 3019, { UNIT = SERIAL }"),
    "allow": Key("texts", [], what="what the platform may change"),
}

_MN = re.compile(r"[0-9A-Za-z]{1,24}")
STANDARD_MN = re.compile(r"[0-9A-F]{24}")
PASSWORD = re.compile(r"[0-9A-Za-z]{1,6}")


@dataclass(frozen=True)
class Changeable:
    """What a platform may change of one device, where it is allowed. minutes, real_time: as of
    KEYS; key: of SM4, None: plain text; wanted: whether real-time data is."""

    password: str
    key: bytes | None
    overtime: float
    recount: int
    minutes: int
    real_time: int
    wanted: bool = True


@dataclass(frozen=True)
class Platform:
    """Of one destination. mn, serials: by unit; hours: whether 2061 is sent; first: before the
    platform changed anything."""

    name: str
    host: str
    port: int
    mn: Mapping[str, str]
    first: Changeable
    version: str = "2025"
    system: str = codes.NOISE_QUALITY
    crc: str = "standard"
    plain_length: bool = True
    answers: bool = True
    hours: bool = False
    newest_first: bool = False
    single: int = 0
    heartbeat: float = 60
    started: bool = True
    marks: str = "needed"
    least_coverage: float = 0.75
    serials: Mapping[str, str] = field(default_factory=dict)
    allow: frozenset[str] = frozenset()


def judge(keys: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(key, what is wrong with it) beyond what KEYS says."""
    if not keys["mn"]:
        yield "mn", 'names no unit: { "NT-0007" = "010000A8900016F000169DC0" }'
    for unit, mn in keys["mn"].items():
        if not isinstance(mn, str) or not _MN.fullmatch(mn):
            yield f"mn.{unit}", "is up to 24 digits and letters, by the standard 24 of 0-9 and A-F"
    twice = [unit for unit, mn in keys["mn"].items() if list(keys["mn"].values()).count(mn) > 1]
    if twice:
        yield "mn", f"{' and '.join(twice)} have the same MN: a device is one unit"
    if not PASSWORD.fullmatch(keys["password_file"]):
        yield "password_file", "holds no password of up to six digits and letters"
    if not re.fullmatch(r"[0-9A-Z]{2}", keys["system"]):
        yield "system", "is two digits, such as 23 or 36"
    if keys["key_file"] is not None and key_of(keys["key_file"]) is None:
        yield "key_file", "holds no key of 16 characters or 32 hexadecimal digits"
    if keys["key_file"] is not None and keys["version"] == "2017":
        yield "key_file", 'HJ 212-2017 knows no encryption: leave it out, or version = "2025"'
    if keys["version"] == "2025" and keys["minutes"] != 1:
        yield "minutes", "is 1 by HJ 212-2025, of noise; for longer ones set single"
    if keys["version"] == "2017" and keys["single"]:
        yield "single", 'HJ 212-2017 has no 2052: leave it out, or version = "2025"'
    if keys["real_time"] and keys["real_time"] not in codes.RTD_INTERVALS:
        yield "real_time", "is 0, or 30 to 3600 s"
    for what in keys["allow"]:
        if what not in ALLOWED:
            yield "allow", f"{what!r} is none; known are {', '.join(ALLOWED)}"


def key_of(text: str) -> bytes | None:
    """A key of SM4 as people are given it; None where it is none."""
    if re.fullmatch(r"[0-9A-Fa-f]{32}", text):
        return bytes.fromhex(text)
    written = text.encode()
    return written if len(written) == cipher.KEY_BYTES else None


def platform(asked: Asked) -> Platform:
    """What `judge` has nothing against."""
    keys = asked.keys
    first = Changeable(
        keys["password_file"],
        key_of(keys["key_file"]) if keys["key_file"] else None,
        *(keys["overtime"], keys["recount"], keys["minutes"], keys["real_time"]),
    )
    version = keys["version"]
    return Platform(
        *(asked.name, keys["host"], keys["port"], keys["mn"], first, version),
        system=keys["system"],
        crc=keys["crc"],
        plain_length=keys["encrypted_length"] == "plain",
        answers=keys["answers"],
        hours=version == "2017" if keys["hours"] is None else keys["hours"],
        newest_first=version == "2025" if keys["newest_first"] is None else keys["newest_first"],
        single=keys["single"],
        heartbeat=0 if version == "2017" else keys["heartbeat"],
        started=keys["started"],
        marks=keys["marks"],
        least_coverage=keys["least_coverage"],
        serials=keys["serials"],
        allow=frozenset(keys["allow"]),
    )


class Kept:
    """What a platform has changed, kept in a file of the hub's folder: the password that counts
    from now on may be known to nobody else."""

    def __init__(self, file: Path, platform: Platform) -> None:
        self._file = file
        self._first = platform.first
        try:
            self._changed: dict[str, dict[str, Any]] = json.loads(file.read_bytes())
        except (OSError, ValueError):
            self._changed = {}

    def of(self, unit: str) -> Changeable:
        """As it counts for a unit now."""
        known = {one.name for one in fields(Changeable)}
        changed = {
            name: value for name, value in self._changed.get(unit, {}).items() if name in known
        }
        if isinstance(changed.get("key"), str):
            changed["key"] = bytes.fromhex(changed["key"])
        return replace(self._first, **changed)

    def change(self, unit: str, **values: Any) -> None:
        """Raises OSError; then all is as it was."""
        now = self._changed.get(unit, {}) | values
        now = {name: one.hex() if isinstance(one, bytes) else one for name, one in now.items()}
        changed = self._changed | {unit: now}
        write_private(self._file, json.dumps(changed).encode())
        self._changed = changed


def kept_file(data: Path, name: str) -> Path:
    return data / f"forward.hj212.{name}.json"
