"""OGC SensorThings 1.1 (18-088): a Thing a unit, a Datastream a level, an Observation a period.

What is there is found again by its name; what is missing is made. The standard knows no "written
twice": what an answer was lost of is looked for before it is sent again, and so is what comes
late, which corrects the Observation of that time.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from noisetamer.hub.forward import http
from noisetamer.hub.forward.facts import LEVELS, OF_DAYS, PERIODS, Fact
from noisetamer.hub.forward.format import Around, Asked, Format, Key, Place, Sent, Unreachable
from noisetamer.hub.forward.http import Answer, Http
from noisetamer.hub.forward.plain import moment

WANTS: Sequence[str] = ("minute",)
PLACED = True
KEYS: Mapping[str, Key] = {
    **http.KEYS,
    "url": Key("url", what="service root, such as https://host/FROST-Server/v1.1"),
    "levels": Key("texts", ["LAeq", "LAFmax", "L10", "L50", "L90"], what="a Datastream each"),
    "instants": Key(
        "yes", False, what="phenomenonTime is a period's end: for services that know no intervals"
    ),
    "user": Key("text", "", what="of Basic authentication"),
    "password_file": Key("secret", "", what="of Basic authentication"),
    "token_file": Key("secret", "", what="told as Authorization: Bearer"),
}

SENSOR = {
    "name": "Noise Tamer",
    "description": "Box with a MEMS microphone; levels by the weightings of IEC 61672-1. "
    "No class of that standard is claimed.",
    "encodingType": "text/html",
    "metadata": "<p>Noise Tamer: firmware and method are public.</p>",
}
UNIT = {
    "name": "A-weighted decibel re 20 µPa",
    "symbol": "dB(A)",
    "definition": "urn:ogc:def:uom:UCUM::dB[SPL]",
}
C_WEIGHTED = {**UNIT, "name": "C-weighted decibel re 20 µPa", "symbol": "dB(C)"}
_MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
COMPONENTS = ("phenomenonTime", "resultTime", "result", "resultQuality", "parameters")
_NO_PLACE = "where it stands is not known: write a [place] for its unit or square"
_NO_ARRAYS = (404, 405, 501)

Id = int | str


def judge(keys: Mapping[str, Any]) -> list[tuple[str, str]]:
    """[(key, what is wrong)]."""
    known = (*LEVELS, *OF_DAYS)
    wrong = [
        ("levels", f"{one} is none; known are {', '.join(known)}")
        for one in keys["levels"]
        if one not in known
    ]
    return [*http.judge(keys), *wrong]


def make(asked: Asked, around: Around) -> "SensorThings":
    return SensorThings(asked, around)


@dataclass(frozen=True)
class _Row:
    """An Observation to be made. place: of its fact among those given; t: resultTime, Unix s."""

    place: int
    stream: Id
    t: int
    values: Mapping[str, Any]


class SensorThings(Format):
    def __init__(self, asked: Asked, around: Around) -> None:
        keys = asked.keys
        self._around = around
        self._levels: Sequence[str] = keys["levels"]
        self._instants: bool = keys["instants"]
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if keys["token_file"]:
            headers["Authorization"] = f"Bearer {keys['token_file']}"
        elif keys["user"]:
            login = f"{keys['user']}:{keys['password_file']}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"
        self._http = Http(asked, around, headers)
        self._streams: dict[tuple[str, str, str], Id] = {}
        self._things: dict[str, tuple[tuple[str, str, Place], Id]] = {}
        self._named: dict[tuple[str, str], Id] = {}
        self._arrays = True
        # whether what is sent may be there already: after a start, and after a lost answer
        self._unsure = True

    async def send(self, facts: Sequence[Fact]) -> Sent:
        try:
            refused = await self._create(facts)
        except BaseException:
            self._look_anew()
            raise
        self._unsure = False
        wanted = sum(fact.kind in PERIODS for fact in facts)
        return Sent(wanted - len(refused), refused)

    async def check(self) -> str:
        answer = await self._http.ask("GET", "/Things", params={"$top": "1"})
        if answer.status != 200 or _value(answer) is None:
            raise self._not(answer)
        return f"{self._http.url.host} is a SensorThings service."

    async def close(self) -> None:
        await self._http.close()

    def _look_anew(self) -> None:
        """What is there now: somebody may have deleted it, and what was made is not known."""
        self._unsure = True
        for known in (self._streams, self._things, self._named):
            known.clear()

    async def _create(self, facts: Sequence[Fact]) -> Mapping[int, str]:
        refused: dict[int, str] = {}
        rows: dict[tuple[Id, int], _Row] = {}
        for place, fact in enumerate(facts):
            if fact.kind not in PERIODS:
                continue
            stands = self._around.place(fact)
            if stands is None:
                # an Observation of a Thing without a Location has no feature of interest
                refused[place] = _NO_PLACE
                continue
            for name in self._levels:
                if (level := fact.dB(name)) is not None:
                    stream = await self._stream(fact, name, stands)
                    values = observation(fact, level, self._instants)
                    # of what comes with its correction only that is told
                    rows[stream, fact.until] = _Row(place, stream, fact.until, values)
        late = {place for place, fact in enumerate(facts) if fact.late}
        asked = [row for row in rows.values() if self._unsure or row.place in late]
        there = await self._there(asked)
        new = []
        for row in rows.values():
            if (row.stream, row.t) not in there:
                new.append(row)
                continue
            id, result = there[row.stream, row.t]
            if result != row.values["result"]:
                await self._correct(id, row)
        if new:
            not_made = await self._insert(new)
            if not_made and not self._unsure:
                # perhaps what it belongs to is not there any more
                self._look_anew()
                return await self._create(facts)
            refused |= not_made
        return refused

    async def _insert(self, rows: Sequence[_Row]) -> dict[int, str]:
        if not self._arrays:
            return await self._one_by_one(rows)
        by_stream: dict[Id, list[_Row]] = {}
        for row in rows:
            by_stream.setdefault(row.stream, []).append(row)
        body = [
            {
                "Datastream": {"@iot.id": stream},
                "components": list(COMPONENTS),
                "dataArray@iot.count": len(of_it),
                "dataArray": [[row.values[name] for name in COMPONENTS] for row in of_it],
            }
            for stream, of_it in by_stream.items()
        ]
        answer = await self._http.ask("POST", "/CreateObservations", content=_json(body))
        if answer.status in _NO_ARRAYS:
            self._arrays = False  # the extension is optional (13)
            return await self._one_by_one(rows)
        self._http.refuse_unless(answer, 200, 201)
        links = answer.json()
        in_order = [row for of_it in by_stream.values() for row in of_it]
        if not isinstance(links, list) or len(links) != len(in_order):
            raise Unreachable(f"{self._http.url.host} says not what became of each Observation.")
        # 201 also where an Observation was not made: "error" stands in place of its link then
        return {
            row.place: str(link)[:300]
            for row, link in zip(in_order, links, strict=True)
            if str(link).startswith("error")
        }

    async def _one_by_one(self, rows: Sequence[_Row]) -> dict[int, str]:
        refused = {}
        for row in rows:
            body = {**row.values, "Datastream": {"@iot.id": row.stream}}
            answer = await self._http.ask("POST", "/Observations", content=_json(body))
            if answer.status in (400, 409, 422):
                refused[row.place] = answer.said
            else:
                self._http.refuse_unless(answer, 201)
        return refused

    async def _correct(self, id: Id, row: _Row) -> None:
        """The Observation of that time, which was told before."""
        told = {name: row.values[name] for name in ("result", "resultQuality", "parameters")}
        path = f"/Observations({_literal(id)})"
        answer = await self._http.ask("PATCH", path, content=_json(told))
        self._http.refuse_unless(answer, 200, 204)

    async def _there(self, rows: Sequence[_Row]) -> dict[tuple[Id, int], tuple[Id, Any]]:
        """{(Datastream, resultTime): (its id, its result)} of the Observations that are there."""
        spans: dict[Id, tuple[int, int]] = {}
        for row in rows:
            least, most = spans.get(row.stream, (row.t, row.t))
            spans[row.stream] = min(least, row.t), max(most, row.t)
        found = {}
        for stream, (least, most) in spans.items():
            path = f"/Datastreams({_literal(stream)})/Observations"
            which = f"resultTime ge {moment(least)} and resultTime le {moment(most)}"
            for one in await self._all(path, {"$filter": which}):
                if (t := _unix(one.get("resultTime"))) is not None:
                    found[stream, t] = one["@iot.id"], one.get("result")
        return found

    async def _stream(self, fact: Fact, level: str, stands: Place) -> Id:
        key = fact.unit, fact.kind, level
        thing = await self._thing(fact, stands)
        if key not in self._streams:
            await self._post(
                "/Datastreams",
                {
                    **datastream(fact.unit, fact.kind, level),
                    "Thing": {"@iot.id": thing},
                    "Sensor": {"@iot.id": await self._found("/Sensors", SENSOR)},
                    "ObservedProperty": {
                        "@iot.id": await self._found("/ObservedProperties", property_of(level))
                    },
                },
            )
            path = f"/Things({_literal(thing)})/Datastreams"
            self._know(fact.unit, await self._all(path, {}))
            if key not in self._streams:
                raise Unreachable(f"{self._http.url.host} keeps no Datastream that was made.")
        return self._streams[key]

    async def _thing(self, fact: Fact, stands: Place) -> Id:
        about = fact.square, fact.name, stands
        told, id = self._things.get(fact.unit, (None, 0))
        if told == about:
            return id
        wanted = thing(fact)
        which = {"$filter": _named(wanted["name"]), "$expand": "Locations,Datastreams"}
        found = await self._all("/Things", which)
        if not found:
            body = {**wanted, "Locations": [location(fact, stands)]}
            await self._post("/Things", body)
            found = await self._all("/Things", which)
        if not found:
            raise Unreachable(f"{self._http.url.host} keeps no Thing that was made.")
        id = found[0]["@iot.id"]
        path = f"/Things({_literal(id)})"
        if found[0].get("properties") != wanted["properties"]:
            answer = await self._http.ask("PATCH", path, content=_json(wanted))
            if answer.status not in (200, 204):
                raise self._not(answer)
        place = location(fact, stands)
        if place["location"] not in [
            one.get("location") for one in _entities(found[0].get("Locations"))
        ]:
            await self._post(f"{path}/Locations", place)  # it has moved
        self._know(fact.unit, _entities(found[0].get("Datastreams")))
        self._things[fact.unit] = about, id
        return id

    def _know(self, unit: str, streams: Sequence[Mapping[str, Any]]) -> None:
        names = {
            datastream(unit, kind, level)["name"]: (unit, kind, level)
            for kind in PERIODS
            for level in self._levels
        }
        for stream in streams:
            if key := names.get(str(stream.get("name"))):
                self._streams[key] = stream["@iot.id"]

    async def _found(self, path: str, entity: Mapping[str, Any]) -> Id:
        """The id of the one with that name; made where there is none."""
        key = path, entity["name"]
        if key not in self._named:
            which = {"$filter": _named(entity["name"])}
            found = await self._all(path, which)
            if not found:
                await self._post(path, entity)
                found = await self._all(path, which)
            if not found:
                raise Unreachable(f"{self._http.url.host} keeps nothing that was made at {path}.")
            self._named[key] = found[0]["@iot.id"]
        return self._named[key]

    async def _post(self, path: str, entity: Mapping[str, Any]) -> None:
        answer = await self._http.ask("POST", path, content=_json(entity))
        if answer.status != 201:
            raise self._not(answer)

    def _not(self, answer: Answer) -> Unreachable:
        """What it says no to, before any Observation is sent, is no fault of the facts."""
        judged = self._http.judged(answer)
        if isinstance(judged, Unreachable):
            return judged
        return Unreachable(f"{self._http.url.host}: {judged}")

    async def _all(self, path: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        """Every page of them, as long as the service likes them. Its links are not followed:
        they may lead to another host.
        """
        found: list[dict[str, Any]] = []
        while True:
            page = {"$skip": str(len(found))} if found else {}
            answer = await self._http.ask("GET", path, params={**params, **page})
            value = _value(answer) if answer.status == 200 else None
            if value is None:
                raise self._not(answer)
            found += value
            if "@iot.nextLink" not in answer.json() or not value:
                return found


def thing(fact: Fact) -> dict[str, Any]:
    return {
        "name": f"Noise Tamer {fact.unit}",
        "description": "A box on a pole in a public square, which measures sound.",
        "properties": {"unit": fact.unit, "square": fact.square, "name": fact.name},
    }


def location(fact: Fact, stands: Place) -> dict[str, Any]:
    coordinates = [stands.longitude, stands.latitude]
    if stands.height is not None:
        coordinates.append(stands.height)
    return {
        "name": fact.square or fact.unit,
        "description": "Where it stands.",
        "encodingType": "application/geo+json",
        "location": {"type": "Point", "coordinates": coordinates},
    }


def datastream(unit: str, kind: str, level: str) -> dict[str, Any]:
    """Without what it belongs to."""
    return {
        "name": f"{unit} {kind} {level}",
        "description": f"{level} of each {kind}, of its valid seconds",
        "observationType": _MEASUREMENT,
        "unitOfMeasurement": dict(C_WEIGHTED if level.startswith("LC") else UNIT),
    }


_MEANINGS = {
    "LAeq": "equivalent continuous level, A-weighted (IEC 61672-1)",
    "LCeq": "equivalent continuous level, C-weighted (IEC 61672-1)",
    "LAFmax": "largest level, A-weighted, time weighting F (IEC 61672-1)",
    "LAmin": "least LAeq of a second",
    "LCpeak": "largest peak, C-weighted (IEC 61672-1)",
    "SD": "standard deviation of LAeq of a second",
    "Ld": "LAeq from 06:00 to 22:00 (GB 3096-2008)",
    "Ln": "LAeq from 22:00 to 06:00 (GB 3096-2008)",
    "Ldn": "both, the night 10 dB heavier (GB 3096-2008)",
}


def property_of(level: str) -> dict[str, Any]:
    """An ObservedProperty."""
    meaning = _MEANINGS.get(level) or f"LAeq of a second exceeded in {level[1:]} % of them"
    return {
        "name": level,
        "definition": f"urn:noisetamer:level:{level}",
        "description": meaning,
    }


def observation(fact: Fact, level: float, instants: bool = False) -> dict[str, Any]:
    """level: dB. resultQuality says how much of the period is known."""
    end = moment(fact.until)
    return {
        "phenomenonTime": end if instants else f"{moment(fact.since)}/{end}",
        "resultTime": end,
        "result": level,
        "resultQuality": {"nameOfMeasure": "coverage", "value": round(fact.coverage, 4)},
        "parameters": {
            "validSeconds": fact.valid,
            "invalid": dict(fact.reasons),
            "overload": fact.overload,
            "underRange": fact.under_range,
            "late": fact.late,
        },
    }


def _named(name: str) -> str:
    return f"name eq {_literal(name)}"


def _literal(id: Id) -> str:
    """As OData writes it: a text in single quotes, those in it twice."""
    return str(id) if isinstance(id, int) else "'" + id.replace("'", "''") + "'"


def _value(answer: Answer) -> list[dict[str, Any]] | None:
    """The entities of a collection; None where it is none."""
    told = answer.json()
    value = told.get("value") if isinstance(told, dict) else None
    return value if isinstance(value, list) and _entities(value) == value else None


def _entities(value: object) -> list[dict[str, Any]]:
    """Those that are entities."""
    return [
        one
        for one in (value if isinstance(value, list) else ())
        if isinstance(one, dict) and isinstance(one.get("@iot.id"), int | str)
    ]


def _unix(text: object) -> int | None:
    try:
        return int(datetime.fromisoformat(str(text)).timestamp())
    except ValueError:
        return None


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
