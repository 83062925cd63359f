"""A spotlight through some seconds; prints when its PWM is driven, and when it has settled.

Settings: `plan`, for each second (wanted by the ladder, allowed, speaking); `soft`: on a PWM.
"""

import asyncio
import time

import machine

from tamer import settings
from tamer.act.spotlight import Spotlight

asked, _ = settings.load()


class PWM:
    """The board's, telling what it is driven with."""

    def duty_u16(self, duty):
        print(time.ticks_ms(), duty)


async def live():
    pin = PWM() if asked["soft"] else machine.Pin(21, machine.Pin.OUT)
    spotlight = Spotlight(pin, 5)
    for wanted, allowed, speaking in asked["plan"]:
        await asyncio.sleep_ms(1000)
        spotlight.set(wanted)
        spotlight.second(allowed, speaking)
        await spotlight.settled()
        print(time.ticks_ms(), "settled")


asyncio.run(live())
machine.reset()
