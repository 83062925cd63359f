"""The firmware with a fault: five seconds after power-on, not after a reset, it hangs."""

import asyncio
import time

import machine


async def hang():
    await asyncio.sleep(5)
    while machine.reset_cause() == machine.PWRON_RESET:
        time.sleep_ms(100)


asyncio.create_task(hang())  # noqa: RUF006 (the loop holds it)

import firmware_main  # noqa: F401 (runs for ever)
