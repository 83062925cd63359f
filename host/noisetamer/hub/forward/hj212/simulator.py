"""A platform as HJ 212 describes it, to try devices with: it acknowledges what it gets, can hold
answers back, and asks.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from noisetamer.hub.forward.hj212 import codes, frame
from noisetamer.hub.forward.hj212.areas import stamp
from noisetamer.hub.forward.hj212.frame import ANSWER, Frame, Malformed, Stream

_NOTICES = (codes.HEARTBEAT, codes.ASK_TIME, codes.KEY)
_ANSWERS = (codes.REQUEST_ANSWER, codes.RESULT, codes.NOTICE_ANSWER, codes.DATA_ANSWER)


def acknowledgement(sent: Frame) -> Frame:
    """What answers a frame of a device: 9013 a notice, 9014 data; its QN, ST 91, no answer."""
    command = codes.NOTICE_ANSWER if sent.CN in _NOTICES else codes.DATA_ANSWER
    version = sent.flag >> 2 << 2
    blank = replace(sent, area="", number=0, of=0, backfilled=False)
    return replace(blank, ST=codes.EXCHANGE, CN=command, flag=version)


@dataclass
class Heard:
    """All that one simulator got. frames: readable ones, each time they came; refused: why others
    are none; answers: to what it asked."""

    frames: list[Frame] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    answers: list[Frame] = field(default_factory=list)


class Simulator:
    """Takes any number of devices."""

    def __init__(
        self,
        kind: str = "standard",
        key: bytes | None = None,
        hold: Callable[[Frame, int], bool] = lambda one, time: False,
        told: Callable[[str, bytes, Frame | Malformed], Any] = lambda way, data, one: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """hold: whether a frame is not answered that came for so many times, from 1 on; told:
        hears of each frame, "in" and "out", or why it is none; clock: Unix s."""
        self.heard = Heard()
        self._kind, self._key = kind, key
        self.hold = hold
        self._told = told
        self._clock = clock
        self._times: Counter[str] = Counter()
        self._writers: dict[str, asyncio.StreamWriter] = {}
        self._open: set[asyncio.StreamWriter] = set()
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """port: 0: any free one. Raises OSError."""
        self._server = await asyncio.start_server(self._serve, host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def hang_up(self) -> None:
        """On all devices; they may come again."""
        for writer in list(self._open):
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def close(self) -> None:
        if self._server:
            self._server.close()
        await self.hang_up()

    async def until(self, is_so: Callable[[Heard], bool], seconds: float = 20.0) -> None:
        """Wait for something among what it heard. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: is_so(self.heard))

    async def ask(self, mn: str, request: Frame) -> None:
        """Send a request to a device that is connected; what it says is among `heard.answers`.
        Raises KeyError."""
        await self._put(self._writers[mn], request)

    async def ask_raw(self, mn: str, data: bytes) -> None:
        """Send any bytes. Raises KeyError."""
        writer = self._writers[mn]
        writer.write(data)
        await writer.drain()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = Stream()
        self._open.add(writer)
        try:
            while data := await reader.read(4096):
                for whole in stream.feed(data):
                    await self._take(whole, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _take(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            one = frame.read(data, self._kind, self._key)
        except Malformed as why:
            self._told("in", data, why)
            async with self._news:
                self.heard.refused.append(str(why))
                self._news.notify_all()
            return
        self._told("in", data, one)
        self._writers[one.MN] = writer
        is_answer = one.CN in _ANSWERS or not one.wants_answer
        async with self._news:
            (self.heard.answers if is_answer and one.CN in _ANSWERS else self.heard.frames).append(
                one
            )
            self._news.notify_all()
        if is_answer:
            return
        self._times[one.QN] += 1
        if self.hold(one, self._times[one.QN]):
            return
        await self._put(writer, acknowledgement(one))
        if one.CN == codes.ASK_TIME:
            now = self._clock()
            area = f"SystemTime={stamp(now, 8.0)}"
            await self._put(writer, request(one, codes.SET_TIME, area, now))

    async def _put(self, writer: asyncio.StreamWriter, one: Frame) -> None:
        data = frame.write(one, self._kind)
        self._told("out", data, one)
        with suppress(OSError):
            writer.write(data)
            await writer.drain()


def request(
    device: Frame, command: str, area: str = "", now: float = 0.0, utc_offset: float = 8.0
) -> Frame:
    """A request to a device that sent this frame. now: Unix s."""
    version = device.flag >> 2 << 2
    name = f"{stamp(now, utc_offset)}{int(now * 1000) % 1000:03d}"
    blank = replace(device, area=area, number=0, of=0, backfilled=False)
    return replace(blank, QN=name, CN=command, flag=version | ANSWER)
