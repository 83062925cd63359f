"""The firmware with something that keeps it from its microphone at random.

Settings: `seed`; `pause` and `busy`, the longest of each in ms.
"""

import asyncio
import random

import virtual_clock

from tamer import settings

plan, _ = settings.load()


async def be_busy_often():
    random.seed(plan["seed"])
    while True:
        await asyncio.sleep_ms(random.randrange(plan["pause"]))
        virtual_clock.spend(1000 * random.randrange(plan["busy"]))


asyncio.create_task(be_busy_often())  # noqa: RUF006 (the loop holds it)

import firmware_main  # noqa: F401 (runs for ever)
