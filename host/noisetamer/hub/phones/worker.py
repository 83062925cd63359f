"""Empties the outbox: takes each call that is due to its person, at least once.

A call has a name for ever (the effect's key), and stays due until the incidents hear what became
of it, or that another attempt follows. Killed in between, the next hub tries again under the same
name: the hub's own channel and its apps know the message then and ring once, a chat may show it
twice.
"""

import asyncio
import base64
import hashlib
import logging
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from noisetamer.hub.incidents.incident import TO_PHONES, Effect, Entry, Incident
from noisetamer.hub.incidents.roster import LEADER
from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.people.roles import Account
from noisetamer.hub.phones.channels.channel import Channel, Parcel, Result
from noisetamer.hub.phones.links import GOOD_SECONDS, Link, Links
from noisetamer.hub.phones.message import Message, Turn, all_clear, call
from noisetamer.hub.phones.situation import situation
from noisetamer.hub.words.i18n import Texts

LOOK_SECONDS = 1.0
"""The worker is woken by what changes; so often it looks besides."""
AT_ONCE = 200
"""Calls begun in one look."""
BACK_OFF = (2.0, 5.0, 15.0, 30.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0)
"""s between attempts: ten minutes in all. Then a call is old news: others have been called."""

_log = logging.getLogger("noisetamer.hub")


class Outbox(Protocol):
    """What the worker needs of the incidents; blocks."""

    def due(self, now: float, kinds: Sequence[str], most: int) -> Sequence[Effect]: ...
    def effect(self, key: str) -> Effect | None: ...
    def sent(self, key: str, result: str, detail: str, at: float) -> object: ...
    def postpone(self, key: str, due: float, detail: str) -> object: ...
    def one(self, id: int) -> Incident | None: ...
    def timeline(self, id: int) -> Sequence[Entry]: ...


