"""One device connected to one platform: frames go out and are acknowledged, requests come in.

HJ 212-2017 6.2: what is not answered within the time-out is sent again, the same bytes with the
same QN, and after the last time in vain the connection counts as gone.
"""

import asyncio
import logging
import random
from contextlib import suppress
from dataclasses import replace

from noisetamer.hub.forward.format import Unreachable
from noisetamer.hub.forward.hj212 import codes, frame
from noisetamer.hub.forward.hj212.desk import Desk
from noisetamer.hub.forward.hj212.device import Device
from noisetamer.hub.forward.hj212.frame import Frame, Malformed, Stream

FIRST_PAUSE, MOST_PAUSE = 1.0, 300.0
"""s between attempts to connect, doubling; half of it by chance."""
CONNECT_SECONDS = 10.0
"""Within which a connection is taken, and a frame."""
MOST_WAITING = 64
"""Requests of a platform that wait while one is answered."""

_log = logging.getLogger("noisetamer.hub")


class Session:
    """Connects by itself when there is something to send, and while `keep` runs."""

    def __init__(self, device: Device, started: float) -> None:
        """started: when the data logger was, Unix s."""
        self.device = device
        self.said = ""
        """What the platform sends that cannot be read, or refuses: "" where all is well."""
        self.away = ""
        """Why there is no connection; "" where there is one, or none was tried."""
        self._started: float | None = started
        self._desk = Desk(device)
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._obeying: asyncio.Task[None] | None = None
        self._requests: asyncio.Queue[Frame] = asyncio.Queue(MOST_WAITING)
        self._answers: dict[str, asyncio.Future[Frame]] = {}
        self._connecting = asyncio.Lock()
        self._gone = asyncio.Event()

    # -- what is sent

    async def upload(self, command: str, area: str, backfilled: bool = False) -> None:
        """Send data, in as many frames as it takes; return when all are acknowledged, or sent
        where none is wanted. Raises Unreachable."""
        platform = self.device.platform
        whole = self.device.frame(command, area, platform.answers)
        if platform.version == "2025":
            whole = replace(whole, backfilled=backfilled)
        for number, part in enumerate(frame.split(whole)):
            # each packet has a name of its own: annex C.50
            await self.exchange(replace(part, QN=self.device.new_name()) if number else part)

    async def exchange(self, one: Frame) -> Frame | None:
        """Send a frame until it is answered; the answer, None where it wants none. Raises
        Unreachable, and then the connection is gone."""
        answer = await self._answered(one)
        if answer is not None or not one.wants_answer:
            return answer
        times = 1 + self.device.now.recount
        why = f"{self._where}: no answer to {one.CN}, sent {times} times{self._hint}"
        await self.hang_up()
        raise Unreachable(why)

    async def _answered(self, one: Frame) -> Frame | None:
        """None where no answer came, or none is wanted. Raises Unreachable."""
        await self._connected()
        data = self.device.written(one)
        if not one.wants_answer:
            await self._put(data)
            return None
        now = self.device.now
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._answers[one.QN] = future
        try:
            for _ in range(1 + now.recount):
                await self._put(data)
                with suppress(TimeoutError):
                    async with asyncio.timeout(now.overtime):
                        return self._judged(await asyncio.shield(future))
        finally:
            self._answers.pop(one.QN, None)
            if future.done() and not future.cancelled():
                future.exception()
        return None

    def _judged(self, answer: Frame) -> Frame:
        """Raises Unreachable for one that says no: a password, a device are no fault of data."""
        if answer.CN != codes.REQUEST_ANSWER:
            return answer
        text = answer.area.partition("QnRtn=")[2].partition(";")[0]
        code = int(text) if text.isdecimal() else codes.NOT_KNOWN
        if code == codes.READY:
            return answer
        meaning = codes.QN_RETURNS.get(code, codes.QN_RETURNS[codes.NOT_KNOWN])
        hint = ""
        if code == codes.WRONG_CHECK:
            other = "modbus" if self.device.platform.crc == "standard" else "standard"
            hint = f': perhaps it wants crc = "{other}"'
        raise Unreachable(f"{self._where}: it answers QnRtn={code}, {meaning}{hint}")

    # -- the connection

    @property
    def _where(self) -> str:
        platform = self.device.platform
        return f"{platform.host}:{platform.port} ({self.device.unit})"

    @property
    def _hint(self) -> str:
        return f"; {self.said}" if self.said else ""

    @property
    def is_connected(self) -> bool:
        return self._writer is not None

    async def _connected(self) -> None:
        """Raises Unreachable."""
        async with self._connecting:
            if self._writer is not None:
                return
            platform = self.device.platform
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    reader, writer = await asyncio.open_connection(platform.host, platform.port)
            except TimeoutError:
                raise Unreachable(f"{self._where}: does not take a connection") from None
            except OSError as error:
                why = error.strerror or error
                raise Unreachable(f"{self._where}: cannot be reached: {why}") from None
            self._writer, self.said, self.away = writer, "", ""
            self._gone.clear()
            self._requests = asyncio.Queue(MOST_WAITING)
            self._reading = asyncio.create_task(self._read(reader, writer))
            self._obeying = asyncio.create_task(self._obey(self._requests))

    async def _put(self, data: bytes) -> None:
        """Raises Unreachable."""
        await self._connected()
        assert self._writer is not None
        try:
            self._writer.write(data)
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._writer.drain()
        except (OSError, TimeoutError) as error:
            await self.hang_up()
            why = str(error) or "takes nothing more"
            raise Unreachable(f"{self._where}: {why}") from None

    async def hang_up(self) -> None:
        """Let go of the connection; what waits for an answer is told so."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        writer.close()
        current = asyncio.current_task()
        for task in (self._reading, self._obeying):
            if task is not None and task is not current:
                task.cancel()
        gone = f"{self._where}: the connection is gone"
        for future in self._answers.values():
            if not future.done():
                future.set_exception(Unreachable(f"{gone}{self._hint}"))
        self._gone.set()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await writer.wait_closed()

    # -- what comes in

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = Stream()
        try:
            while data := await reader.read(4096):
                for whole in stream.feed(data):
                    await self._take(whole)
        except (OSError, Unreachable):
            pass
        finally:
            if self._writer is writer:
                await self.hang_up()

    async def _take(self, data: bytes) -> None:
        device = self.device
        try:
            one = frame.read(data, device.platform.crc, device.now.key)
        except Malformed as why:
            said = f"a frame of it {why}"
            if said != self.said:
                _log.warning("%s: a frame of it is left out: it %s", self._where, why)
            self.said = said
            if refusal := self._desk.refuse(why):
                await self._put(self.device.written(refusal))
            return
        if one.CN in (codes.DATA_ANSWER, codes.NOTICE_ANSWER, codes.REQUEST_ANSWER, codes.RESULT):
            future = self._answers.get(one.QN)
            if future is not None and not future.done() and one.CN != codes.RESULT:
                future.set_result(one)
            return
        try:
            self._requests.put_nowait(one)
        except asyncio.QueueFull:
            if one.wants_answer:
                ready = self._desk.answer(one, codes.REQUEST_ANSWER, f"QnRtn={codes.REFUSED}")
                await self._put(self.device.written(ready))

    async def _obey(self, requests: asyncio.Queue[Frame]) -> None:
        """One request after the other, until cancelled."""
        while True:
            request = await requests.get()
            with suppress(Unreachable):
                async for answer in self._desk.obey(request):
                    await self._put(self.device.written(answer))

    # -- what goes on beside data

    async def keep(self) -> None:
        """Stay connected, with heartbeats and real-time data, until cancelled."""
        attempts = 0
        while True:
            try:
                await self._connected()
                attempts = 0
                await self._beside()
            except Unreachable as why:
                attempts, self.away = attempts + 1, str(why)
                if attempts == 1:
                    _log.warning("%s", why)
            longest = min(MOST_PAUSE, FIRST_PAUSE * 2 ** min(attempts, 20))
            await asyncio.sleep(longest * (0.5 + 0.5 * random.random()))

    async def _beside(self) -> None:
        """Until the connection is gone. Raises Unreachable."""
        tasks = [
            asyncio.create_task(work)
            for work in (self._say_started(), self._ask_time(), self._beat(), self._say_levels())
        ]
        gone = asyncio.create_task(self._gone.wait())
        try:
            waiting = {gone, *tasks}
            while not gone.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in (gone, *tasks):
                task.cancel()
            await asyncio.gather(gone, *tasks, return_exceptions=True)

    async def _say_started(self) -> None:
        """2081, once. Data goes on where a platform does not know it."""
        if self._started is None or not self.device.platform.started:
            return
        now, began = (self.device.stamp(t) for t in (self.device.clock(), self._started))
        area = f"DataTime={now};RestartTime={began}"
        await self._tell(self.device.frame(codes.START_TIME, area, self.device.platform.answers))
        self._started = None

    async def _ask_time(self) -> None:
        """1013, after which a platform says its time: our clock is then held against it."""
        if "clock" in self.device.platform.allow:
            await self._tell(self.device.frame(codes.ASK_TIME, "", answer=True))

    async def _tell(self, one: Frame) -> None:
        if await self._answered(one) is None and one.wants_answer:
            _log.warning("%s: no answer to %s, which it may not know.", self._where, one.CN)

    async def _beat(self) -> None:
        while self.device.platform.heartbeat:
            await asyncio.sleep(self.device.platform.heartbeat)
            await self.exchange(self.device.frame(codes.HEARTBEAT, "", answer=True))

    async def _say_levels(self) -> None:
        """2011, at the interval that counts now, while it is wanted."""
        while True:
            now = self.device.now
            await asyncio.sleep(now.real_time or 30)
            if now.real_time and now.wanted:
                await self.say_level()

    async def say_level(self) -> None:
        """The newest second, where there is one. Raises Unreachable."""
        device = self.device
        if area := await asyncio.to_thread(device.newest, device.clock()):
            await self.upload(codes.REAL_TIME, area)

    async def try_out(self) -> None:
        """Connect, and have a heartbeat answered where the platform wants some. Raises
        Unreachable."""
        await self._connected()
        if self.device.platform.heartbeat:
            await self.exchange(self.device.frame(codes.HEARTBEAT, "", answer=True))

    async def close(self) -> None:
        await self.hang_up()
