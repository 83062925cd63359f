"""What a lease has a process do ends with it, whoever swallows the first word."""

import asyncio

from waiting import DEADLINE

from noisetamer.hub.city.tenant import together


def test_work_that_swallows_a_cancellation_ends_all_the_same():
    swallowed: list[str] = []

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                # as nats-py does where it flushes
                if swallowed:
                    raise
                swallowed.append("once")

    async def story() -> None:
        doing = asyncio.create_task(together({"stubborn": stubborn}))
        await asyncio.sleep(0.01)
        doing.cancel()
        async with asyncio.timeout(DEADLINE):
            await asyncio.gather(doing, return_exceptions=True)
        assert doing.cancelled()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())
    assert swallowed == ["once"]
