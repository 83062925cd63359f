"""The hub's own channel: ntfy apps and duty pages listen to it, nobody stands between."""

import asyncio
import time
from collections.abc import Callable

from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.phones.channels.channel import Parcel, Result
from noisetamer.hub.phones.listeners import Listeners
from noisetamer.hub.phones.postbox import Postbox

TAKE_SECONDS = 60.0
"""A phone that listens has a message in well under a second; one that has just lost its network
comes back within a minute, and asks for what it missed."""


class TopicChannel:
    """delivered: a phone that listens took it. Otherwise it is kept, and may be taken later;
    refused: no phone listens; unknown: one does, and has not acknowledged it.
    """

    def __init__(
        self,
        postbox: Postbox,
        listeners: Listeners,
        clock: Callable[[], float] = time.time,
        patience: float = TAKE_SECONDS,
    ) -> None:
        """clock: Unix s; patience: s."""
        self._postbox = postbox
        self._listeners = listeners
        self._clock = clock
        self._patience = patience

    async def send(self, parcel: Parcel, contact: Contact) -> Result:
        topic = topic_of(contact)
        with self._listeners.watching(parcel.id) as taken:
            had = await asyncio.to_thread(
                self._postbox.put, parcel.id, topic, self._clock(), body(parcel), parcel.call
            )
            self._listeners.wake(topic)
            try:
                async with asyncio.timeout(0 if had else self._patience):
                    await taken.wait()
            except TimeoutError:
                if not had:
                    listens = self._listeners.listening(topic)
                    return Result("unknown" if listens else "refused", "not_taken")
        return Result("delivered", "taken")


DUTY = "duty-"
"""How the topics of duty pages begin; no ntfy topic does."""


def topic_of(contact: Contact) -> str:
    """A duty page has one too; no app can ask for it, the page's login can."""
    return duty_topic(contact.account) if contact.channel == "duty" else contact.address


def duty_topic(account: int) -> str:
    return f"{DUTY}{account}"


def body(parcel: Parcel) -> dict[str, object]:
    """The fields of ntfy's message besides its name and time."""
    said = parcel.message
    told: dict[str, object] = {
        "title": said.title,
        "message": said.body,
        "priority": said.priority,
        "tags": list(said.tags),
    }
    if parcel.link:
        told["click"] = parcel.link
        act = {
            "id": f"{parcel.id[:10]}1",
            "action": "http",
            "label": parcel.act,
            "url": parcel.link,
            "method": "POST",
            "clear": True,
        }
        told["actions"] = [
            *([act] if parcel.act else []),
            {
                "id": f"{parcel.id[:10]}2",
                "action": "view",
                "label": parcel.look,
                "url": parcel.link,
                "clear": False,
            },
        ]
    if parcel.document:
        told["attachment"] = {"name": "permit.pdf", "url": parcel.document}
    return told
