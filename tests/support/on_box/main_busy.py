"""The firmware with something that keeps it from its microphone for a while.

Settings: `busy_at` in ms, `busy_for` in ms; `interrupts`: whether they go on meanwhile.
"""

import asyncio
import time

import virtual_clock

from tamer import settings

plan, _ = settings.load()


async def be_busy():
    await asyncio.sleep_ms(plan["busy_at"])
    if plan["interrupts"]:
        time.sleep_ms(plan["busy_for"])
    else:
        virtual_clock.spend(1000 * plan["busy_for"])


asyncio.create_task(be_busy())  # noqa: RUF006 (the loop holds it)

import firmware_main  # noqa: F401 (runs for ever)
