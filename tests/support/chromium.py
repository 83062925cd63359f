"""The real browser: Debian's Chromium, or a test that says that it is not installed.

Preferably its shell: the same engine without a browser's window around each page, for a sixth of
the processor time of a fresh profile.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from waiting import DEADLINE

SHELL = shutil.which("chromium-headless-shell")
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Pages are open for moments: to optimise their scripts costs more than it saves.
    "--js-flags=--no-opt --no-maglev --always-sparkplug",
)


# Playwright's own patience is 5 s for what is expected of a page, and 30 s for all else.
_PATIENCE_MS = 1000 * DEADLINE
expect.set_options(timeout=_PATIENCE_MS)


@contextmanager
def chromium(*flags: str, whole: bool = False) -> Iterator[Browser]:
    """flags: more of its command line. whole: no shell, which keeps no screen awake."""
    program = CHROMIUM if whole else SHELL or CHROMIUM
    if not program:
        pytest.skip("Chromium is not installed (Debian: chromium, chromium-headless-shell)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[*FLAGS, *flags], timeout=_PATIENCE_MS
        )
        browser.on("context", lambda context: context.set_default_timeout(_PATIENCE_MS))
        yield browser
        browser.close()
