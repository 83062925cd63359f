"""The real browser: Debian's Chromium, or a test that says that it is not installed.

Preferably its shell: the same engine without a browser's window around each page, for a sixth of
the processor time of a fresh profile.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

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


# Whoever expects something of a page waits for it, on a busy machine as well; its own are 5 s.
expect.set_options(timeout=60_000)


@contextmanager
def chromium(*flags: str, whole: bool = False) -> Iterator[Browser]:
    """flags: more of its command line. whole: no shell, which keeps no screen awake."""
    program = CHROMIUM if whole else SHELL or CHROMIUM
    if not program:
        pytest.skip("Chromium is not installed (Debian: chromium, chromium-headless-shell)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
        yield browser
        browser.close()
