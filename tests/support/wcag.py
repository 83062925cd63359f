"""What axe-core finds wrong with a page: contrast, names, keyboard."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

AXE = Axe().axe_script


def beforehand(context: BrowserContext) -> None:
    """Its pages have axe-core from their beginning: to send it each time costs as much as to run
    it. Not where a page opens another: that one would be looked at as it was before it came.
    """
    context.add_init_script(AXE)


def violations(page: Page, *rules: str) -> list[str]:
    """rules: tags of axe-core's, or a rule's name."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    options = {"resultTypes": ["violations"], "runOnly": rules}
    found: dict[str, Any] = page.evaluate("(options) => axe.run(options)", options)
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary'][:200]}"
        for fault in found["violations"]
        for node in fault["nodes"][:3]
    ]
