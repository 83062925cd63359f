"""NoiseLevelObserved: valid by the model's schema, and taken by a broker that is as strict as
Orion and Orion-LD are."""

import asyncio
import json
import re
from typing import Any

import jsonschema_rs
import pytest
from noise_level_observed import OF_THE_MODEL, SCHEMA
from service_beside import Reply, Request, Service, service
from some_facts import NOON, PLACES, SQUARE, around, asked, event, period

from noisetamer.hub.forward import ngsi
from noisetamer.hub.forward.facts import DAY, Fact
from noisetamer.hub.forward.format import Around, Refused, Sent, Unreachable

VALID = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
HERE = PLACES[SQUARE]


class Broker:
    """Keeps entities as a context broker does. most: entities in a request."""

    def __init__(self, most: int = 1000) -> None:
        self.entities: dict[str, dict[str, Any]] = {}
        self.most = most

    def answer(self, request: Request) -> Reply:
        if request.path == "/ngsi-ld/v1/entityOperations/upsert":
            return self._upsert(request)
        assert request.path == "/v2/op/update"
        assert request.headers["content-type"] == "application/json"
        told = request.json
        assert told.keys() == {"actionType", "entities"}
        assert told["actionType"] == "append"
        # FIWARE-NGSI v2, field syntax restrictions; and Orion's forbidden characters
        texts = [
            one["value"]
            for entity in told["entities"]
            for one in entity.values()
            if isinstance(one, dict) and isinstance(one["value"], str)
        ]
        if any(re.search(r"""[<>"'=;()]""", text) for text in texts):
            why = "Invalid characters in attribute value"
            return Reply(400, {"error": "BadRequest", "description": why})
        for entity in told["entities"]:
            for field in (entity["id"], entity["type"], *entity):
                assert re.fullmatch(r"[!-~]{1,256}", field)
                assert not re.search(r"[&?/#]", field)
            for name, one in entity.items():
                assert name in ("id", "type") or one.keys() == {"type", "value"}
        return self._keep(told["entities"], 204)

    def _upsert(self, request: Request) -> Reply:
        assert request.query == {"options": "update"}
        assert request.headers["content-type"] == "application/ld+json"
        for entity in request.json:
            assert re.fullmatch(r"urn:ngsi-ld:[^\s:]+:\S+", entity["id"])
            contexts = entity.pop("@context")
            assert contexts[-1] == ngsi.CORE_CONTEXT
            for name, one in entity.items():
                if name in ("id", "type"):
                    continue
                key = "object" if one["type"] == "Relationship" else "value"
                assert one["type"] in ("Property", "GeoProperty", "Relationship")
                assert key in one
                assert one.keys() <= {"type", key, "unitCode", "observedAt"}
        return self._keep(request.json, 201)

    def _keep(self, entities: list[dict[str, Any]], created: int) -> Reply:
        ids = [entity["id"] for entity in entities]
        assert len(set(ids)) == len(ids), "an entity twice in one request"
        if len(ids) > self.most:
            return Reply(413, {"title": "payload too large"})
        new = [id for id in ids if id not in self.entities]
        self.entities.update((entity["id"], entity) for entity in entities)
        return Reply(created, new) if new and created == 201 else Reply(204)

    def value(self, id: str, name: str) -> Any:
        return self.entities[id][name]["value"]


def sent(there: Service, *facts: Fact, about: Around | None = None, **keys: Any) -> Sent:
    return told(there, facts, about=about, **keys)[0]


def told(there: Service, *turns: Any, about: Around | None = None, **keys: Any) -> list[Sent]:
    async def send() -> list[Sent]:
        made = ngsi.make(asked(ngsi, url=there.url, private=True, **keys), about or around())
        try:
            return [await made.send(facts) for facts in turns]
        finally:
            await made.close()

    return asyncio.run(send())


@pytest.mark.parametrize(
    "fact",
    [
        period(),
        period(kind="second", levels={"LAeq": 654, "LCeq": 701, "LAFmax": 660, "LCpeak": 801}),
        period(kind=DAY, levels={"LAeq": 600, "Ld": 612, "Ln": 551, "Ldn": 630}, valid=86399),
        period(levels={}, valid=0),
        period(unit="盒子 1/β", late=True, overload=True),
    ],
    ids=lambda fact: f"{fact.kind} {fact.unit} {fact.valid}",
)
def test_an_entity_is_valid_by_the_schema_of_its_model(fact: Fact):
    with service(broker := Broker().answer) as there:
        assert broker
        sent(there, fact, about=around(places={fact.square: HERE}))
    (entity,) = there.got[0].json
    values = ngsi.key_values(fact, HERE, entity["id"])
    VALID.validate(values)
    assert "sonometerClass" not in values
    assert "LAS" not in values
    # what a subscriber gets with options=keyValues is what the schema describes
    shown = {name: _shown(one) for name, one in entity.items() if name != "@context"}
    VALID.validate(shown)
    assert shown == values


def _shown(one: Any) -> Any:
    if not isinstance(one, dict):
        return one
    value = one.get("value", one.get("object"))
    return value["@value"] if isinstance(value, dict) and "@value" in value else value


def test_the_schema_refuses_what_is_wrong():
    good = ngsi.key_values(period(), HERE, "urn:ngsi-ld:NoiseLevelObserved:1")
    for name, wrong in (
        ("location", None),
        ("dateObservedFrom", "yesterday"),
        ("LAeq", "65.4"),
        ("sonometerClass", "3"),
        ("type", "Noise"),
    ):
        with pytest.raises(jsonschema_rs.ValidationError):
            VALID.validate({**good, name: wrong})


