"""InfluxDB: line protocol over HTTP, v1 (`/write`), v2 and v3 (`/api/v2/write`).

A point is written over by another one of the same measurement, tags and time: what comes twice
counts once, and a correction takes the place of what it corrects.
https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
"""

import base64
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from noisetamer.hub.forward import http
from noisetamer.hub.forward.facts import LEVELS, OF_DAYS, PERIODS, Fact
from noisetamer.hub.forward.format import Around, Asked, Format, Key, Sent
from noisetamer.hub.forward.http import Answer, Http
from noisetamer.hub.forward.plain import told

WANTS: Sequence[str] = ("minute",)
KEYS: Mapping[str, Key] = {
    **http.KEYS,
    "version": Key("whole", 2, among=(1, 2), what="of its write interface; 2 also of InfluxDB 3"),
    "measurement": Key("text", "noise", what="events are in MEASUREMENT_event"),
    "token_file": Key("secret", "", what="version 2: an API token that may write to the bucket"),
    "org": Key("text", "", what="version 2: the organisation, by name or id"),
    "bucket": Key("text", "", what="version 2: where it is written"),
    "database": Key("text", "", what="version 1: where it is written"),
    "retention_policy": Key("text", "", what="version 1: the database's own where it is empty"),
    "user": Key("text", "", what="version 1"),
    "password_file": Key("secret", "", what="version 1"),
}

PERIOD_TAGS = {"second": "1s", "minute": "1min", "hour": "1h", "day": "1d"}


def judge(keys: Mapping[str, Any]) -> list[tuple[str, str]]:
    """[(key, what is wrong)]."""
    needed = ("bucket", "token_file") if keys["version"] == 2 else ("database",)
    missing = [key for key in needed if not keys[key]]
    why = f"version {keys['version']} needs it"
    return [*http.judge(keys), *((key, why) for key in missing)]


def make(asked: Asked, around: Around) -> "Influx":
    return Influx(asked, around)


class Influx(Format):
    def __init__(self, asked: Asked, around: Around) -> None:
        keys = asked.keys
        self._measurement: str = keys["measurement"]
        self._params = {"precision": "ms"}
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        if keys["version"] == 2:
            self._path = "/api/v2/write"
            self._params.update(bucket=keys["bucket"])
            if keys["org"]:
                self._params.update(org=keys["org"])
            headers["Authorization"] = f"Token {keys['token_file']}"
        else:
            self._path = "/write"
            self._params.update(db=keys["database"])
            if keys["retention_policy"]:
                self._params.update(rp=keys["retention_policy"])
            if keys["user"]:
                login = f"{keys['user']}:{keys['password_file']}".encode()
                headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"
        self._http = Http(asked, around, headers)

    async def send(self, facts: Sequence[Fact]) -> Sent:
        lines = [line(fact, self._measurement) for fact in facts]
        answer = await self._post("\n".join(lines))
        if answer.status in (200, 204):
            return Sent(len(facts))
        if (refused := partly(answer, lines)) is None:
            raise self._http.judged(answer)
        return Sent(len(facts) - len(refused), refused)

    async def check(self) -> str:
        """Writes nothing: an empty body is no fault, a wrong token or bucket is."""
        answer = await self._post("")
        if answer.status in (200, 204, 400):
            return f"{self._http.url.host} takes what is written."
        raise self._http.judged(answer)

    async def close(self) -> None:
        await self._http.close()

    async def _post(self, body: str) -> Answer:
        return await self._http.ask("POST", self._path, content=body.encode(), params=self._params)


def partly(answer: Answer, lines: Sequence[str]) -> dict[int, str] | None:
    """{place: why} of the lines that were not written while the others were; None where the
    answer does not say which: then they are to be tried in parts.

    InfluxDB 3 numbers the lines, from 1 on. Versions 1 and 2 say only how many were dropped
    ("partial write: ... dropped=2"), and have written the others.
    """
    said = answer.json() if answer.status in (400, 422) else None
    if not isinstance(said, dict) or not isinstance(said.get("data"), list):
        return None
    found = {}
    for one in said["data"]:
        number = one.get("line_number") if isinstance(one, dict) else None
        if not isinstance(number, int) or not 1 <= number <= len(lines):
            return None
        found[number - 1] = str(one.get("error_message", answer.said))
    return found or None


def line(fact: Fact, measurement: str) -> str:
    """One point. Every number is a float but those that are counts (`i`): a field keeps the type
    of its first value for ever, and 67 after 66.5 must be no other type.
    """
    milliseconds = 1000 * fact.since
    tags = {"unit": fact.unit, "square": fact.square, "name": fact.name}
    fields: dict[str, Any] = {}
    if fact.kind in PERIODS:
        tags["period"] = PERIOD_TAGS[fact.kind]
        for name in (*LEVELS, *OF_DAYS):
            if (level := fact.dB(name)) is not None:
                fields[name] = level
        fields["coverage"] = round(fact.coverage, 4)
        fields["valid_seconds"] = _Count(fact.valid)
        fields["late"] = fact.late
        fields["overload"] = fact.overload
        fields["under_range"] = fact.under_range
    else:
        measurement += f"_{fact.kind}"
        tags["what"] = fact.what
        fields = {**told(fact), "late": fact.late}
        # two of one kind in one second are two points
        milliseconds += zlib.crc32(fact.key.encode()) % 1000
    written = {name: _field(value) for name, value in fields.items()}
    return "{}{} {} {}".format(
        _escaped(measurement, ", "),
        "".join(f",{key}={_escaped(value, ', =')}" for key, value in _some(tags)),
        ",".join(f"{_escaped(key, ', =')}={value}" for key, value in written.items() if value),
        milliseconds,
    )


class _Count(int):
    pass


def _some(tags: Mapping[str, str]) -> list[tuple[str, str]]:
    """Sorted, as the server likes them; an empty tag is none."""
    return sorted((key, value) for key, value in tags.items() if _one_line(value).strip())


def _field(value: object) -> str:
    """Empty for what is unknown, or no scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Count):
        return f"{int(value)}i"
    if isinstance(value, int | float):
        return repr(float(value))
    if isinstance(value, str):
        told = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{_one_line(told)}"'
    return ""


def _escaped(text: str, signs: str) -> str:
    """Of a name or a tag. A backslash there has no way to be escaped that all versions read
    alike, and at the end it would take the sign after it with it: it becomes a slash.
    """
    told = _one_line(text).replace("\\", "/").strip()
    return re.sub(f"([{re.escape(signs)}])", r"\\\1", told)


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", text)
