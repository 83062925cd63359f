"""The box's ear with instruments beside it, and nothing else of the box.

Settings: `gusts`: wind in m/s, second by second; `rain`: [first, end) of the seconds it rains in.
"""

import asyncio
import json
import time

import board

from tamer import hardware, settings
from tamer.clock import ChipClock, Clock
from tamer.hear.hearing import Hearing, ear_of
from tamer.hear.kernel import kernels
from tamer.hear.validity.weather import Weather

PER_PULSE = 0.25  # m/s
FIELDS = ("t", "LAeq", "LAFmax", "LCeq", "LCpeak", "flags")

plan, _ = settings.load()
made = hardware.make(board.BOARD)
microphone = made.microphone


def pulses():
    """Of cups that have turned as the plan says."""
    way = 0
    for i, gust in enumerate(plan["gusts"]):
        way += gust * min(max(time.ticks_ms() - 1000 * i, 0), 1000) / 1000
    return int(way / PER_PULSE)


def rains():
    first, end = plan["rain"]
    return 1000 * first < time.ticks_ms() <= 1000 * end


async def hear():
    kernel, _ = kernels.best(microphone.rate // microphone.block)
    weather = Weather(pulses, PER_PULSE, rains)
    ear = ear_of(microphone, kernel, None, 120.0)
    clock = Clock(ChipClock(made.rtc), made.memory)
    hearing = Hearing(ear, microphone.profile, lambda since: False, clock, weather)
    hearing.start()
    while True:
        second = await hearing.second()
        made.watchdog.feed()
        print(json.dumps(dict(zip(FIELDS, second))))


asyncio.run(hear())
