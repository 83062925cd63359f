"""The limits of the standards by class of area: LAeq in 0.1 dB, (day, night). Pure.

GB 3096-2008 table 1 (quality of the area), GB 22337-2008 table 1 (boundary of a place of
entertainment or business), GB 12523-2025 (boundary of a building site; it knows no classes).
The same numbers, with their source, are `noisetamer/sound/standards/gb_area_limits.csv`.
"""

LIMITS = {
    "GB 3096-2008": {
        "0": (500, 400),
        "1": (550, 450),
        "2": (600, 500),
        "3": (650, 550),
        "4a": (700, 550),
        "4b": (700, 600),
    },
    "GB 22337-2008": {
        "0": (500, 400),
        "1": (550, 450),
        "2": (600, 500),
        "3": (650, 550),
        "4": (700, 550),
    },
    "GB 12523-2025": {"": (700, 550)},
}
