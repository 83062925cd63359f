"""What a channel is: it takes a parcel to one contact and says what became of it."""

from dataclasses import dataclass
from typing import Literal, Protocol

from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.phones.message import Message

State = Literal["delivered", "refused", "unknown"]


@dataclass(frozen=True)
class Result:
    """state: delivered (whoever carries it on has it, `detail` says who that is), refused (it
    said no), unknown (no answer, or none that is understood); again: whether another attempt may
    help; after: not before so many seconds.
    """

    state: State
    detail: str = ""
    again: bool = False
    after: float = 0.0


@dataclass(frozen=True)
class Parcel:
    """One message on its way to one contact.

    id: the same however often it is sent, 12 signs; call: the effect's key; link: what one thumb
    opens, "" where there is none; act, look: words for the two things to do, act: "" where there
    is only something to look at; document: where a PDF is that comes with it, "" without.
    """

    id: str
    call: str
    message: Message
    link: str = ""
    act: str = ""
    look: str = ""
    document: str = ""


class Channel(Protocol):
    async def send(self, parcel: Parcel, contact: Contact) -> Result:
        """Take it there. Raises nothing of the channel's own making."""
        ...
