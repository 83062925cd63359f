"""Tells how long the messages that are there last, and speaks one that the settings bring.

Settings: `made`, a WAV file in hex; `volume` in dB; `before`, a message that is tried first.
"""

import asyncio
import binascii
import json
import os

import board
import machine

from tamer import hardware
from tamer.act.voice import Voice

with open("/settings.json") as file:
    # A message is longer than settings may be.
    plan = json.load(file)
with open("/voices/made.wav", "wb") as file:
    file.write(binascii.unhexlify(plan["made"]))


def messages():
    return sorted([name[:-4] for name in os.listdir("/voices") if name.endswith(".wav")])


async def main():
    made = hardware.make(board.BOARD)
    voice = Voice(made.speaker, "/voices")
    lengths = [(name, voice.length(name)) for name in messages()]
    print("{%s}" % ", ".join(['"%s": %f' % each for each in lengths]))
    if plan["before"]:
        try:
            await voice.say(plan["before"], plan["volume"])
        except OSError:
            print(json.dumps("%s cannot be spoken" % plan["before"]))
    await voice.say("made", plan["volume"])
    machine.reset()


asyncio.run(main())
