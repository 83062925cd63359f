"""Tells phones of permits: officers of what was applied for, the leader of what became of it.

What is to be told stands in the permits' file, in the transaction that made it so; nothing is
told twice under another name, and a phone that is away is tried again for a day.
"""

import asyncio
import base64
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from itertools import chain

from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.people.people import People
from noisetamer.hub.people.roles import Account
from noisetamer.hub.permits.hours import text_of_minute
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.hub.permits.permits import News, Permits
from noisetamer.hub.phones.channels.channel import Channel, Parcel, Result
from noisetamer.hub.phones.message import LINE_CELLS, NOTICE, TITLE_CELLS, Message, cells, cut
from noisetamer.hub.phones.permit_links import PermitLinks
from noisetamer.hub.words.i18n import Texts

LOOK_SECONDS = 5.0
AT_ONCE = 50
BACK_OFF = (10.0, 60.0, 300.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 28_800.0)
"""s between attempts, a day in all: an answer to an application is no alarm."""
OLD_SECONDS = 2 * 86_400.0
"""After that it is no news."""
MOST_AN_HOUR = 12
"""Applications of one square that ring an officer: whoever sends more by hand is a pest, and all
of them stand in the list."""

_log = logging.getLogger("noisetamer.hub")


class PermitNews:
    """Of one hub; runs in its event loop."""

    def __init__(
        self,
        permits: Permits,
        people: People,
        channels: Mapping[str, Channel],
        links: PermitLinks,
        url: str,
        texts: Mapping[str, Texts],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """url: of the hub as phones reach it, "" where they do not; clock: Unix s."""
        self._permits, self._people, self._channels = permits, people, channels
        self._links, self.url, self._texts, self._clock = links, url, texts, clock
        self._wake = asyncio.Event()
        self._rung: dict[str, list[float]] = {}
        self._busy: dict[int, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Something may be due now."""
        self._wake.set()

    async def run(self) -> None:
        """Without end."""
        try:
            while True:
                self._wake.clear()
                await self.look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._wake.wait()
        finally:
            for task in self._busy.values():
                task.cancel()
            await self.idle()

    async def idle(self) -> None:
        """Until all that is under way is done."""
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def look(self) -> None:
        """Begin what is due and not under way: a phone that is away keeps no other waiting."""
        # those under way are due until they are done, and must hide no other
        most = len(self._busy) + AT_ONCE
        due = await asyncio.to_thread(self._permits.news_due, self._clock(), most)
        found = [one for one in due if not one.way]
        for one in found:
            await asyncio.to_thread(self._spread, one)
        if found:
            due = await asyncio.to_thread(self._permits.news_due, self._clock(), most)
        for one in due:
            if one.way and one.id not in self._busy:
                task = self._busy[one.id] = asyncio.create_task(self._tell(one))
                task.add_done_callback(partial(self._ended, one.id))

    def _ended(self, id: int, task: "asyncio.Task[None]") -> None:
        self._busy.pop(id, None)
        if not task.cancelled() and (error := task.exception()):
            _log.error("What became of a message is not written; it goes again.", exc_info=error)

    def _spread(self, news: News) -> None:
        permit = self._permits.permit(news.permit)
        ways: list[str] = []
        if self._clock() - news.at > OLD_SECONDS:
            pass  # of a hub that was away, or brought back: it stands in the list
        elif news.what == "applied":
            ways = self._to_officers(permit)
        else:
            ways = self._to_leader(self._permits.group(permit.group))
        self._permits.spread(news, ways)

    def _to_officers(self, permit: Permit) -> list[str]:
        now = self._clock()
        rung = [at for at in self._rung.get(permit.square, []) if at > now - 3600]
        if len(rung) >= MOST_AN_HOUR:
            return []
        self._rung[permit.square] = [*rung, now]
        deciding = [
            person.account.id
            for person in self._people.accounts.all()
            if not person.disabled and person.account.may("permits", permit.square)
        ]
        contacts = chain.from_iterable(map(self._people.contacts.of, deciding))
        return [str(contact.id) for contact in contacts]

    def _to_leader(self, group: Group) -> list[str]:
        person = self._people.accounts.named(group.contact) if group.contact else None
        if person:
            return [str(one.id) for one in self._people.contacts.of(person.account.id)]
        topic, push = self._permits.reach(group.id)
        return [*(["topic"] if topic else []), *(["push"] if push else [])]

    async def _tell(self, news: News) -> None:
        try:
            prepared = await asyncio.to_thread(self._prepare, news)
            if prepared is None:
                result = Result("refused", "no_contact")
            else:
                channel, parcel, contact = prepared
                result = await channel.send(parcel, contact)
        except Exception:
            _log.exception("A fault while a phone was told of a permit; it is tried again.")
            result = Result("unknown", "fault", again=True)
        # a topic keeps it for a week: told once, whenever the phone comes for it
        kept = result.state == "refused" and result.detail == "not_taken"
        again = result.state != "delivered" and (result.again or kept)
        at = None
        if again and news.attempts < len(BACK_OFF):
            at = self._clock() + max(BACK_OFF[news.attempts], result.after)
        await asyncio.to_thread(self._permits.told, news, result.state, at)

    def _prepare(self, news: News) -> tuple[Channel, Parcel, Contact] | None:
        """None where nobody is reached that way any more; blocks."""
        permit = self._permits.permit(news.permit)
        group = self._permits.group(permit.group)
        account: Account | None = None
        if news.way in ("topic", "push"):
            topic, push = self._permits.reach(group.id)
            address = topic if news.way == "topic" else push
            kind = "ntfy" if news.way == "topic" else "web-push"
            contact = Contact(0, 0, kind, address, "", "") if address else None
        else:
            contact = self._people.contacts.one(int(news.way))
            account = self._people.accounts.one(contact.account) if contact else None
        if contact is None or contact.channel not in self._channels:
            return None
        texts = self._texts[account.language if account else "zh"]
        return (
            self._channels[contact.channel],
            self._parcel(news, permit, group, account, texts),
            contact,
        )

    def _parcel(
        self, news: News, permit: Permit, group: Group, account: Account | None, texts: Texts
    ) -> Parcel:
        now, link, document = self._clock(), "", ""
        if self.url and news.what == "applied" and account:
            token = self._links.to_decide(account.id, permit.id, now)
            link = f"{self.url}/permits/by/{token}"
        elif self.url and news.what != "applied":
            link = f"{self.url}/my-permit/{self._links.of_own(group.id, now)}"
            if permit.state == "approved":
                document = f"{link}/{permit.id}.pdf"
        name = f"permit {news.id} {news.at:.3f} {news.way}".encode()
        id = base64.urlsafe_b64encode(hashlib.sha256(name).digest())[:12].decode()
        # nothing to press on a lock screen: an answer wants a look at what stands against it
        said = message(news.what, permit, group, texts)
        return Parcel(
            *(id, f"permit {news.id}", said, link, "", texts["phone_look"]), document=document
        )


def message(what: str, permit: Permit, group: Group, texts: Texts) -> Message:
    """What a lock screen shows of it. what: of the news."""
    template = texts[f"permit_phone_{what}"]
    room = TITLE_CELLS - cells(template.format(group=""))
    lines = [terms(permit, texts)]
    if permit.reason and what != "applied":
        lines.append(texts["permit_reason"].format(reason=permit.reason))
    if what in ("approved", "amended"):
        lines.append(texts["permit_phone_show"])
    return Message(
        template.format(group=cut(group.name, room)),
        tuple(cut(line, LINE_CELLS) for line in lines),
        *(NOTICE, ("scroll",)),
    )


def terms(permit: Permit, texts: Texts) -> str:
    """Place and hours in one line."""
    return texts["permit_terms"].format(
        place=permit.place,
        days=days(permit.days, texts),
        since=text_of_minute(permit.since),
        until=text_of_minute(permit.until),
    )


def days(named: tuple[str, ...], texts: Texts) -> str:
    """ "周一、周三"; every day where none is named."""
    words = [texts[f"permit_day_{name}"] for name in named]
    return texts["groups_and"].join(words) if words else texts["permit_every_day"]
