"""The colours of all paper: every plot and page takes them from here."""

INK, FAINT, GRID = "#1f2933", "#6b7785", "#e3e7eb"
PALE, SHADE = "#f4f6f8", "#b8bfc7"
"""Of a surface something stands on, and of what is there but does not count."""

GOOD, BAD, OPEN = "#1e7d3c", "#b3261e", "#9a6700"
GOOD_PALE, BAD_PALE = "#e8f3ea", "#fdeaea"
ALLOWED, ALLOWED_BY_CLASS_1 = "#d8efdc", "#dbe9f6"

BLUE, ORANGE, PURPLE, GREEN, OCHRE = "#1d5fa8", "#c05621", "#7b3fa0", "#2f855a", "#b7791f"
SERIES = (BLUE, ORANGE, PURPLE, GREEN, OCHRE)
"""Curves that must be told apart, in this order."""

STAGE_COLOURS = {
    "green": "#4caf6d",
    "amber": "#f5b731",
    "red": "#d64545",
    "polite": "#a877c9",
    "firm": PURPLE,
}

HATCH = "#ffffff99"
"""Of lines over a colour, which tell it from others without it."""

QUIET_TO_LOUD = ("#274060", "#7fa3c7", "#fbe7b2", "#f2b134")
"""Quiet is dark, as the night is; no red and green to be confused."""

OF_PAGES = {
    "ink": INK,
    "faint": FAINT,
    "grid": GRID,
    "pale": PALE,
    "good": GOOD,
    "bad": BAD,
    "open": OPEN,
    "good-pale": GOOD_PALE,
    "bad-pale": BAD_PALE,
}
"""Those the templates use."""
