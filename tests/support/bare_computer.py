"""A computer with no fonts but those matplotlib brings along."""

from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib import font_manager

from noisetamer.base.paper import font, plots


@contextmanager
def no_other_font() -> Iterator[None]:
    """Inside there are our font and matplotlib's own, of which none has Chinese but ours."""
    with plots.style():  # now ours is among them
        pass
    manager = font_manager.fontManager
    before = manager.ttflist
    manager.ttflist = [one for one in before if one.name == font.FAMILY or "mpl-data" in one.fname]
    try:
        yield
    finally:
        manager.ttflist = before
