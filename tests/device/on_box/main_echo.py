"""Speaks once, then tells every 100 ms whether the box's own voice could still be heard."""

import asyncio
import time

import board
import machine

from tamer.act.voice import Voice


async def feed(watchdog):
    while True:
        watchdog.feed()
        await asyncio.sleep(1)


async def main():
    made = board.make()
    feeding = asyncio.create_task(feed(made.watchdog))
    voice = Voice(made.speaker, "/voices")
    await voice.say("warning_zh")
    for ms in range(0, 1000, 100):
        print([ms, int(voice.marks(time.ticks_us()))])
        await asyncio.sleep_ms(100)
    feeding.cancel()
    machine.reset()


asyncio.run(main())
