"""FIWARE NoiseLevelObserved to a context broker, by NGSI-LD or NGSI-v2.

The model: smart-data-models/dataModel.Environment, NoiseLevelObserved 0.2.1. The requests:
ETSI GS CIM 009, 6.15 (batch upsert) and FIWARE-NGSI v2, POST /v2/op/update. No `sonometerClass`:
no class is claimed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from noisetamer.hub.forward import http
from noisetamer.hub.forward.facts import DAY, LEVELS, OF_DAYS, PERIODS, Fact
from noisetamer.hub.forward.format import Around, Asked, Format, Key, Place, Sent, Unreachable
from noisetamer.hub.forward.http import Answer, Http
from noisetamer.hub.forward.plain import moment

CORE_CONTEXT = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"
MODEL_CONTEXT = (
    "https://raw.githubusercontent.com/smart-data-models/dataModel.Environment/master/"
    "context.jsonld"
)
TYPE = "NoiseLevelObserved"

WANTS: Sequence[str] = ("minute",)
PLACED = True
KEYS: Mapping[str, Key] = {
    **http.KEYS,
    "version": Key("text", "ld", among=("ld", "v2"), what="NGSI-LD, or NGSI-v2"),
    "entity": Key(
        "text", "unit", among=("unit", "observation"), what="one a unit, or one a period"
    ),
    "tenant": Key("text", "", what="NGSILD-Tenant, or Fiware-Service"),
    "service_path": Key("text", "", what="Fiware-ServicePath, such as /noise"),
    "context": Key("text", MODEL_CONTEXT, what="JSON-LD context of the model"),
    "token_file": Key("secret", "", what="told as Authorization: Bearer"),
}

_DECIBEL = "2N"  # UN/CEFACT Recommendation 20
_NO_PLACE = "where it stands is not known: write a [place] for its unit or square"


def judge(keys: Mapping[str, Any]) -> list[tuple[str, str]]:
    """[(key, what is wrong)]."""
    path = keys["service_path"]
    wrong = [("service_path", "begins with /")] if path and not path.startswith("/") else []
    return [*http.judge(keys), *wrong]


def make(asked: Asked, around: Around) -> "Ngsi":
    return Ngsi(asked, around)


class Ngsi(Format):
    def __init__(self, asked: Asked, around: Around) -> None:
        keys = asked.keys
        self._around = around
        self._ld = keys["version"] == "ld"
        self._by_unit = keys["entity"] == "unit"
        self._context = list(dict.fromkeys([keys["context"], CORE_CONTEXT]))
        headers = {"Content-Type": "application/ld+json" if self._ld else "application/json"}
        if keys["tenant"]:
            headers["NGSILD-Tenant" if self._ld else "Fiware-Service"] = keys["tenant"]
        if keys["service_path"]:
            headers["Fiware-ServicePath"] = keys["service_path"]
        if keys["token_file"]:
            headers["Authorization"] = f"Bearer {keys['token_file']}"
        self._http = Http(asked, around, headers)
        self._newest: dict[str, Fact] = {}

    async def send(self, facts: Sequence[Fact]) -> Sent:
        """A unit's entity ends with the newest of it, also where what is late comes after."""
        refused = await self._upsert(facts)
        if again := self._overtaken(facts):
            await self._upsert(again)
        wanted = sum(fact.kind in PERIODS for fact in facts)
        return Sent(wanted - len(refused), refused)

    async def check(self) -> str:
        path = "/ngsi-ld/v1/types" if self._ld else "/v2"
        answer = await self._http.ask("GET", path)
        self._http.refuse_unless(answer, 200)
        return f"{self._http.url.host} is a context broker."

    async def close(self) -> None:
        await self._http.close()

    def _overtaken(self, facts: Sequence[Fact]) -> list[Fact]:
        """The newest of each entity that an older one was written over."""
        if not self._by_unit:
            return []
        last: dict[str, Fact] = {}
        for fact in facts:
            if fact.kind in PERIODS:
                id = self._id(fact)
                last[id] = fact
                known = self._newest.get(id)
                if known is None or fact.until >= known.until:
                    self._newest[id] = fact
        return [
            self._newest[id] for id, fact in last.items() if fact.until < self._newest[id].until
        ]

    async def _upsert(self, facts: Sequence[Fact]) -> Mapping[int, str]:
        refused: dict[int, str] = {}
        for some in self._batches(facts, refused):
            try:
                answer = await self._post(list(some.values()))
                if answer.status == 207:
                    places = {entity["id"]: place for place, entity in some.items()}
                    refused |= self._partly(answer, places)
                else:
                    self._http.refuse_unless(answer, 200, 201, 204)
            except Unreachable as error:
                raise Unreachable(str(error), min((*some, *refused)), error.after) from None
        return refused

    async def _post(self, entities: Sequence[Mapping[str, Any]]) -> Answer:
        if self._ld:
            return await self._http.ask(
                "POST",
                "/ngsi-ld/v1/entityOperations/upsert",
                content=_json(entities),
                params={"options": "update"},
            )
        body = {"actionType": "append", "entities": entities}
        return await self._http.ask("POST", "/v2/op/update", content=_json(body))

    def _batches(
        self, facts: Sequence[Fact], refused: dict[int, str]
    ) -> Iterator[dict[int, dict[str, Any]]]:
        """{place: entity}; in none an entity stands twice, which brokers read differently."""
        batch: dict[int, dict[str, Any]] = {}
        ids: set[str] = set()
        for place, fact in enumerate(facts):
            if fact.kind not in PERIODS:
                continue
            stands = self._around.place(fact)
            if stands is None:
                refused[place] = _NO_PLACE
                continue
            entity = self._entity(fact, stands)
            if entity["id"] in ids:
                yield batch
                batch, ids = {}, set()
            batch[place] = entity
            ids.add(entity["id"])
        if batch:
            yield batch

    def _partly(self, answer: Answer, places: Mapping[str, int]) -> dict[int, str]:
        """Of a 207, BatchOperationResult. Raises Unreachable where the broker itself is ill."""
        told = answer.json()
        errors = told.get("errors") if isinstance(told, dict) else None
        refused = {}
        for error in errors if isinstance(errors, list) else []:
            problem = error.get("error", {}) if isinstance(error, dict) else {}
            status = problem.get("status") if isinstance(problem, dict) else None
            if isinstance(status, int) and status >= 500:
                raise Unreachable(f"{self._http.url.host}: {answer.said}")
            place = places.get(str(error.get("entityId"))) if isinstance(error, dict) else None
            if place is None:
                raise Unreachable(f"{self._http.url.host} refuses entities and not says which.")
            words = " ".join(str(problem.get(key, "")) for key in ("title", "detail"))
            refused[place] = words.strip() or "refused"
        return refused

    def _entity(self, fact: Fact, stands: Place) -> dict[str, Any]:
        values = key_values(fact, stands, self._id(fact))
        return ld(values, self._context) if self._ld else v2(values)

    def _id(self, fact: Fact) -> str:
        period = "" if self._by_unit else f":{moment(fact.since)}"
        return f"urn:ngsi-ld:{TYPE}:{quote(fact.unit, safe='')}:{fact.kind}{period}"


