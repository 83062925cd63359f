"""The event streams of all open pages: what they are told is made once for each audience."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Hashable
from typing import Generic, TypeVar

from noisetamer.hub.live import Listener, Live
from noisetamer.hub.registry import Unit
from noisetamer.hub.web.views import View

MOST_PAGES = 1000
# what may wait for a page that reads slowly; then it is told anew how things stand
MOST_WAITING = 256 * 1024
# a page asks anew after so long, and is looked at as whoever it is then
STREAM_SECONDS = 900.0
AGAIN = b"event: again\ndata: {}\n\n"

_log = logging.getLogger("noisetamer.hub")

Key = TypeVar("Key", bound=Hashable)


class OpenPage:
    """One page's end of the stream."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._behind = True
        self._news = asyncio.Event()
        self._closed = self._ended = False

    def tell(self, news: bytes) -> None:
        """Of the audience's news."""
        if self._behind:
            return
        self._waiting.append(news)
        self._size += len(news)
        if self._size > MOST_WAITING:
            self._behind = True
        self._news.set()

    def close(self) -> None:
        """End `parts`."""
        self._closed = True
        self._news.set()

    def _end(self) -> None:
        self._ended = True
        self.close()

    async def parts(self) -> AsyncIterator[bytes]:
        """What goes to the browser, until the page is closed or has to ask anew."""
        loop = asyncio.get_running_loop()
        ends = loop.call_later(STREAM_SECONDS, self._end)
        try:
            while True:
                if self._behind:
                    self._waiting.clear()
                    self._behind = False
                    # taken before anything else can be told
                    yield self._view.start()
                elif self._waiting:
                    news = b"".join(self._waiting)
                    self._waiting.clear()
                    self._size = 0
                    yield news
                elif self._closed:
                    if self._ended:
                        yield AGAIN
                    return
                else:
                    self._news.clear()
                    await self._news.wait()
        finally:
            ends.cancel()


class _Audience:
    """Those that are told the same."""

    def __init__(self, view: View, listener: Listener, ended: Callable[[], None]) -> None:
        self.listener = listener
        self._ended = ended
        self.view = view
        self.pages: set[OpenPage] = set()
        self._curves: dict[str, None] = {}
        self._asked = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                curves = tasks.create_task(self._tell_curves())
                async for news in self.listener.news():
                    stale = dict.fromkeys(self.view.stale(news))
                    if stale:
                        self._curves |= stale
                        self._asked.set()
                        news = [one for one in news if one[0] != "curve" or one[1] not in stale]
                        if not news:
                            continue
                    self._tell(news)
                curves.cancel()
        except Exception:
            _log.exception("A page could not be told what is new; it asks anew.")
        finally:
            self._ended()
            for page in self.pages:
                page.close()

    async def _tell_curves(self) -> None:
        """They wait for the store, and no other news waits for them."""
        while await self._asked.wait():
            self._asked.clear()
            units, self._curves = self._curves, {}
            await asyncio.to_thread(self.view.read, units)
            self._tell([("curve", id) for id in units])

    def _tell(self, news: Collection[tuple[str, str]]) -> None:
        if told := self.view.news(news):
            for page in self.pages:
                page.tell(told)

    def end(self) -> None:
        """Nobody listens any more."""
        self._task.cancel()


class Broadcast(Generic[Key]):
    """All open pages, by audience."""

    def __init__(
        self,
        live: Live,
        view: Callable[[Key], View],
        sees: Callable[[Key], Callable[[Unit], bool]],
    ) -> None:
        """view: makes that of one audience; sees: which units it sees."""
        self._live = live
        self._sees = sees
        self._view = view
        self._audiences: dict[Key, _Audience] = {}
        self._pages = 0

    def open(self, key: Key) -> OpenPage | None:
        """A page more in that audience; None when there are too many. Give it back to `leave`."""
        if self._pages >= MOST_PAGES:
            return None
        audience = self._audiences.get(key)
        if audience is None:
            listener = self._live.listen(self._sees(key))
            if listener is None:
                return None
            try:
                view = self._view(key)
            except BaseException:
                self._live.leave(listener)
                raise
            audience = _Audience(view, listener, lambda: self._forget(key, listener))
            self._audiences[key] = audience
        page = OpenPage(audience.view)
        audience.pages.add(page)
        self._pages += 1
        return page

    def leave(self, key: Key, page: OpenPage) -> None:
        """Forget a page."""
        self._pages -= 1
        audience = self._audiences.get(key)
        if audience and page in audience.pages:
            audience.pages.discard(page)
            if not audience.pages:
                audience.end()
                self._forget(key, audience.listener)

    def _forget(self, key: Key, listener: Listener) -> None:
        self._live.leave(listener)
        audience = self._audiences.get(key)
        if audience and audience.listener is listener:
            del self._audiences[key]
