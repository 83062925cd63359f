"""For development and drills: what each channel would have sent, in the terminal only.

No phone rings, no service is asked.
"""

import sys
import time
from collections.abc import Callable
from typing import TextIO

from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.phones.channels.channel import Parcel, Result
from noisetamer.hub.phones.channels.services import text
from noisetamer.hub.phones.message import local_time
from noisetamer.hub.words.i18n import Texts


class Inbox:
    """In the stead of every channel."""

    def __init__(
        self,
        name: Callable[[int], str],
        signature: str,
        texts: Texts,
        utc_offset: float,
        clock: Callable[[], float] = time.time,
        out: TextIO | None = None,
    ) -> None:
        """name: of an account; signature: ends what chats get; utc_offset: h; clock: Unix s; out:
        None for standard output."""
        self._name = name
        self._signature = signature
        self._texts = texts
        self._utc_offset = utc_offset
        self._clock = clock
        self._out = out

    async def send(self, parcel: Parcel, contact: Contact) -> Result:
        now = self._clock()
        at = local_time(now, self._texts, self._utc_offset, now)
        where = contact.channel
        if contact.channel == "apprise":
            where = contact.address.partition("://")[0]
        said = parcel.message
        bell = "*" * said.priority
        chat = contact.channel == "apprise"
        body = text(parcel, self._signature, 2_000) if chat else f"{said.body}\n{parcel.link}"
        lines = [f"{at}  {self._name(contact.account)} · {where}  {bell}", said.title]
        lines += [line for line in body.splitlines() if line]
        print("\n    ".join(lines), file=self._out or sys.stdout, flush=True)
        return Result("delivered", "shown")
