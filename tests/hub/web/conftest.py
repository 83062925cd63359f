from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from hub_process import HubProcess
from playwright.sync_api import Browser, ConsoleMessage, Page


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProcess]:
    """A running hub that knows SIM-0001."""
    process = HubProcess(tmp_path / "hub", "--enrol", "SIM-0001")
    yield process
    if process.process.poll() is None:
        process.stop()


@pytest.fixture(scope="module")
def untouched_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A running hub that knows SIM-0001, for all tests that only look at it."""
    process = HubProcess(tmp_path_factory.mktemp("hub"), "--enrol", "SIM-0001")
    yield process
    process.stop()


@pytest.fixture
def complaints() -> list[str]:
    """What the opened pages wrote to their consoles, and what they asked of other hosts."""
    return []


@pytest.fixture
def open_page(
    browser: Browser, hub: HubProcess, complaints: list[str]
) -> Iterator[Callable[..., Page]]:
    """open_page(language, width, height, scheme): the hub's page in a fresh browser profile."""
    contexts = []

    def told(message: ConsoleMessage) -> None:
        complaints.append(f"{message.type}: {message.text}")

    def requested(url: str) -> None:
        if not url.startswith(hub.url):
            complaints.append(f"asked elsewhere: {url}")

    def open_it(
        language: str = "en",
        width: int = 1440,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
        )
        contexts.append(context)
        context.add_cookies(hub.cookies())
        page = context.new_page()
        page.on("console", told)
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("request", lambda request: requested(request.url))
        page.goto(f"{hub.url}?lang={language}")
        return page

    yield open_it
    for context in contexts:
        context.close()
