"""Programs that load much begin sooner."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """What is imported inside stays to the end: nobody looks through it for garbage, neither again
    and again while it grows nor later. For modules that were not loaded before."""
    on = gc.isenabled()
    gc.collect()  # garbage would stay as well, and with it the files it holds
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if on:
            gc.enable()