def key_values(fact: Fact, stands: Place, id: str) -> dict[str, Any]:
    """The entity in key-values form, as the model's schema describes it.

    LAmax is LAFmax: the model names no time weighting. LAS is left out: no level with Slow is
    kept. Beside the model: `coverage` (valid seconds of all, 0 to 1), `validSeconds`, the other
    levels, `period`, `overload`, `underRange`, `late`.
    """
    levels = {name: fact.dB(name) for name in (*LEVELS, *OF_DAYS)}
    told = {
        "id": id,
        "type": TYPE,
        "dateObservedFrom": moment(fact.since),
        "dateObservedTo": moment(fact.until),
        "location": {"type": "Point", "coordinates": [stands.longitude, stands.latitude]},
        "name": " ".join(filter(None, (fact.square, fact.name))) or fact.unit,
        "refDevice": f"urn:ngsi-ld:Device:{quote(fact.unit, safe='')}",
        "LAeq": levels.pop("LAeq"),
        "LAmax": levels.pop("LAFmax"),
        **levels,
        "period": fact.kind,
        "coverage": round(fact.coverage, 4),
        "validSeconds": fact.valid,
        "overload": fact.overload,
        "underRange": fact.under_range,
        "late": fact.late,
    }
    if fact.kind == DAY:
        told["LAeq_d"] = told["LAeq"]
    return {key: value for key, value in told.items() if value is not None}


def ld(values: Mapping[str, Any], context: Sequence[str]) -> dict[str, Any]:
    """Normalised NGSI-LD, with its context."""
    found: dict[str, Any] = {"id": values["id"], "type": values["type"]}
    for key, value in values.items():
        match key:
            case "id" | "type":
                continue
            case "location":
                found[key] = {"type": "GeoProperty", "value": value}
            case "refDevice":
                found[key] = {"type": "Relationship", "object": value}
            case "dateObservedFrom" | "dateObservedTo":
                found[key] = {
                    "type": "Property",
                    "value": {"@type": "DateTime", "@value": value},
                }
            case _:
                found[key] = {"type": "Property", "value": value}
                if _is_level(key):
                    found[key] |= {"unitCode": _DECIBEL, "observedAt": values["dateObservedTo"]}
    return {**found, "@context": list(context)}


def v2(values: Mapping[str, Any]) -> dict[str, Any]:
    """Normalised NGSI-v2. Orion refuses some signs in any text: they become their full-width
    likes, which people read as the same.
    """
    found: dict[str, Any] = {"id": values["id"], "type": values["type"]}
    for key, value in values.items():
        match key, value:
            case "id" | "type", _:
                continue
            case "location", _:
                found[key] = {"type": "geo:json", "value": value}
            case "refDevice", _:
                found[key] = {"type": "Relationship", "value": value}
            case "dateObservedFrom" | "dateObservedTo", _:
                found[key] = {"type": "DateTime", "value": value}
            case _, bool():
                found[key] = {"type": "Boolean", "value": value}
            case _, str():
                found[key] = {"type": "Text", "value": value.translate(_FULL_WIDTH)}
            case _:
                found[key] = {"type": "Number", "value": value}
    return found


_FULL_WIDTH = str.maketrans({sign: chr(ord(sign) + 0xFEE0) for sign in "<>\"'=;()"})


def _is_level(key: str) -> bool:
    return key in LEVELS or key in OF_DAYS or key in ("LAmax", "LAeq_d")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
