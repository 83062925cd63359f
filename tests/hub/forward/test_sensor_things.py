"""SensorThings, by a service in memory that holds to the standard's text."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sensor_things_service import ROOT, SensorThingsService
from service_beside import Reply, Service, service
from some_facts import NOON, PLACES, SQUARE, around, asked, event, period

from noisetamer.hub.forward import sensor_things
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Around, Place, Refused, Sent, Unreachable

LEVELS = ["LAeq", "LAFmax"]


def told(
    there: Service, *turns: Sequence[Fact], about: Around | None = None, **keys: Any
) -> list[Sent]:
    """By one hub that was started anew."""

    async def send() -> list[Sent]:
        keys.setdefault("levels", LEVELS)
        made = sensor_things.make(
            asked(sensor_things, url=there.url + ROOT, private=True, **keys), about or around()
        )
        try:
            return [await made.send(facts) for facts in turns]
        finally:
            await made.close()

    return asyncio.run(send())


def minute(n: int, **how: Any) -> Fact:
    return period(NOON + 60 * n, LAeq=600 + n, **how)


def requests(there: Service, method: str) -> list[str]:
    return [got.path.removeprefix(ROOT) for got in there.got if got.method == method]


def test_what_a_unit_is_is_made_once_and_found_again():
    kept = SensorThingsService()
    with service(kept.answer) as there:
        assert told(there, [minute(0), minute(1)], [minute(2)]) == [Sent(2), Sent(1)]
        made = requests(there, "POST")
        told(there, [minute(3)])
        assert requests(there, "POST") == [*made, "/CreateObservations"]
    assert kept.names("Things") == ["Noise Tamer SIM-0001"]
    assert kept.names("Datastreams") == ["SIM-0001 minute LAFmax", "SIM-0001 minute LAeq"]
    assert kept.names("ObservedProperties") == LEVELS[::-1]
    assert kept.names("Sensors") == ["Noise Tamer"]
    (thing,) = kept.kept["Things"].values()
    assert thing["properties"] == {"unit": "SIM-0001", "square": SQUARE, "name": "北柱"}
    (location,) = kept.kept["Locations"].values()
    assert location["location"] == {"type": "Point", "coordinates": [121.4737, 31.2304]}
    for stream in kept.kept["Datastreams"].values():
        assert stream["unitOfMeasurement"]["symbol"] == "dB(A)"
    assert len(kept.results("SIM-0001 minute LAeq")) == 4


def test_an_observation_says_of_when_it_is_and_how_much_of_it_is_known():
    kept = SensorThingsService()
    with service(kept.answer) as there:
        told(there, [minute(0)], levels=["LAeq"])
    (one,) = kept.kept["Observations"].values()
    one.pop("Datastream")
    assert one == {
        "phenomenonTime": "2026-11-01T02:27:00Z/2026-11-01T02:28:00Z",
        "resultTime": "2026-11-01T02:28:00Z",
        "result": 60.0,
        "resultQuality": {"nameOfMeasure": "coverage", "value": 0.95},
        "parameters": {
            "validSeconds": 57,
            "invalid": {"wind": 3},
            "overload": False,
            "underRange": False,
            "late": False,
        },
    }


def test_an_answer_that_was_lost_makes_nothing_twice():
    kept = SensorThingsService()
    lost = [False]

    def lose(request: Any) -> Reply:
        reply = kept.answer(request)
        if request.path.endswith("/CreateObservations") and not lost[0]:
            lost[0] = True
            return Reply(hang_up=True)
        return reply

    facts = [minute(n) for n in range(7)]  # several pages of what is looked for
    with service(lose) as there:
        with pytest.raises(Unreachable):
            told(there, facts)
        assert told(there, facts) == [Sent(7)]  # the next hub, and the same facts once more
        told(there, facts)
    for name in LEVELS:
        results = kept.results(f"SIM-0001 minute {name}")
        assert [len(found) for found in results.values()] == [1] * 7


def test_what_was_told_of_a_minute_before_is_corrected_in_its_place():
    kept = SensorThingsService()
    with service(kept.answer) as there:
        told(there, [minute(0)], [period(LAeq=655, valid=60, late=True), minute(-5, late=True)])
    results = kept.results("SIM-0001 minute LAeq")
    assert results["2026-11-01T02:27:00Z/2026-11-01T02:28:00Z"] == [65.5]
    assert results["2026-11-01T02:22:00Z/2026-11-01T02:23:00Z"] == [59.5]
    corrected = next(one for one in kept.kept["Observations"].values() if one["result"] == 65.5)
    assert corrected["resultQuality"]["value"] == 1.0
    assert corrected["parameters"]["late"]


def test_a_correction_that_comes_with_what_it_corrects_is_one_observation():
    kept = SensorThingsService()
    with service(kept.answer) as there:
        told(there, [minute(0)], [minute(1), period(NOON + 60, LAeq=655, late=True)])
    assert list(kept.results("SIM-0001 minute LAeq").values()) == [[60.0], [65.5]]


@pytest.mark.parametrize("arrays", [True, False])
def test_what_somebody_deleted_there_is_made_again_and_no_fact_is_put_aside(arrays: bool):
    kept = SensorThingsService(arrays)

    def deleted(request: Any) -> Reply:
        if b"60.1" in request.body and len(kept.kept["Observations"]) == 2:
            for entities in kept.kept.values():
                entities.clear()
        return kept.answer(request)

    with service(deleted) as there:
        assert told(there, [minute(0)], [minute(1)]) == [Sent(1), Sent(1)]
    assert list(kept.results("SIM-0001 minute LAeq").values()) == [[60.1]]


def test_a_unit_that_goes_to_another_square_is_told_so_while_the_hub_runs():
    kept = SensorThingsService()
    with service(kept.answer) as there:
        about = around(places={"SIM-0001": Place(31.25, 121.5)})
        told(there, [minute(0)], [replace(minute(1), square="elsewhere")], about=about)
    (thing,) = kept.kept["Things"].values()
    assert thing["properties"]["square"] == "elsewhere"


def test_an_observation_that_is_not_made_is_found_behind_a_201():
    kept = SensorThingsService(refuses=[60.1])
    with service(kept.answer) as there:
        (found,) = told(there, [minute(n) for n in range(3)])
    assert found == Sent(2, {1: "error this result is refused"})


def test_without_the_extension_each_is_made_by_itself():
    kept = SensorThingsService(arrays=False, refuses=[60.1])
    with service(kept.answer) as there:
        assert told(there, [minute(0), minute(1)], [minute(2)]) == [
            Sent(1, {1: "HTTP 400 this result is refused"}),
            Sent(1),
        ]
        assert requests(there, "POST").count("/CreateObservations") == 1
    assert len(kept.results("SIM-0001 minute LAeq")) == 2


def test_a_service_that_knows_no_intervals_is_told_when_a_period_ends():
    kept = SensorThingsService()
    with service(kept.answer) as there:
        told(there, [minute(0)], instants=True)
    assert kept.results("SIM-0001 minute LAeq") == {"2026-11-01T02:28:00Z": [60.0]}


def test_a_box_that_was_moved_has_a_new_location_and_one_that_stands_nowhere_waits_for_none():
    kept = SensorThingsService()
    with service(kept.answer) as there:
        told(there, [minute(0)])
        moved = around(places={**PLACES, "SIM-0001": Place(31.25, 121.5, 4.0)})
        told(there, [minute(1), minute(1, unit="SIM-0002")], about=moved)
        (found,) = told(there, [minute(2), event()], about=around(places={}))
    coordinates = [one["location"]["coordinates"] for one in kept.kept["Locations"].values()]
    assert coordinates == [[121.4737, 31.2304], [121.5, 31.25, 4.0], [121.5, 31.5, 4.0]]
    assert found.taken == 0
    assert found.refused.keys() == {0}
    assert "write a [place]" in found.refused[0]


def test_what_it_says_no_to_before_an_observation_is_no_fault_of_the_facts():
    kept = SensorThingsService()
    no = Reply(422, {"detail": "Input should be less than or equal to 100"})
    with service(kept.answer) as there:
        there.answers = [no]
        with pytest.raises(Unreachable, match="less than or equal"):
            told(there, [minute(0)])
        there.answers = []
        there.answer = lambda _: Reply(401)
        with pytest.raises(Unreachable, match="does not let us in"):
            told(there, [minute(0)])


def test_too_much_together_is_refused_so_that_it_comes_in_parts():
    kept = SensorThingsService()

    def small(request: Any) -> Reply:
        too_much = request.path.endswith("/CreateObservations") and len(request.body) > 900
        return Reply(413) if too_much else kept.answer(request)

    with service(small) as there, pytest.raises(Refused):
        told(there, [minute(n) for n in range(3)])
    assert kept.kept["Observations"] == {}


def test_a_name_with_a_quote_is_found_by_it():
    kept = SensorThingsService()
    with service(kept.answer) as there:
        facts = [minute(0, unit="l'U")]
        told(there, facts)
        told(there, facts)
    assert kept.names("Things") == ["Noise Tamer l'U"]
    assert len(kept.kept["Observations"]) == 2


def test_a_level_that_is_none_is_said():
    usual = {name: key.default for name, key in sensor_things.KEYS.items()}
    keys = {**usual, "url": "https://there.example/v1.1", "levels": ["LAeq", "LZeq"]}
    ((key, why),) = sensor_things.judge(keys)
    assert key == "levels"
    assert why.startswith("LZeq is none; known are LAeq,")
