"""Colours and fonts of the pictures."""

from typing import Any

from matplotlib import font_manager

INK, FAINT, GRID = "#1f2933", "#6b7785", "#e3e7eb"
LEVEL = "#1d5fa8"

# A policy's name may be Chinese.
_WANTED = ("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Micro Hei")


def style() -> dict[Any, Any]:
    """For `matplotlib.rc_context`."""
    there = {font.name for font in font_manager.fontManager.ttflist}
    return {
        "font.family": [name for name in _WANTED if name in there],
        "hatch.linewidth": 0.6,
        "hatch.color": FAINT,
        "axes.edgecolor": FAINT,
    }
