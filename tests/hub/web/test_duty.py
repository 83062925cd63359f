"""The duty page, in a real browser beside a real hub: it rings until somebody has it in hand."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from chromium import chromium
from hub_process import HubProcess, until
from logged_in import log_in
from playwright.sync_api import Browser, Page, Route, expect
from wcag import violations

from noisetamer.hub.incidents.cases import Sources
from noisetamer.hub.incidents.directory import directory
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.people.people import People
from noisetamer.hub.phones import keys
from noisetamer.hub.phones.links import Link, Links
from noisetamer.hub.store.queries import Queries

pytestmark = pytest.mark.service

SPY = """
window.tones = 0; window.shakes = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { window.tones += 1; return start.call(this, at); };
navigator.vibrate = (pattern) => { if (pattern) { window.shakes += 1; } return true; };
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(whole=True) as browser:
        yield browser


@pytest.fixture
def on_duty(hub: HubProcess, browser: Browser, complaints: list[str]) -> Iterator[Page]:
    """An officer's phone that has opened the page, and written down what it says."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    secret = log_in(hub.data, "officer", {"东门广场"}, "li")
    context.add_cookies([{"name": "session", "value": secret, "url": hub.url}])
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(SPY)
    page.goto(f"{hub.url}duty")
    yield page
    context.close()


def drill(data: Path, name: str) -> int:
    """Call somebody; the hub sees it in its own file."""
    with closing(People(data / "people.sqlite")) as people:
        sources = Sources(directory=lambda: directory(people))
        incidents = Incidents(data / "incidents.sqlite", Queries(data / "hub.sqlite"), sources)
        try:
            return incidents.drill("东门广场", name, name, people.clock()).id
        finally:
            incidents.close_file()


def states(data: Path, id: int) -> list[str]:
    incidents = Incidents(data / "incidents.sqlite", Queries(data / "hub.sqlite"), Sources())
    try:
        return [effect.state for effect in incidents.effects(id) if effect.kind == "call"]
    finally:
        incidents.close_file()


def test_rings_until_it_is_in_hand_and_cries_when_the_hub_is_lost(
    on_duty: Page, hub: HubProcess, complaints: list[str]
):
    page = on_duty
    # nothing rings, and nobody is called here, before it is touched
    assert not page.get_by_text("一切正常").is_visible()
    held: list[Route] = []
    page.route("**/duty/events", lambda route: held.append(route))
    page.get_by_role("button", name="开始值守").click()
    page.get_by_text("屏幕会保持常亮").wait_for()
    until(lambda: page.evaluate("true") and held, "a question how all stands")
    assert not page.get_by_text("一切正常").is_visible()  # who has heard nothing knows nothing
    held[-1].continue_()
    page.unroute("**/duty/events")
    page.get_by_text("一切正常").wait_for()
    before = page.evaluate("window.tones")
    page.get_by_role("button", name="试一下铃声").click()
    heard(page, before)
    assert page.evaluate("window.tones") == before + 4
    until(lambda: _has_way(hub.data), "the way to the page")

    id = drill(hub.data, "li")
    page.get_by_role("heading", name="东门广场：演习，请确认收到").wait_for()
    # a function that waits would be words to evaluate, which the page's policy forbids
    heard(page, before + 8)
    assert page.evaluate("window.shakes") > 1
    assert page.title().startswith("(!) 东门广场")
    until(lambda: states(hub.data, id) == ["delivered"], "the word that the page has it")
    legible(page)
    with page.context.expect_page() as opened:
        page.evaluate("(path) => void window.open(path)", link(hub.data, id))
    opened.value.get_by_role("button", name="我来处理").wait_for()
    legible(opened.value)
    opened.value.close()

    another = page.locator(f".call[data-incident='{id + 1}']")

    def late(route: Route) -> None:
        """The answer that it is in hand comes after the news of another call."""
        answer = route.fetch()
        assert drill(hub.data, "li") == id + 1
        another.wait_for()
        route.fulfill(response=answer)

    page.route("**/duty/acknowledge", late, times=1)
    with page.expect_response("**/duty/acknowledge") as answered:
        page.get_by_role("button", name="我来处理").click()
    answered.value.finished()
    page.wait_for_timeout(100)
    assert another.is_visible()
    expect(page.locator(f".call[data-incident='{id}']")).to_have_attribute("data-ring", "no")
    heard(page, page.evaluate("window.tones"))
    page.get_by_role("button", name="我来处理").click()
    page.get_by_text("一切正常").wait_for()
    tones = page.evaluate("window.tones")
    page.wait_for_timeout(2500)
    assert page.evaluate("window.tones") == tones
    assert complaints == []

    hub.process.kill()
    page.get_by_text("与中心断线").wait_for()
    assert not page.get_by_text("一切正常").is_visible()
    legible(page)
    heard(page, tones)
    hub.process.wait()
    hub.start()
    page.get_by_text("与中心断线").wait_for(state="hidden")
    page.get_by_role("button", name="结束值守").click()
    page.get_by_role("button", name="开始值守").wait_for()
    until(lambda: not _has_way(hub.data), "no way to the page any more")


def link(data: Path, id: int) -> str:
    """As a message to li would have it."""
    with closing(People(data / "people.sqlite")) as people:
        person = people.accounts.named("li")
        assert person
        expires = people.clock() + 60
    links = Links(keys.kept(data / "links.key"))
    return f"/a/{links.make(Link(person.account.id, id, 'AbCdEfGh_-12', expires))}"


def legible(page: Page) -> None:
    """In light and dark: contrast, names, keyboard (WCAG 2.2 AA); and nothing is wider than the
    phone."""
    page.wait_for_load_state()
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page, "wcag2a", "wcag2aa", "wcag21aa", "wcag22aa") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def heard(page: Page, before: int) -> None:
    """More tones than so many."""
    until(lambda: page.evaluate("window.tones") > before, "tones")


def _has_way(data: Path) -> bool:
    with closing(People(data / "people.sqlite")) as people:
        person = people.accounts.named("li")
        assert person
        return any(way.channel == "duty" for way in people.contacts.of(person.account.id))
