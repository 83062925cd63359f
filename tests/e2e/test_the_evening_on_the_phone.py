"""The whole evening: too loud, the box in vain, the manager's phone, the officer's, a word of his
through the box, quiet, the all-clear. Real firmware, broker, hub, camera and browser.
"""

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from folders import OUT
from hub_process import HubProcess, until
from live_box import LiveBox
from playwright.sync_api import Browser, Page, expect
from snapshot_camera import snapshot_camera

from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.people import People
from noisetamer.hub.squares.squares import Squares
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import Tier

pytestmark = pytest.mark.e2e

SQUARE = "东门广场"
STORY = scenario.load(str(Path(__file__).with_name("nobody_listens.toml")))
PLAN = {
    "begins": "red",
    "step": [
        {"name": "property", "who": ["property"]},
        {"name": "officer", "who": ["officer"], "after": 3},
    ],
}


class Phone:
    """ntfy's app, as it listens: one stream, every message once."""

    def __init__(self, hub: HubProcess, topic: str) -> None:
        self.rung: list[dict[str, Any]] = []
        self._url = f"{hub.url}{topic}/json"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with httpx.stream("GET", self._url, timeout=None) as answer:
            for line in answer.iter_lines():
                told = json.loads(line)
                if told["event"] == "message":
                    self.rung.append(told)

    def ring(self, number: int) -> dict[str, Any]:
        """Its so manieth message, from 1 on, when it has come."""
        until(lambda: len(self.rung) >= number, f"message {number}")
        return self.rung[number - 1]


@pytest.fixture
def camera() -> Iterator[str]:
    with snapshot_camera() as found:
        yield found.address("open")


def prepared(data: Path, camera: str) -> dict[str, str]:
    """{name of a person: topic of the phone}; the square has its plan and its camera."""
    topics = {}
    data.mkdir()
    with closing(People(data / "people.sqlite")) as people:
        for name, role in (("王经理", "property"), ("陈警官", "officer")):
            account = people.accounts.add(name, role, HUB)
            topics[name] = people.contacts.add(account.id, "ntfy", HUB).address
    squares = Squares(data / "squares.sqlite")
    squares.put(SQUARE, "escalation", PLAN, "test", 0.0)
    squares.put(SQUARE, "camera", {"on": True, "snapshot": camera}, "test", 0.0)
    return topics


def test_an_officer_whose_phone_rings_has_the_box_speak_and_hears_that_it_is_quiet(
    tmp_path: Path, browser: Browser, camera: str
):
    topics = prepared(tmp_path / "hub", camera)
    hub = HubProcess(tmp_path / "hub", "--name", "localhost", "--enrol", f"SIM-0001={SQUARE}")
    box = LiveBox(tmp_path / "box", hub, Tier.LEVELS, story=STORY, pace=1)
    try:
        manager, officer = (Phone(hub, topic) for topic in topics.values())
        called = manager.ring(1)
        assert SQUARE in called["title"] and called["priority"] == 5
        rung = officer.ring(1)
        assert SQUARE in rung["title"]
        assert len(manager.rung) == 1
        context = browser.new_context(viewport={"width": 390, "height": 844})
        page = context.new_page()
        page.goto(rung["click"])
        expect(page.locator("svg polyline").first).to_be_visible()
        expect(page.locator("figure img").first).to_be_visible()
        picture(page, "1 the link")
        page.get_by_role("button", name="音量已超过").first.click()
        spoken(box)
        box.turn_music(-30)
        for phone in (manager, officer):
            assert "恢复" in phone.ring(2)["title"]
    finally:
        box.stop()
        hub.stop()


def picture(page: Page, step: str) -> None:
    """What a person sees, in both languages and lights, left to be looked at."""
    address = page.url
    for language, light in itertools.product(("zh", "en"), ("light", "dark")):
        page.emulate_media(color_scheme=light)
        page.goto(f"{address}?lang={language}")
        folder = OUT / "evening"
        page.screenshot(path=folder / f"{step} {language} {light}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.goto(f"{address}?lang=zh")


def spoken(box: LiveBox) -> None:
    def done() -> bool:
        orders = [line for line in list(box.lines) if line.get("event") == "order"]
        return any(line["result"] == "done" for line in orders)

    until(done, "the box's word that it has spoken")
