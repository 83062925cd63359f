"""The firmware on a flash that loses messages. Settings: `missing` and `cut` at the start, `lost`
just before they are spoken; `short`: how often there is no memory to speak, at first."""

import os

from tamer import settings
from tamer.act.voice import Voice

_plan = settings.load()[0]
_say = Voice.say


def _file(message):
    return "/voices/%s.wav" % message


for message in _plan["missing"]:
    os.remove(_file(message))
for message in _plan["cut"]:
    with open(_file(message), "rb") as file:
        head = file.read(30)
    with open(_file(message), "wb") as file:
        file.write(head)


async def say(self, message, *how):
    if _plan["short"]:
        _plan["short"] -= 1
        raise MemoryError
    if message in _plan["lost"]:
        os.remove(_file(message))
        _plan["lost"].remove(message)
    await _say(self, message, *how)


Voice.say = say

import firmware_main  # noqa: F401 (runs for ever)
