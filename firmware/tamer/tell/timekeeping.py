"""Asks the network for the time: again and again until it is known, then daily.

Once more an hour after the first answer, so that the crystal's drift is known as well.
"""

import asyncio
import random

from tamer.clock import NTP

_LOOK = 2  # s between two looks whether the Wi-Fi is there
_SOON = 15  # s until all are asked again, while nobody has told the time
_LATER = 3600  # s, where the time is known but not the drift, or nobody answers
_DAY = 86400


async def keep(clock, wlan, names, time):
    """For ever. `clock`: this boot's. `wlan`: a made station interface; whoever joins is another.

    `names`: of time servers; the network's gateway is asked after them. `time(name)`: (Unix time
    now, ms, by a server, and the round trip), or raises OSError; what a server says is also
    refused where the clock refuses it.
    """
    pause = _SOON
    while True:
        while not wlan.isconnected():
            await asyncio.sleep(_LOOK)
        if not await _asked(clock, list(names) + [wlan.ifconfig()[2]], time):
            pause = _LATER if clock.known() else _SOON
        else:
            pause = _LATER if pause == _SOON else _DAY
        # Boxes that woke up together must not ask together for ever.
        await asyncio.sleep_ms(1000 * pause - random.randrange(200 * pause))


async def _asked(clock, names, time):
    """Whether one of them has told the time."""
    for name in names:
        try:
            unix_ms, round_trip_ms = await time(name)
        except (OSError, MemoryError):
            continue
        if clock.told(unix_ms, NTP, round_trip_ms // 2):
            return True
    return False
