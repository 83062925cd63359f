"""The firmware with a background task that ends in an exception after five seconds."""

import asyncio


async def fails():
    await asyncio.sleep(5)
    raise ValueError("of a task in the background")


asyncio.create_task(fails())  # noqa: RUF006 (the loop holds it)

import firmware_main  # noqa: F401 (runs for ever)
