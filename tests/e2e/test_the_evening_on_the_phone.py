"""The whole evening: too loud, the box in vain, the manager's phone, the officer's, a word of his
through the box, quiet, the all-clear. Real firmware, broker, hub, camera and browser.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from folders import OUT
from hub_process import HubProcess, until
from live_box import LiveBox
from ntfy_phone import NtfyPhone, somebody_with_phone
from playwright.sync_api import Browser, Page, expect
from snapshot_camera import snapshot_camera

from noisetamer.hub.squares.squares import Squares
from noisetamer.simulate import trace
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import Tier

pytestmark = pytest.mark.e2e

SQUARE = "东门广场"
SENTENCE = "东门舞队，请把音量调低"
STORY = scenario.load(str(Path(__file__).with_name("nobody_listens.toml")))
PLAN = {
    "begins": "red",
    "step": [
        {"name": "property", "who": ["property"]},
        {"name": "officer", "who": ["officer"], "after": 3},
    ],
}


@pytest.fixture
def camera() -> Iterator[str]:
    with snapshot_camera() as found:
        yield found.address("open")


def prepared(data: Path, camera: str) -> dict[str, str]:
    """{name of a person: topic of the phone}; the square has its plan and its camera."""
    data.mkdir()
    squares = Squares(data / "squares.sqlite")
    squares.put(SQUARE, "escalation", PLAN, "test", 0.0)
    squares.put(SQUARE, "camera", {"on": True, "snapshot": camera}, "test", 0.0)
    people = (("王经理", "property"), ("陈警官", "officer"))
    return {name: somebody_with_phone(data, name, role)[1] for name, role in people}


def test_an_officer_whose_phone_rings_has_the_box_speak_and_hears_that_it_is_quiet(
    tmp_path: Path, browser: Browser, camera: str
):
    topics = prepared(tmp_path / "hub", camera)
    hub = HubProcess(tmp_path / "hub", "--name", "localhost", "--enrol", f"SIM-0001={SQUARE}")
    box = LiveBox(tmp_path / "box", hub, Tier.LEVELS, story=STORY, pace=1)
    manager, officer = (NtfyPhone(hub.url, topic) for topic in topics.values())
    try:
        called = manager.ring(1)
        assert SQUARE in called["title"] and called["priority"] == 5
        page = opened(browser, hub, "王经理")
        expect(page.locator("[data-field=number]").first).not_to_have_text("--")
        pictures(page, "1 the manager's first screen")
        page.context.close()

        rung = officer.ring(1)
        assert SQUARE in rung["title"]
        assert len(manager.rung) == 1
        page = opened(browser, hub, "陈警官")
        page.goto(rung["click"])
        expect(page.locator("svg polyline").first).to_be_visible()
        expect(page.locator("figure img").first).to_be_visible()
        pictures(page, "2 the officer's link")

        page.goto(f"{hub.url}step-in/{SQUARE}?lang=zh")
        page.get_by_label("要设备说的话").fill(SENTENCE)
        page.get_by_role("button", name="让设备说", exact=True).click()
        until(lambda: "done" in results(box, "play"), "the box's word that it has spoken")
        expect(page.locator(".lately li[data-state=done]").first).to_contain_text(SENTENCE)
        pictures(page, "3 what the officer said")

        box.turn_music(-30)
        for phone in (manager, officer):
            assert "恢复" in phone.ring(2)["title"]
        page.goto(f"{hub.url}incidents/1?lang=zh")
        expect(page.get_by_text(SENTENCE).first).to_be_visible()
        pictures(page, "4 the incident")
        must_have_been_quick(box)
    finally:
        for phone in (manager, officer):
            phone.ending.set()
        box.stop()
        hub.stop()


def opened(browser: Browser, hub: HubProcess, name: str) -> Page:
    """The first page on the phone of somebody who has logged in before."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.add_cookies(hub.cookies(name=name))
    page = context.new_page()
    page.goto(f"{hub.url}?lang=zh")
    return page


def results(box: LiveBox, verb: str) -> list[str]:
    """What the box says became of orders of this kind."""
    told = [line for line in list(box.lines) if line.get("event") == "order"]
    return [line["result"] for line in told if line["verb"] == verb]


def must_have_been_quick(box: LiveBox) -> None:
    """Red with the second that meets the rule, 8 of 10 above 65 dB and 1 dB for its own error;
    a voice 2 s later."""
    loud = [
        line["t"]
        for line in list(box.lines)
        if trace.is_second(line) and line["LAeq"] is not None and line["LAeq"] > 66
    ]
    met = next(last for first, last in zip(loud, loud[7:], strict=False) if last - first < 10)
    red = next(line["t"] for line in box.lines if line.get("to") == "red")
    voice = next(line["t"] for line in box.lines if line.get("event") == "warning")
    assert red - met == 1  # the end of that second
    assert voice - red <= 2


def pictures(page: Page, step: str) -> None:
    """What a person sees, in both languages and lights, left to be looked at."""
    address = page.url.split("?")[0]
    for language in ("en", "zh"):
        page.goto(f"{address}?lang={language}")
        for light in ("dark", "light"):
            page.emulate_media(color_scheme=light)
            picture = OUT / "evening" / f"{step} {language} {light}.png"
            page.screenshot(path=picture, full_page=True)
