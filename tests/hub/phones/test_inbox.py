"""`noisetamer hub --inbox`: what would have been sent, and nothing sent."""

import asyncio
import io

from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.phones.channels.channel import Parcel, Result
from noisetamer.hub.phones.channels.inbox import Inbox
from noisetamer.hub.phones.message import QUIET, RING, Message
from noisetamer.hub.words.i18n import read_texts

EVENING = 1_775_048_580.0


def test_shows_who_by_which_way_and_what():
    out = io.StringIO()
    inbox = Inbox(
        *({1: "王明", 2: "李警官"}.__getitem__, "治噪者", read_texts()["zh"], 8.0),
        *(lambda: EVENING, out),
    )
    said = Message("东门广场 72 分贝，限值 60", ("超限 4 分钟，21:03 起",), RING, ())
    over = Message("东门广场：已恢复安静", ("21:15 起低于限值",), QUIET, ())

    async def send() -> list[Result]:
        return [
            await inbox.send(
                Parcel("x" * 12, "1", said, "http://hub/a/t"),
                Contact(1, 1, "ntfy", "a" * 26, "", ""),
            ),
            await inbox.send(
                Parcel("y" * 12, "2", over), Contact(2, 2, "apprise", "wecombot://SECRET", "", "")
            ),
        ]

    assert asyncio.run(send()) == [Result("delivered", "shown")] * 2
    assert out.getvalue() == (
        "21:03  王明 · ntfy  *****\n"
        "    东门广场 72 分贝，限值 60\n"
        "    超限 4 分钟，21:03 起\n"
        "    http://hub/a/t\n"
        "21:03  李警官 · wecombot  ***\n"
        "    东门广场：已恢复安静\n"
        "    21:15 起低于限值\n"
        "    治噪者\n"
    )
