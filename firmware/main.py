"""Every start: the watchdog, then whatever is spoilt is made whole, then the firmware itself.

Nothing else runs when this file is spoilt: it is short, and there is no boot.py.
"""

import sys

import machine

# Before anything is loaded: what hangs from here on ends in a reset.
watchdog = machine.WDT(timeout=8000)

try:
    import factory

    mended = factory.mend(watchdog.feed)
    del factory, sys.modules["factory"]
except Exception as wrong:
    mended = {"factory.py": str(wrong)}

from tamer import start  # noqa: E402

start.run(mended)
