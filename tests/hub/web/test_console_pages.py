"""Incidents, fleet and cameras in a real browser: live, on a phone, and legible to everybody."""

from collections.abc import Callable, Iterator

import pytest
from folders import OUT
from hub_process import HubProcess, until
from playwright.sync_api import Page, expect
from scripted_unit import START, Box
from snapshot_camera import PASSWORD, USER, snapshot_camera
from wcag import beforehand, violations

pytestmark = pytest.mark.service

OpenPage = Callable[..., Page]
PAGES = {
    "incidents": "incidents",
    "incident": "incidents/1",
    "fleet": "fleet?show=all",
    "cameras": "cameras",
    "camera": "cameras/东门广场",
}
RULES = ("wcag2a", "wcag2aa", "wcag21aa")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    process = HubProcess(tmp_path_factory.mktemp("hub"), "--enrol", "SIM-0001=东门广场")
    yield process
    process.stop()


@pytest.fixture(scope="module")
def box(hub: HubProcess) -> Iterator[Box]:
    """Of a square with a camera; too loud, and somebody is called."""
    with snapshot_camera() as camera, hub.client() as admin:
        form = {"on": "true", "user": USER, "password": PASSWORD}
        form |= {"snapshot": camera.address("snap.jpg"), "keep_days": "7"}
        assert admin.post("/cameras/东门广场", data=form).status_code == 303
        unit = Box(hub.unit())
        with unit.mqtt:
            unit.seconds(1, START, [690] * 10)
            unit.stage(2, START + 5, "green", "red", 692)
            unit.event(3, START + 6, "warning", message="polite_zh", number=1)
            unit.wait_ack(3)
            until(lambda: hub.get("incidents/1").status_code == 200, "an incident")
            yield unit


def test_the_pages_fit_a_phone_and_break_no_rule_of_wcag_in_light_and_dark(
    hub: HubProcess, box: Box, open_page: OpenPage, complaints: list[str]
):
    OUT.mkdir(exist_ok=True)
    page = open_page("zh", 390, 844, "dark")
    beforehand(page.context)
    for name, path in PAGES.items():
        page.goto(hub.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        page.screenshot(path=OUT / f"{name}-zh-390.png", full_page=True)
        assert violations(page, *RULES) == [], name
        page.emulate_media(color_scheme="light")
        assert violations(page, "color-contrast") == [], name
        page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1440, "height": 900})
    for name, path in PAGES.items():
        page.goto(f"{hub.url}{path}{'&' if '?' in path else '?'}lang=en")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1440, path
        page.screenshot(path=OUT / f"{name}-en-1440.png")
    assert not complaints


def test_an_incident_is_live_in_every_page_that_shows_it(
    hub: HubProcess, box: Box, open_page: OpenPage, complaints: list[str]
):
    watching = open_page("en", 390, 844)
    watching.goto(f"{hub.url}incidents")
    expect(watching.locator(".incident .state")).to_have_text("Nobody sees to it yet")
    page = open_page("en", 390, 844)
    page.goto(f"{hub.url}incidents/1")
    page.wait_for_selector(".hour .curve canvas")
    expect(page.locator("#pictures img")).to_have_count(1)
    expect(page.locator("#story")).to_contain_text("warning 1")
    page.get_by_role("button", name="I see to it").press("Enter")
    expect(page.locator(".head .state")).not_to_contain_text("Nobody")
    expect(page.locator(".head .state")).to_contain_text("sees to it")
    expect(watching.locator(".incident")).to_have_attribute("data-look", "amber")
    # somebody writes, and what they write stays where it is while the page is told news
    page.get_by_text("Add a note").press("Enter")
    page.get_by_label("Note").fill("I talk to them.")
    box.stage(4, START + 20, "red", "green", 600)
    expect(page.locator(".head .state")).to_have_text("It is over")
    expect(watching.locator("#over .incident")).to_have_attribute("data-look", "green")
    expect(page.get_by_label("Note")).to_have_value("I talk to them.")
    page.get_by_role("button", name="Save the note").press("Enter")
    expect(page.locator("#story")).to_contain_text("I talk to them.")
    # the colours are those of paper while it is printed, in the dark too
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator(".acts")).to_be_hidden()
    assert not complaints