class Worker:
    """Of one hub; runs in its event loop."""

    def __init__(
        self,
        outbox: Outbox,
        account: Callable[[int], Account | None],
        contact: Callable[[int], Contact | None],
        channels: Mapping[str, Channel],
        links: Links,
        url: str,
        texts: Mapping[str, Texts],
        utc_offset: float,
        unit_name: Callable[[str], str],
        clock: Callable[[], float] = time.time,
        called: Callable[[str], str] = lambda name: name,
    ) -> None:
        """account, contact: of an id, None where it is gone; url: of the hub as phones reach it,
        "" where they do not: no links then; utc_offset: of the square's clock, h; unit_name: what
        people call a box, by its id, "" for nothing; clock: Unix s; called: how the account of a
        name is called.
        """
        self._outbox = outbox
        self._account = account
        self._contact = contact
        self.channels = channels
        self._links = links
        self._url = url
        self._texts = texts
        self._utc_offset = utc_offset
        self._unit_name = unit_name
        self._clock = clock
        self._called = called
        self._news = asyncio.Event()
        self._complaint = ""
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._came_late: set[str] = set()

    def wake(self, *_: object) -> None:
        """Something may be due now."""
        self._news.set()

    def taken(self, call: str) -> None:
        """A phone came for this call later than it was waited for: it is delivered after all."""
        if call in self._busy:
            self._came_late.add(call)
        else:
            self._start(call, self._late(call))

    async def run(self) -> None:
        """Without end; cancelled, it leaves nothing half said."""
        try:
            while True:
                self._news.clear()
                await self.look()
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._news.wait()
                except TimeoutError:
                    pass
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def look(self) -> None:
        """Begin what is due and not under way."""
        # those under way are due until they are done, and must hide no other
        most = len(self._busy) + AT_ONCE
        for effect in await asyncio.to_thread(self._outbox.due, self._clock(), TO_PHONES, most):
            if effect.key not in self._busy:
                self._start(effect.key, self._deliver(effect))

    async def idle(self) -> None:
        """Until all that is under way is done."""
        while self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _start(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._busy[key] = task
        task.add_done_callback(lambda done: self._ended(key, done))

    def _ended(self, key: str, task: "asyncio.Task[None]") -> None:
        self._busy.pop(key, None)
        if key in self._came_late and not task.cancelled():
            self._came_late.discard(key)
            # while it was being said that nobody had
            self._start(key, self._late(key))
        if not task.cancelled() and (error := task.exception()):
            self._complain(error)

    def _complain(self, error: BaseException) -> None:
        """Once for each: a disk that is full says so every second."""
        if (said := repr(error)) != self._complaint:
            self._complaint = said
            _log.error("A fault while somebody was called; it is tried again.", exc_info=error)

    async def _deliver(self, effect: Effect) -> None:
        result = await asyncio.to_thread(self._prepare, effect)
        if not isinstance(result, Result):
            channel, parcel, contact = result
            try:
                result = await channel.send(parcel, contact)
            except Exception as error:
                self._complain(error)
                result = Result("unknown", f"fault: {type(error).__name__}", again=True)
        now = self._clock()
        if result.again and effect.attempts < len(BACK_OFF):
            due = now + max(BACK_OFF[effect.attempts], result.after)
            await asyncio.to_thread(self._outbox.postpone, effect.key, due, result.detail)
        else:
            await asyncio.to_thread(
                self._outbox.sent, effect.key, result.state, result.detail, now
            )

    async def _late(self, call: str) -> None:
        effect = await asyncio.to_thread(self._outbox.effect, call)
        if effect and effect.state in ("unknown", "refused"):
            await asyncio.to_thread(self._outbox.sent, call, "delivered", "taken", self._clock())

    def _prepare(self, effect: Effect) -> tuple[Channel, Parcel, Contact] | Result:
        """Blocks. A Result where nothing can be sent."""
        incident = self._outbox.one(effect.incident)
        contact = None if effect.contact is None else self._contact(effect.contact)
        account = None if contact is None else self._account(contact.account)
        if incident is None or contact is None or account is None:
            return Result("refused", "no_contact")
        if account.district and not account.may("see", incident.square):
            # the square was given to another district meanwhile
            return Result("refused", "no_contact")
        channel = self.channels.get(contact.channel)
        if channel is None:
            return Result("refused", "no_channel")
        texts = self._texts.get(account.language, self._texts["zh"])
        message = self._message(effect, incident, account, texts)
        id = parcel_id(effect, incident)
        link = ""
        if self._url and effect.kind != "all-clear":
            expires = self._clock() + GOOD_SECONDS
            token = self._links.make(Link(account.id, incident.id, id, expires))
            link = f"{self._url}/a/{token}"
        parcel = Parcel(id, effect.key, message, link, texts["phone_act"], texts["phone_look"])
        return channel, parcel, contact

    def _message(
        self, effect: Effect, incident: Incident, account: Account, texts: Texts
    ) -> Message:
        about = situation(incident, self._outbox.timeline(incident.id), self._unit_name)
        now = self._clock()
        if effect.kind == "all-clear":
            return all_clear(about, texts, self._utc_offset, now)
        # it called again although it was over meanwhile: then that is not what to say
        about = replace(about, resolved=None)
        fields = effect.fields
        before = self._called(incident.acknowledged_by) if incident.acknowledged_by else ""
        turn = Turn(
            1 + int(fields.get("number", 0)),
            int(fields.get("place", 0)),
            before,
            account.role == LEADER,
        )
        return call(about, texts, self._utc_offset, now, turn)


def parcel_id(effect: Effect, incident: Incident) -> str:
    """12 signs, the same for ever. Of when the incident began too: after an old backup was brought
    back the same key may mean another call, which phones must not take for one they had.
    """
    name = f"{effect.key} {incident.opened:.3f}".encode()
    return base64.urlsafe_b64encode(hashlib.sha256(name).digest())[:12].decode()
