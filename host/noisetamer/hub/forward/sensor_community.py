"""sensor.community: a noise sensor of the public map, as the DNMS kit's firmware tells it.

One POST with the headers X-Sensor and X-Pin and three values; the server dates it when it comes.
So only what is new is told: what waited is let go of, it would stand at a wrong time.
(opendata-stuttgart/sensors-software, airrohr-firmware: sendSensorCommunity, DNMS_API_PIN.)
"""

import json
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from noisetamer import __version__
from noisetamer.hub.forward import http
from noisetamer.hub.forward.facts import MINUTE, Fact
from noisetamer.hub.forward.format import (
    REQUIRED,
    Around,
    Asked,
    Format,
    Key,
    Refused,
    Sent,
    Unreachable,
)
from noisetamer.hub.forward.http import Http

URL = "https://api.sensor.community/v1/push-sensor-data/"
PIN = 15
SPAN_SECONDS = 180
"""What one message is about. The kits tell every 145 s, and the map shows 5 minutes."""
OLD_SECONDS = 120.0
"""What is older has another time than the server would give it."""

WANTS: Sequence[str] = (MINUTE,)
KEYS: Mapping[str, Key] = {
    **http.KEYS,
    "url": Key("url", URL, what="another one for tries"),
    "sensors": Key(
        "table", REQUIRED, what='unit = "esp32-1234567" as registered; others are not told'
    ),
}


def judge(keys: Mapping[str, Any]) -> list[tuple[str, str]]:
    """[(key, what is wrong)]."""
    wrong = []
    for unit, sensor in keys["sensors"].items():
        if not isinstance(sensor, str) or not sensor.isascii() or not sensor.isprintable():
            wrong.append(("sensors", f'{unit} = "esp32-1234567", as it is registered'))
    if len(set(map(str, keys["sensors"].values()))) < len(keys["sensors"]):
        wrong.append(("sensors", "names one sensor for two units"))
    return [*http.judge(keys), *wrong]


def make(asked: Asked, around: Around) -> "SensorCommunity":
    return SensorCommunity(asked, around)


class SensorCommunity(Format):
    def __init__(self, asked: Asked, around: Around) -> None:
        self._sensors: Mapping[str, str] = asked.keys["sensors"]
        self._clock = around.clock
        self._time = asked.timeout / 2
        self._http = Http(asked, around, {"Content-Type": "application/json"})
        self._minutes: dict[str, dict[int, Fact]] = {}

    async def send(self, facts: Sequence[Fact]) -> Sent:
        """Minutes are kept until three of the clock are together."""
        refused: dict[int, str] = {}
        told = 0
        end = time.monotonic() + self._time
        for place, fact in enumerate(facts):
            if fact.kind != MINUTE or not (sensor := self._sensors.get(fact.unit)):
                continue
            begin = fact.until - SPAN_SECONDS
            known = self._minutes.get(fact.unit, {})
            of_it = {t: one for t, one in known.items() if begin <= t < fact.until}
            self._minutes[fact.unit] = of_it
            of_it[fact.since] = fact
            told += 1
            if fact.until % SPAN_SECONDS:
                continue
            values = summed_up(list(of_it.values()))
            if values and not fact.came_late(self._clock(), OLD_SECONDS):
                try:
                    await self._post(sensor, values)
                except Refused as error:
                    told -= 1
                    refused[place] = str(error)
                except Unreachable as error:
                    whole = min(refused, default=place)
                    raise Unreachable(str(error), whole, error.after) from None
            if time.monotonic() > end:
                return Sent(told, refused, done=place + 1)
        return Sent(told, refused)

    async def check(self) -> str:
        """Asks without a value: nothing is shown."""
        answer = await self._http.ask("GET")
        if answer.status in (401, 405):  # it wants a POST by a sensor
            return f"{self._http.url.host} is there."
        self._http.refuse_unless(answer, 200)
        return f"{self._http.url.host} is there."

    async def close(self) -> None:
        await self._http.close()

    async def _post(self, sensor: str, values: Mapping[str, float]) -> None:
        answer = await self._http.ask(
            "POST",
            content=body(values),
            headers={"X-Sensor": sensor, "X-Pin": str(PIN)},
        )
        if answer.status in (401, 403):
            # of this sensor: the others are told all the same
            raise Refused(f"{sensor} is not registered there with a DNMS sensor: {answer.said}")
        self._http.refuse_unless(answer, 200, 201)


def summed_up(minutes: Sequence[Fact]) -> dict[str, float] | None:
    """{value_type: dB} of the valid seconds; None where less than half of the span is valid.

    noise_LAeq: their energies together; noise_LA_min: the least LAeq of a second;
    noise_LA_max: the largest LAFmax.
    """
    valid = sum(minute.valid for minute in minutes)
    levels = [(minute.dB("LAeq"), minute.valid) for minute in minutes]
    energy = sum(10 ** (level / 10) * n for level, n in levels if level is not None)
    if valid < SPAN_SECONDS / 2 or not energy:
        return None
    found = {"noise_LAeq": 10 * math.log10(energy / valid)}
    least = [low for minute in minutes if (low := minute.dB("LAmin")) is not None]
    most = [high for minute in minutes if (high := minute.dB("LAFmax")) is not None]
    if least:
        found["noise_LA_min"] = min(least)
    if most:
        found["noise_LA_max"] = max(most)
    return found


def body(values: Mapping[str, float]) -> bytes:
    """As the kit's firmware writes it: values are texts with two decimals."""
    told = {
        "software_version": f"NoiseTamer-{__version__}",
        "sensordatavalues": [
            {"value_type": name, "value": f"{value:.2f}"} for name, value in values.items()
        ],
    }
    return json.dumps(told).encode()
