"""asyncio in virtual time, with the drivers of a virtual box: to be imported before all else.

The firmware's folder is on the path already.
"""

import asyncio
import sys

asyncio.ThreadSafeFlag  # noqa: B018 (loads it: asyncio's own arithmetic needs the real ticks)

(firmware,) = [path for path in sys.path if path.endswith("/firmware")]
drivers = firmware + "/../host/noisetamer/virtual/drivers"
sys.path.insert(0, drivers + "/..")
import pipe  # noqa: F401

sys.path[0] = drivers
import virtual_clock as clock

clock.install()
