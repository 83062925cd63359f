"""Name and time servers asked over the computer's own sockets, as on a chip.

Arguments: the firmware's folder, the ports of a name server and of a time server here.
Prints the address of hub.example and the time, Unix ms, or what was raised.
"""

import asyncio
import sys

firmware, names, times = sys.argv[1:4]
sys.path.insert(1, firmware)

from tamer.tell import servers

servers._NAMES, servers._TIME = int(names), int(times)


class Station:
    def ifconfig(self):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")


class Memory:
    def get_blob(self, key, value):
        raise OSError(-0x1102)


async def main():
    asked = servers.Servers(Station(), Memory())
    for what in (asked.address("hub.example"), asked.time("127.0.0.1")):
        try:
            print(await what)
        except OSError as error:
            print(error)


asyncio.run(main())
