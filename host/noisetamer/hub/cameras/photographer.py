"""Takes the pictures that incidents ask for, and deletes those that were kept long enough."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from noisetamer.base.errors import UserError
from noisetamer.hub.cameras import no_picture
from noisetamer.hub.cameras.album import Album, Asked, Kept
from noisetamer.hub.cameras.settings import Camera, checked
from noisetamer.hub.cameras.take import Shot, Taken, Why, developed, shoot

# a picture taken later shows something else than what it was wanted for
LATE_SECONDS = 30.0
MOST_AT_A_TIME = 4
LOOK_SECONDS = 5.0
TIDY_SECONDS = 3600.0

Setting = Callable[[str], Mapping[str, object] | None]


def camera_of(setting: Mapping[str, object] | None) -> Camera:
    """A square's; off where nothing is set, or where what is set is none of today's."""
    try:
        return checked(setting or {})
    except UserError:
        return Camera()


class Photographer:
    """One of a hub. What is asked for is asked again until it is done: a restart skips nothing,
    and what is in the album is not taken again.
    """

    def __init__(
        self,
        album: Album,
        setting: Setting,
        asked: Callable[[float], Sequence[Asked]],
        done: Callable[[str, str, str, float], object],
        deleted: Callable[[Sequence[Kept]], object] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """setting: a square's of its camera; asked: what is due, until `done` has its key, with
        "delivered" or "refused", the reason, and when; deleted: hears what was. All of them may
        wait for a disk: they are called in threads. clock: Unix time, s.
        """
        self._album = album
        self._setting = setting
        self._asked = asked
        self._done = done
        self._deleted = deleted
        self._clock = clock
        self._busy: dict[str, asyncio.Lock] = {}
        self._developing: dict[str, asyncio.Lock] = {}
        self._free = asyncio.Semaphore(MOST_AT_A_TIME)
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something may be due. Called in the loop."""
        self._wake.set()

    async def run(self) -> None:
        """Take what is due, until cancelled."""
        under_way: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                self._wake.clear()
                for each in await asyncio.to_thread(self._asked, self._clock()):
                    if each.key not in under_way:
                        under_way[each.key] = asyncio.create_task(self.serve(each))
                for key in [key for key, task in under_way.items() if task.done()]:
                    under_way.pop(key).result()
                try:
                    await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
                except TimeoutError:
                    continue
        finally:
            for task in under_way.values():
                task.cancel()
            await asyncio.gather(*under_way.values(), return_exceptions=True)

    async def tidy(self) -> None:
        """Delete what is old, hourly, until cancelled."""
        while True:
            gone = await asyncio.to_thread(self._album.delete_old, self._clock(), self._keep_days)
            if gone:
                await asyncio.to_thread(self._deleted, gone)
            await asyncio.sleep(TIDY_SECONDS)

    async def serve(self, asked: Asked) -> None:
        """Take one, or keep why not, and say that it is done."""
        # a camera answers one at a time; of a town's cameras a few do
        async with self._busy.setdefault(asked.square, asyncio.Lock()), self._free:
            kept = await asyncio.to_thread(self._album.of_key, asked.key)
            camera = camera_of(await asyncio.to_thread(self._setting, asked.square))
            wanted = kept is None and camera.on
            shot = await self._shoot(asked, camera) if wanted else None
        if shot is not None:
            # no other comes late because faces are looked for in this one; kept in their order
            async with self._developing.setdefault(asked.square, asyncio.Lock()):
                kept = await self._develop(asked, shot, camera)
        if kept is None:
            await self._say(asked.key, "refused", no_picture.OFF)
            return
        if kept.sha256:
            await self._say(asked.key, "delivered", kept.sha256)
        else:
            await self._say(asked.key, "refused", kept.why[-1].reason)

    async def _shoot(self, asked: Asked, camera: Camera) -> Shot:
        late = self._clock() - asked.due
        if late > LATE_SECONDS:
            why = Why("", no_picture.LATE, f"{late:.0f}")
            return Shot(self._clock(), None, "", None, (why,))
        login = await asyncio.to_thread(self._album.logins.of, asked.square)
        return await shoot(camera, login, self._clock)

    async def _develop(self, asked: Asked, shot: Shot, camera: Camera) -> Kept:
        taken = await developed(shot, camera.blur)
        try:
            return await asyncio.to_thread(self._keep, asked, taken, camera)
        except UserError:
            # the picture found no room; that there is none of it may
            why = (*taken.why, Why(taken.way, no_picture.DISK))
            nothing = Taken(taken.at, None, "", taken.clock_error, why)
            return await asyncio.to_thread(self._keep, asked, nothing, camera)

    def _keep(self, asked: Asked, taken: Taken, camera: Camera) -> Kept:
        blur = taken.picture.blur if taken.picture else camera.blur
        return self._album.keep(asked, taken, blur, camera.keep_days)

    def _keep_days(self, square: str) -> int | None:
        setting = self._setting(square)
        return camera_of(setting).keep_days if setting else None

    async def _say(self, key: str, result: str, detail: str) -> None:
        await asyncio.to_thread(self._done, key, result, detail, self._clock())
