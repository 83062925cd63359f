"""The box: hear, judge, act, record, tell."""

VERSION = "0.1.0"

# When it was made, Unix time: no right clock shows less.
BUILT = 1795392000  # 2026-11-23
