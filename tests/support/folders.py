"""Where the tests find and leave things."""

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent  # the checkout
SUPPORT = TESTS / "support"
ON_BOX = SUPPORT / "on_box"  # scripts that MicroPython runs
OUT = TESTS / "out"  # what a test leaves to be looked at
# Recordings are not in the repository: they are looked for beside it.
RECORDINGS = TESTS.parents[1] / "shared" / "audio"
