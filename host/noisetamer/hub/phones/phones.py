"""The phones of one hub: what its pages, its streams and its worker share."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from noisetamer.hub.people.people import People
from noisetamer.hub.phones import keys
from noisetamer.hub.phones.channels import web_push
from noisetamer.hub.phones.channels.channel import Channel
from noisetamer.hub.phones.channels.inbox import Inbox
from noisetamer.hub.phones.channels.services import ServiceChannel
from noisetamer.hub.phones.channels.topic import DUTY, TopicChannel
from noisetamer.hub.phones.links import Links
from noisetamer.hub.phones.listeners import Listeners
from noisetamer.hub.phones.permit_links import PermitLinks
from noisetamer.hub.phones.postbox import Postbox
from noisetamer.hub.phones.stream import Streams
from noisetamer.hub.phones.worker import Outbox, Worker
from noisetamer.hub.words.i18n import Texts


def called(people: People, name: str) -> str:
    """What people call whoever has an account of that name; blocks."""
    person = people.accounts.named(name)
    return (person.account.display if person else "") or name


class Phones:
    """Of a data folder. Made in the event loop."""

    def __init__(
        self,
        data: Path,
        is_topic: Callable[[str], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """is_topic: whether somebody is reached by it; blocks. clock: Unix s.

        Raises UserError where its files cannot be used.
        """
        self.clock = clock
        self._data = data
        self.postbox = Postbox(data / "phones.sqlite")
        self.listeners = Listeners()
        self.streams = Streams(self.postbox, self.listeners, clock)
        key = keys.kept(data / "links.key")
        self.links = Links(key)
        self.permit_links = PermitLinks(key)
        self._is_topic = is_topic

    def push_key(self) -> str:
        """What a browser subscribes to Web Push with; made when it is first wanted; blocks."""
        return web_push.public_key(self._push_key())

    def _push_key(self) -> bytes:
        return keys.kept(self._data / "push.key", web_push.new_key)

    def are_topics(self, topics: Sequence[str]) -> bool:
        """Whether somebody is reached by each of them; blocks."""
        return all(map(self._is_topic, topics))

    def worker(
        self,
        outbox: Outbox,
        people: People,
        url: str,
        texts: Mapping[str, Texts],
        utc_offset: float,
        unit_name: Callable[[str], str],
        inbox: bool = False,
    ) -> Worker:
        """The one that calls; as of `Worker`. inbox: show in the terminal, and send nothing."""
        channels = self.channels(url, texts)
        if inbox:
            signature = texts["zh"]["page"]

            def name(id: int) -> str:
                account = people.accounts.one(id)
                return (account.display or account.name) if account else ""

            shown = Inbox(name, signature, texts["zh"], utc_offset, self.clock)
            channels = dict.fromkeys(channels, shown)
        worker = Worker(
            *(outbox, people.accounts.one, people.contacts.one, channels, self.links, url),
            *(texts, utc_offset, unit_name, self.clock, lambda name: called(people, name)),
        )
        self.streams.on_taken = worker.taken
        return worker

    def channels(self, url: str, texts: Mapping[str, Texts]) -> dict[str, Channel]:
        """All that the hub has, by the name of a contact's. url, texts: as of `worker`."""
        topics = TopicChannel(self.postbox, self.listeners, self.clock)
        return {
            "ntfy": topics,
            "duty": topics,
            "apprise": ServiceChannel(texts["zh"]["page"]),
            "web-push": web_push.WebPushChannel(self._push_key, url),
        }

    def changed(self, *_: object) -> None:
        """Incidents have: duty pages show it."""
        self.listeners.wake_all(DUTY)

    def close(self) -> None:
        """After the streams have ended."""
        self.postbox.close()
