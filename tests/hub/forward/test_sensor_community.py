"""sensor.community: told as the DNMS kit's firmware does, and never at a wrong time."""

import asyncio
import math
from typing import Any

import pytest
from service_beside import Reply, Request, Service, service
from some_facts import NOON, around, asked, event, period

from noisetamer.hub.forward import sensor_community
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Sent, Unreachable

SENSORS = {"SIM-0001": "esp32-11223344", "SIM-0003": "esp32-55667788"}


def registered(request: Request) -> Reply:
    """As its API answers: 201, or 403 for a sensor that nobody registered."""
    if request.headers["x-sensor"] != "esp32-11223344" or request.headers["x-pin"] != "15":
        return Reply(403, {"detail": "Sensor not found in database."})
    return Reply(201, {"sensor": 1})


def sent(there: Service, *turns: tuple[float, list[Fact]], **keys: Any) -> list[Sent]:
    """turns: (now, the facts that come then)."""
    now = [0.0]

    async def send() -> list[Sent]:
        about = around()
        made = sensor_community.SensorCommunity(
            asked(sensor_community, url=there.url, private=True, sensors=SENSORS, **keys),
            type(about)(**{**vars(about), "clock": lambda: now[0]}),
        )
        found = []
        try:
            for now[0], facts in turns:
                found.append(await made.send(facts))
        finally:
            await made.close()
        return found

    return asyncio.run(send())


def minutes(count: int, since: int = NOON, **how: Any) -> list[Fact]:
    return [period(since + 60 * i, LAeq=600 + 10 * i, **how) for i in range(count)]


def test_three_minutes_are_one_message_as_the_kit_sends_it():
    with service(registered) as there:
        found = sent(there, *((m.until + 20, [m]) for m in minutes(3)))
    assert found == [Sent(1)] * 3
    (got,) = there.got
    assert (got.method, got.headers["x-sensor"]) == ("POST", "esp32-11223344")
    assert (got.headers["x-pin"], got.headers["content-type"]) == ("15", "application/json")
    assert got.json["software_version"].startswith("NoiseTamer-")
    values = {one["value_type"]: one["value"] for one in got.json["sensordatavalues"]}
    level = 10 * math.log10((10**6.0 + 10**6.1 + 10**6.2) / 3)
    assert values == {
        "noise_LAeq": f"{level:.2f}",
        "noise_LA_min": "49.60",
        "noise_LA_max": "71.10",
    }


def test_what_is_old_is_let_go_of_for_the_server_would_date_it_now():
    with service(registered) as there:
        (found,) = sent(there, (NOON + 180 + 121, minutes(3)))
        sent(there, (NOON + 190, minutes(3, late=True)))
    assert found == Sent(3)
    assert there.got == []


def test_with_less_than_half_valid_nothing_is_told():
    with service(registered) as there:
        sent(there, (NOON + 200, minutes(3, valid=29)))
        sent(there, (NOON + 200, minutes(3, levels={}, valid=0)))
        sent(there, (NOON + 200, minutes(3)[2:]))  # of three minutes one
    assert there.got == []


def test_an_answer_that_was_lost_is_no_second_message_of_other_minutes():
    with service(registered) as there:
        there.answers = [Reply(502)]
        with pytest.raises(Unreachable) as caught:
            sent(there, (NOON + 200, minutes(3)))
        assert caught.value.taken == 2
        sent(there, (NOON + 200, minutes(3)))
    assert there.got[0].body == there.got[1].body


def test_a_sensor_that_is_not_registered_keeps_no_other_one_out():
    facts = [*minutes(3, unit="SIM-0003"), *minutes(3), *minutes(3, unit="SIM-0002"), event()]
    with service(registered) as there:
        (found,) = sent(there, (NOON + 200, facts))
    assert found.taken == 5
    assert found.refused.keys() == {2}
    assert "esp32-55667788 is not registered there with a DNMS sensor" in found.refused[2]
    assert [got.headers["x-sensor"] for got in there.got] == ["esp32-55667788", "esp32-11223344"]


def test_one_sensor_is_of_one_unit():
    usual = {name: key.default for name, key in sensor_community.KEYS.items()}
    keys = {**usual, "sensors": {"A": "esp32-1", "B": "esp32-1"}}
    assert sensor_community.judge(keys) == [("sensors", "names one sensor for two units")]
    ((key, why),) = sensor_community.judge({**usual, "sensors": {"A": 7}})
    assert (key, why) == ("sensors", 'A = "esp32-1234567", as it is registered')