def test_what_the_model_has_no_word_for_is_told_beside_it():
    values = ngsi.key_values(period(), HERE, "urn:ngsi-ld:NoiseLevelObserved:1")
    assert (values["LAeq"], values["LAmax"]) == (65.4, 74.5)
    own = {name: value for name, value in values.items() if name not in OF_THE_MODEL}
    assert own == {
        "LAmin": 55.0,
        "L10": 68.4,
        "L50": 63.4,
        "L90": 57.4,
        "period": "minute",
        "coverage": 0.95,
        "validSeconds": 57,
        "overload": False,
        "underRange": False,
        "late": False,
    }


def test_a_broker_keeps_one_entity_a_unit_which_ends_with_the_newest():
    broker = Broker()
    late = period(NOON - 600, LAeq=500, late=True)
    with service(broker.answer) as there:
        facts = [period(), period(NOON + 60, LAeq=700), period(unit="SIM-0002"), event()]
        assert told(there, facts, [late]) == [Sent(3), Sent(1)]
    assert sorted(broker.entities) == [
        "urn:ngsi-ld:NoiseLevelObserved:SIM-0001:minute",
        "urn:ngsi-ld:NoiseLevelObserved:SIM-0002:minute",
    ]
    assert broker.value("urn:ngsi-ld:NoiseLevelObserved:SIM-0001:minute", "LAeq") == 70.0
    # subscribers, who keep history, have had the late one
    levels = [one["LAeq"]["value"] for got in there.got for one in got.json if "LAeq" in one]
    assert sorted(levels) == [50.0, 65.4, 65.4, 70.0, 70.0]


def test_or_one_a_period_in_one_request():
    broker = Broker()
    facts = [period(NOON + 60 * i) for i in range(5)]
    with service(broker.answer) as there:
        assert told(there, facts, facts, entity="observation") == [Sent(5), Sent(5)]
    assert len(there.got) == 2
    assert len(broker.entities) == 5
    assert "urn:ngsi-ld:NoiseLevelObserved:SIM-0001:minute:2026-11-01T02:27:00Z" in broker.entities


def test_ngsi_v2_has_its_own_form_and_none_of_the_signs_that_orion_refuses():
    broker = Broker()
    with service(broker.answer) as there:
        assert sent(
            *(there, period()),
            version="v2",
            tenant="city",
            service_path="/noise",
            token_file="abc",
        ) == Sent(1)
    (entity,) = broker.entities.values()
    assert entity["LAeq"] == {"type": "Number", "value": 65.4}
    assert entity["late"] == {"type": "Boolean", "value": False}
    assert entity["dateObservedFrom"] == {"type": "DateTime", "value": "2026-11-01T02:27:00Z"}
    assert entity["location"]["type"] == "geo:json"
    assert entity["name"]["value"] == "东门 ＂旧＂（南）广场, 1＝2\\ 北柱"
    heads = there.got[0].headers
    assert (heads["fiware-service"], heads["fiware-servicepath"]) == ("city", "/noise")
    assert heads["authorization"] == "Bearer abc"


def test_of_a_batch_that_is_taken_in_part_the_others_are_put_aside_with_the_reason():
    def partly(request: Request) -> Reply:
        ids = [entity["id"] for entity in request.json]
        problem = {"type": "x", "title": "Bad", "detail": "no such tenant", "status": 400}
        errors = [{"entityId": ids[1], "error": problem}]
        return Reply(207, {"success": [ids[0]], "errors": errors})

    with service(partly) as there:
        found = sent(there, period(), period(unit="SIM-0002"))
    assert found == Sent(1, {1: "Bad no such tenant"})


def test_a_broker_that_is_ill_itself_is_asked_again():
    def ill(request: Request) -> Reply:
        id = request.json[0]["id"]
        problem = {"title": "Database", "status": 503}
        return Reply(207, {"success": [], "errors": [{"entityId": id, "error": problem}]})

    with service(ill) as there, pytest.raises(Unreachable):
        sent(there, period())
    busy = Reply(503, b"", {"Retry-After": "12"})
    with service(Broker().answer) as there, pytest.raises(Unreachable) as caught:
        there.answers = [Reply(201, []), busy]
        sent(there, period(), period(NOON + 60), period(NOON + 120))
    assert (caught.value.taken, caught.value.after) == (1, 12.0)


def test_too_much_together_is_refused_so_that_it_comes_in_parts():
    with service(Broker(most=1).answer) as there, pytest.raises(Refused):
        sent(there, period(), period(unit="SIM-0002"))


def test_a_unit_that_stands_nowhere_is_put_aside_and_keeps_no_other_out():
    with service(Broker().answer) as there:
        found = sent(
            there, period(), period(unit="SIM-0002"), about=around(places={"SIM-0002": HERE})
        )
    assert found.taken == 1
    assert found.refused == {
        0: "where it stands is not known: write a [place] for its unit or square"
    }


def test_names_are_told_as_they_are_by_ngsi_ld():
    with service(Broker().answer) as there:
        sent(there, period())
    (entity,) = json.loads(there.got[0].body)
    assert entity["name"]["value"] == f"{SQUARE} 北柱"
    assert entity["LAeq"]["unitCode"] == "2N"
    assert entity["LAeq"]["observedAt"] == "2026-11-01T02:28:00Z"
