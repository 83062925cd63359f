#!/usr/bin/env bash
# One guesses: wait_for_function("document.title == 'ready'") works on a page whose Content
# Security Policy has no 'unsafe-eval', as evaluate() of the same words does; or it never does.
# What happens: it depends on when the words come true. The first look is let through by the
# browser, and where they are true by then all is well. Each further look evaluates them anew,
# without that leave: EvalError. A function, "() => ...", is kept from the first look on, and works.
# Why it matters: the test passes wherever the page is quick, and fails on a busy machine.
# Mend: write a function, or a loop of one's own around evaluate().
#
# Output seen:
#   playwright 1.65.2
#   true at once, as words: True
#   true after a second, as words: EvalError
#   true after a second, as a function: True
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

from playwright.sync_api import Browser, Error, Route, sync_playwright

POLICY = {"content-security-policy": "default-src 'self'"}


def serve(route: Route) -> None:
    route.fulfill(body="<title>loading</title>", content_type="text/html", headers=POLICY)


def waited(browser: Browser, after_ms: int, words: str) -> object:
    page = browser.new_page()
    page.route("**/*", serve)
    page.goto("http://page.example/")
    page.evaluate("ms => { setTimeout(() => { document.title = 'ready' }, ms) }", after_ms)
    if not after_ms:
        page.wait_for_timeout(500)
    try:
        return page.wait_for_function(words, timeout=10_000).json_value()
    except Error as error:
        return "EvalError" if "EvalError" in error.message else error.message
    finally:
        page.close()


print("playwright", version("playwright"))
found = []
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"]
    )
    words = "document.title == 'ready'"
    for what, after_ms, given in (
        ("true at once, as words", 0, words),
        ("true after a second, as words", 1000, words),
        ("true after a second, as a function", 1000, f"() => {words}"),
    ):
        found.append(waited(browser, after_ms, given))
        print(f"{what}: {found[-1]}")
    browser.close()
sys.exit(
    0
    if found == [True, "EvalError", True]
    else "No longer so: words are waited for like a function."
)
PYTHON
