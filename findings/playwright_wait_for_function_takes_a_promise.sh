#!/usr/bin/env bash
# One guesses: wait_for_function("async () => ...") waits until what the function resolves to is
# true, as evaluate() awaits the promise of the same function.
# What happens: it ends at its first look. The promise itself is taken for the answer, which is
# true; only then is it awaited, and the value handed back is what it resolved to: False.
# Why it matters: what is asked of a browser's caches, databases or service workers comes as a
# promise. Such a wait waits for nothing, never fails, and the test goes on by luck.
# Mend: a loop of one's own around evaluate(), or a function that sets a variable to wait for.
#
# Output seen:
#   playwright 1.65.2
#   a plain function that is never true: TimeoutError
#   an async one that is never true: ended, and gave False
#   evaluate() of the latter: False
# Needs: Chromium (Debian: chromium).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CHROMIUM=${CHROMIUM:-$(command -v chromium)}
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check playwright==1.65.2

venv/bin/python - <<'PYTHON'
import os
import sys
from importlib.metadata import version

from playwright.sync_api import Page, TimeoutError, sync_playwright


def waited(page: Page, predicate: str) -> str:
    try:
        value = page.wait_for_function(predicate, timeout=2000).json_value()
    except TimeoutError:
        return "TimeoutError"
    return f"ended, and gave {value}"


print("playwright", version("playwright"))
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"]
    )
    page = browser.new_page()
    plain = waited(page, "() => false")
    print("a plain function that is never true:", plain)
    promised = waited(page, "async () => false")
    print("an async one that is never true:", promised)
    print("evaluate() of the latter:", page.evaluate("async () => false"))
    browser.close()
sys.exit(
    0
    if (plain, promised) == ("TimeoutError", "ended, and gave False")
    else "No longer so: an async function is waited for."
)
PYTHON
