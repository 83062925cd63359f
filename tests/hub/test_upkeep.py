"""What fails in the hub is said once, and begun again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from waiting import DEADLINE

from noisetamer.base.errors import UserError
from noisetamer.hub import upkeep
from noisetamer.hub.upkeep import Upkeep


class Part:
    """Fails as often as it is told, each time with the next of these; then does well."""

    def __init__(self, *errors: Exception) -> None:
        self.begun = 0
        self._errors = list(errors)

    async def work(self) -> None:
        self.begun += 1
        await asyncio.sleep(0)
        if self._errors:
            raise self._errors.pop(0)

    async def endless(self) -> None:
        await self.work()
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(upkeep, "WELL_SECONDS", 0.01)


async def until_begun(part: Part, times: int, keeping: Awaitable[None]) -> None:
    task = asyncio.ensure_future(keeping)
    async with asyncio.timeout(DEADLINE):
        while part.begun < times:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("kind", ["again_and_again", "endless"])
def test_a_part_that_fails_begins_again_and_the_same_complaint_is_said_once(
    kind: str, caplog: pytest.LogCaptureFixture
):
    part, keeper = Part(*[UserError("The disk is full.")] * 3, OSError("gone")), Upkeep()
    keep: Callable[[str, Callable[[], Awaitable[None]]], Awaitable[None]] = getattr(keeper, kind)
    work = part.work if kind == "again_and_again" else part.endless
    with caplog.at_level(logging.WARNING):
        asyncio.run(until_begun(part, 5, keep("registry", work)))
    assert [record.message for record in caplog.records] == [
        "The disk is full.",
        "gone",
        "The hub's registry goes on again.",
    ]
    assert keeper.complaints == {}


def test_while_it_fails_that_is_known_and_a_fault_of_ours_has_its_traceback(
    caplog: pytest.LogCaptureFixture,
):
    part, keeper = Part(ZeroDivisionError("a fault of ours")), Upkeep()

    async def look() -> dict[str, str]:
        task = asyncio.ensure_future(keeper.endless("live seconds", part.endless))
        while not keeper.complaints:
            await asyncio.sleep(0.001)
        found = dict(keeper.complaints)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return found

    assert asyncio.run(look()) == {"live seconds": "a fault of ours"}
    assert "ZeroDivisionError" in caplog.text


def test_what_is_done_is_not_begun_again():
    part, keeper = Part(), Upkeep()
    asyncio.run(keeper.endless("refused records", part.work))
    assert part.begun == 1


def test_what_is_done_again_and_again_takes_little_of_the_time(monkeypatch: pytest.MonkeyPatch):
    now, pauses = [0.0], []

    async def step() -> None:
        now[0] += 0.5

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr(upkeep.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(upkeep.asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(Upkeep().again_and_again("registry", step))
    assert pauses == [4.75] * 3
