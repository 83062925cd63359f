"""A SensorThings service in memory that holds to OGC 18-088: what an entity must have (8.2), how
collections are asked (9), made and changed (10), the data array extension (13).

Of queries it understands those that are asked here, and refuses all others.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from service_beside import Reply, Request

ROOT = "/v1.1"
PAGE = 3
"""Entities a page: a service serves as few as it likes."""

# Mandatory properties and links of each entity (tables 2 to 16), with the type of each.
_TEXT, _TABLE, _LINK = str, dict, "link"
MANDATORY: Mapping[str, Mapping[str, Any]] = {
    "Things": {"name": _TEXT, "description": _TEXT},
    "Locations": {"name": _TEXT, "description": _TEXT, "encodingType": _TEXT, "location": _TABLE},
    "Sensors": {"name": _TEXT, "description": _TEXT, "encodingType": _TEXT, "metadata": _TEXT},
    "ObservedProperties": {"name": _TEXT, "definition": _TEXT, "description": _TEXT},
    "Datastreams": {
        "name": _TEXT,
        "description": _TEXT,
        "unitOfMeasurement": _TABLE,
        "observationType": _TEXT,
        "Thing": _LINK,
        "Sensor": _LINK,
        "ObservedProperty": _LINK,
    },
    "Observations": {"result": float, "Datastream": _LINK},
}
OPTIONAL: Mapping[str, frozenset[str]] = {
    "Things": frozenset({"properties", "Locations"}),
    "Locations": frozenset({"properties"}),
    "Sensors": frozenset({"properties"}),
    "ObservedProperties": frozenset({"properties"}),
    "Datastreams": frozenset({"properties"}),
    "Observations": frozenset({"phenomenonTime", "resultTime", "resultQuality", "parameters"}),
}
_SETS = {"Thing": "Things", "Sensor": "Sensors", "ObservedProperty": "ObservedProperties"}
_SETS |= {"Datastream": "Datastreams"}


class Bad(Exception):  # noqa: N818
    """A request that the standard does not allow."""


class SensorThingsService:
    """kept: {set: {id: entity}}; arrays: whether it has the data array extension; refuses: results
    of which no Observation is made.
    """

    def __init__(self, arrays: bool = True, refuses: Iterable[float] = ()) -> None:
        self.kept: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in MANDATORY}
        self.arrays = arrays
        self.refuses = set(refuses)
        self._next = 1

    def names(self, of: str) -> list[str]:
        return sorted(entity["name"] for entity in self.kept[of].values())

    def results(self, stream: str) -> dict[str, list[float]]:
        """{phenomenonTime: results} of a Datastream by its name."""
        (id,) = [id for id, one in self.kept["Datastreams"].items() if one["name"] == stream]
        found: dict[str, list[float]] = {}
        for one in self.kept["Observations"].values():
            if one["Datastream"] == id:
                found.setdefault(one["phenomenonTime"], []).append(one["result"])
        return found

    def answer(self, request: Request) -> Reply:
        try:
            return self._answer(request)
        except Bad as why:
            return Reply(400, {"code": 400, "type": "error", "message": str(why)})

    def _answer(self, request: Request) -> Reply:
        path = request.path.removeprefix(f"{ROOT}/")
        if request.method == "GET":
            return self._get(path, dict(request.query))
        if request.headers.get("content-type") != "application/json":
            raise Bad("not application/json")
        if request.method == "PATCH":
            entity = self._one(path)
            self._check_types(path.partition("(")[0], request.json)
            entity.update(request.json)
            return Reply(200)
        if path == "CreateObservations":
            return Reply(201, self._arrays(request.json)) if self.arrays else Reply(404)
        if match := re.fullmatch(r"Things\((\d+)\)/Locations", path):
            thing = self.kept["Things"][int(match[1])]
            thing["Locations"] = [self._make("Locations", request.json)]
            return Reply(201)
        if path not in MANDATORY:
            return Reply(404)
        self._make(path, request.json)
        return Reply(201)

    def _get(self, path: str, query: dict[str, str]) -> Reply:
        where, _, name = path.rpartition("/")
        entities = self.kept.get(name)
        if entities is None:
            return Reply(404)
        found = list(entities.items())
        if where:
            of, id = re.fullmatch(r"(\w+)s\((\d+)\)", where).groups()  # type: ignore[union-attr]
            found = [one for one in found if one[1][of] == int(id)]
        for condition in filter(None, query.pop("$filter", "").split(" and ")):
            found = [one for one in found if _holds(condition, one[1])]
        expand = query.pop("$expand", "").split(",")
        skip = int(query.pop("$skip", 0))
        if query.keys() - {"$top"}:
            raise Bad(f"not understood: {query}")
        shown = [self._shown(name, id, one, expand) for id, one in found[skip : skip + PAGE]]
        body: dict[str, Any] = {"value": shown}
        if skip + PAGE < len(found):
            # as of a service that stands behind a proxy and does not know it
            body["@iot.nextLink"] = f"http://inside.example:8080{ROOT}/{path}?$skip={skip + PAGE}"
        return Reply(200, body)

    def _shown(self, of: str, id: int, entity: dict[str, Any], expand: list[str]) -> Any:
        shown = {"@iot.id": id, **entity}
        for link in ("Thing", "Sensor", "ObservedProperty", "Datastream", "Locations"):
            shown.pop(link, None)
        if of == "Things" and "Locations" in expand:
            shown["Locations"] = [
                {"@iot.id": one, **self.kept["Locations"][one]} for one in entity["Locations"]
            ]
        if of == "Things" and "Datastreams" in expand:
            shown["Datastreams"] = [
                self._shown("Datastreams", other, one, [])
                for other, one in self.kept["Datastreams"].items()
                if one["Thing"] == id
            ]
        return shown

    def _one(self, path: str) -> dict[str, Any]:
        of, id = re.fullmatch(r"(\w+)\((\d+)\)", path).groups()  # type: ignore[union-attr]
        return self.kept[of][int(id)]

    def _make(self, of: str, entity: dict[str, Any]) -> int:
        entity = dict(entity)
        if missing := MANDATORY[of].keys() - entity.keys():
            raise Bad(f"Missing required property {sorted(missing)} of {of}")
        self._check_types(of, entity)
        for name, kind in MANDATORY[of].items():
            if kind == _LINK:
                if entity[name].keys() != {"@iot.id"}:
                    raise Bad(f"{name} is no link")
                entity[name] = entity[name]["@iot.id"]
                if entity[name] not in self.kept[_SETS[name]]:
                    raise Bad(f"No such entity {name} with id {entity[name]}")
        if of == "Things":
            locations = entity.get("Locations", [])
            entity["Locations"] = [self._make("Locations", one) for one in locations]
        if of == "Observations":
            thing = self.kept["Datastreams"][entity["Datastream"]]["Thing"]
            if not self.kept["Things"][thing]["Locations"]:
                raise Bad("neither a FeatureOfInterest nor a Location of the Thing")
            if entity["result"] in self.refuses:
                raise Bad("this result is refused")
        id, self._next = self._next, self._next + 1
        self.kept[of][id] = entity
        return id

    def _check_types(self, of: str, entity: dict[str, Any]) -> None:
        if unknown := entity.keys() - MANDATORY[of].keys() - OPTIONAL[of]:
            raise Bad(f"Unknown property {sorted(unknown)} of {of}")
        for name, kind in MANDATORY[of].items():
            if kind != _LINK and name in entity and type(entity[name]) is not kind:
                raise Bad(f"{name} of {of} is not of its type")
        if of == "Locations" and entity["encodingType"] != "application/geo+json":
            raise Bad("encodingType")
        if of == "Sensors" and entity["encodingType"] not in ("text/html", "application/pdf"):
            raise Bad("encodingType")
        if of == "Datastreams" and entity["unitOfMeasurement"].keys() != {
            "name",
            "symbol",
            "definition",
        }:
            raise Bad("unitOfMeasurement")
        if of == "Observations":
            for time in entity.get("phenomenonTime", "").split("/"):
                _ = time and _moment(time)
            _moment(entity.get("resultTime", "2026-01-01T00:00:00Z"))

    def _arrays(self, groups: list[dict[str, Any]]) -> list[str]:
        links = []
        for group in groups:
            if group["dataArray@iot.count"] != len(group["dataArray"]):
                raise Bad("dataArray@iot.count")
            for row in group["dataArray"]:
                values = dict(zip(group["components"], row, strict=True))
                try:
                    id = self._make("Observations", {**values, "Datastream": group["Datastream"]})
                    links.append(f"http://inside.example:8080{ROOT}/Observations({id})")
                except Bad as why:
                    # 13.2: the others are made all the same
                    links.append(f"error {why}")
        return links


def _moment(text: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
        raise Bad(f"{text} is no time with its zone")
    return datetime.fromisoformat(text)


def _holds(condition: str, entity: dict[str, Any]) -> bool:
    if match := re.fullmatch(r"name eq '((?:[^']|'')*)'", condition):
        return entity["name"] == match[1].replace("''", "'")
    match = re.fullmatch(r"resultTime (ge|le) (\S+)", condition)
    if not match:
        raise Bad(f"not understood: {condition}")
    one, other = _moment(entity["resultTime"]), _moment(match[2])
    return one >= other if match[1] == "ge" else one <= other
