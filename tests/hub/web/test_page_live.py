"""The page in a real browser while a real hub tells it over the real wire what changes: the box
is too loud, falls silent; the phone sleeps; the hub ends and starts again.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from folders import OUT
from hub_process import HubProcess, until
from playwright.sync_api import Page, Route, expect
from reporting_square import HOUR_END, ReportingSquare, reporting_to

from noisetamer.hub.registry import Units

pytestmark = pytest.mark.service

CARD = "#unit-SIM-0001"

OpenPage = Callable[..., Page]


@pytest.fixture
def square(hub: HubProcess) -> Iterator[ReportingSquare]:
    with reporting_to(hub) as square:
        yield square


def number(page: Page) -> str:
    return page.locator(f"{CARD} [data-field=number]").inner_text()


def test_the_number_lives_turns_red_with_the_box_and_nothing_complains(
    hub: HubProcess, square: ReportingSquare, open_page: OpenPage, complaints: list[str]
):
    page = open_page()
    card = page.locator(CARD)
    expect(card).to_have_attribute("data-look", "green")
    first = number(page)
    until(lambda: number(page) not in (first, "--"), "another number")

    square.alarm()
    expect(card).to_have_attribute("data-look", "red")
    expect(card.locator("[data-field=stage]")).to_have_text("Too loud: please turn it down")
    expect(card.locator("[data-field=limit]")).to_have_text("limit now 65 dB(A)")
    expect(card.locator("[data-field=difference]")).to_contain_text("dB over")
    expect(card.locator("[data-field=story] > li").first).to_contain_text("too loud")
    expect(card.locator("use").first).to_have_attribute("href", "#sign-red")

    # Nineteen more squares come while the page is open: it is an overview now, on a phone too.
    units = Units(hub.data / "units.sqlite")
    units.enrol("SIM-0001", square="东门广场")
    for number_of in range(2, 21):
        units.enrol(f"SIM-{number_of:04}")
    cards = page.locator(".cards > .card")
    expect(cards).to_have_count(20)
    page.set_viewport_size({"width": 390, "height": 844})
    summary = page.locator(".summary")
    expect(summary).to_contain_text("1 of 20 over the limit: 东门广场")
    expect(summary).to_contain_text("19 not known")
    expect(page).to_have_title("(1) Noise Tamer")
    expect(cards.first).to_have_attribute("data-square", "东门广场")
    expect(cards.first.locator("h2")).to_have_text("东门广场")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.documentElement.scrollHeight") < 5 * 844
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    expect(summary).to_be_in_viewport()
    OUT.mkdir(exist_ok=True)
    page.screenshot(path=OUT / "live-20-units.png", full_page=True)
    # One is revoked.
    assert units.revoke("SIM-0020")
    expect(cards).to_have_count(19)
    expect(summary).to_contain_text("1 of 19 over")
    # Five boxes are more than are open at first: a curve is asked for when its card is opened.
    for number_of in range(2, 6):
        units.enrol(f"SIM-{number_of:04}", square="东门广场")
    expect(cards).to_have_count(15)
    cards.first.locator("h2 a").click()
    expect(page.locator(".cards > .card")).to_have_count(5)
    expect(page.locator(CARD)).to_have_attribute("data-look", "red")
    expect(page.locator(".hour .curve canvas")).to_have_count(0)
    page.locator(f"{CARD} .more > summary").click()
    expect(page.locator(".hour .curve canvas")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert complaints == []


def test_a_box_that_falls_silent_leaves_no_frozen_number(
    hub: HubProcess, square: ReportingSquare, open_page: OpenPage
):
    page = open_page()
    expect(page.locator(CARD)).to_have_attribute("data-look", "green")
    # another hears nothing yet since it was opened
    late = open_page()
    held: list[Route] = []
    late.route("**/step-in/*/events", lambda route: held.append(route))
    late.clock.install(time=HOUR_END)
    late.clock.pause_at(HOUR_END + 60)
    late.goto(f"{hub.url}step-in/SIM-0001?lang=en")
    late_number = late.locator("[data-unit] [data-field=number]")
    expect(late_number).not_to_have_text("--")
    # a proxy cuts its line: it asks again before it tells anybody
    until(lambda: late.evaluate("true") and held, "a question how all stands")
    held[0].fulfill(content_type="text/event-stream", body="event: alive\ndata: {}\n\n")
    expect(late.locator("body")).to_have_attribute("data-connected", "yes")
    until(lambda: late.clock.run_for(PAUSE) or len(held) == 2, "another question")
    expect(late.locator(".lost")).to_be_hidden()
    expect(late_number).not_to_have_text("--")
    square.fall_silent()
    expect(page.locator(f"{CARD} [data-field=number]")).to_have_text("--")
    expect(page.locator(f"{CARD} [data-field=stage]")).to_contain_text("No data since")
    late.clock.fast_forward(SILENCE + 500)
    expect(late.locator(".lost")).to_be_visible()
    expect(late_number).to_have_text("--")
    late.clock.fast_forward(PAUSE)
    until(lambda: late.evaluate("true") and len(held) == 3, "another question how all stands")
    held[-1].continue_()
    late.unroute("**/step-in/*/events")
    expect(late.locator(".lost")).to_be_hidden()
    expect(late.locator("[data-unit] [data-field=stage]")).to_contain_text("No data since")
    square.box.mqtt.break_off()
    expect(page.locator(f"{CARD} [data-field=stage]")).to_contain_text("Offline, no data since")


CURVE = "cards.items.get('SIM-0001').curve"
# times, levels and own voice as they are drawn; what of it does not count
DRAWN = """() => {
  const { curve } = cards.items.get("SIM-0001");
  return curve.plot && !curve.busy ? [...curve.plot.data.slice(0, 3), curve.invalid] : null;
}"""
MARK_LET_GO = """() => {
  const { hour } = cards.items.get("SIM-0001").curve;
  hour.mark = hour.mark.replace(/\\d+$/, "0");
}"""
# pages besides that live
OTHERS = ("step-in/SIM-0001", "incidents", "updates")
# after which a page that hears nothing asks anew, and how long it waits before, ms
SILENCE, PAUSE = 7000, 1000


def kept(hub: HubProcess) -> list[list[Any]]:
    """What is to be drawn, by what the hub tells whoever has nothing yet."""
    told = hub.get("units/SIM-0001/last-hour").json()
    t0, shift = told["t0"], int(told["utc_offset"] * 3600)
    times = [t0 + i + shift for i in range(len(told["LAeq"]))]
    voice: list[float | None] = [None] * len(times)
    for start, heard in told["own_voice"]:
        voice[start - t0 : start - t0 + len(heard)] = map(tenths, heard)
    invalid: list[list[Any]] = []
    for start, end, reason in told["invalid"]:
        if invalid and invalid[-1][1:] == [start + shift, reason]:
            invalid[-1][1] = end + shift
        else:
            invalid.append([start + shift, end + shift, reason])
    return [times, [*map(tenths, told["LAeq"])], voice, invalid]


def tenths(level: int | None) -> float | None:
    return None if level is None else level / 10


def test_the_page_survives_sleep_and_a_hub_restart_by_itself(
    hub: HubProcess, square: ReportingSquare, open_page: OpenPage, complaints: list[str]
):
    units = Units(hub.data / "units.sqlite")
    units.enrol("SIM-0002", square="SIM-0001")  # a box without a place is a square of its own
    until(lambda: "SIM-0002" in hub.get("").text, "two boxes")
    page = open_page()
    # its time stands: it misses the hub when it is told to, however long a step takes
    page.clock.install(time=HOUR_END)
    page.clock.pause_at(HOUR_END + 60)
    page.reload()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("/")[-1]))

    def is_drawn() -> list[str]:
        """All that the hub has; how it was asked for meanwhile."""
        until(lambda: page.evaluate(DRAWN) == kept(hub), "the whole curve")
        found = [address.split(".")[0] for address in asked if address.startswith("last-hour")]
        asked.clear()
        return found

    def dark() -> None:
        page.clock.fast_forward(SILENCE + 500)
        expect(page.locator(".lost")).to_be_visible()

    def wakes() -> None:
        page.clock.fast_forward(PAUSE)
        expect(page.locator(".lost")).to_be_hidden()

    expect(page.locator(CARD)).to_have_attribute("data-look", "green")
    expect(page.locator(".cards > .card")).to_have_count(2)
    is_drawn()
    ours = page.evaluate(f"{CURVE}.hour.mark.split('.')[0]")

    def is_told() -> bool:
        square.later(600)
        return is_drawn() == []

    # A page whose machine stood still for long enough asks once.
    until(is_told, "the curve by the stream alone")

    # frozen, as in the background of a phone: the stream goes on, and nobody reads it
    frozen: list[object] = []
    session = page.context.new_cdp_session(page)
    session.on("Debugger.paused", lambda told: frozen.append(told))
    session.send("Debugger.enable")
    session.send("Debugger.pause")
    # each question lets Playwright take in what the browser has told
    until(lambda: session.send("Debugger.enable") and frozen, "a frozen page")
    square.later(610)
    square.later(620)
    session.send("Debugger.resume")
    session.send("Debugger.disable")
    is_drawn()

    dark()
    square.later(630)
    wakes()
    assert is_drawn()[:1] == [f"last-hour?after={ours}"]

    dark()
    page.evaluate(MARK_LET_GO)
    square.later(640)
    wakes()
    assert is_drawn()[:1] == [f"last-hour?after={ours}"]

    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    page.clock.resume()
    others = [open_page() for _ in OTHERS]
    for other, path in zip(others, OTHERS, strict=True):
        other.goto(f"{hub.url}{path}")
        expect(other.locator("body")).to_have_attribute("data-connected", "yes")
    hub.kill()
    assert units.revoke("SIM-0002")
    expect(page.locator(".lost")).to_be_in_viewport()
    assert number(page) == "--"
    expect(page.locator(f"{CARD} [data-field=stage]")).to_have_text("Not known at the moment")
    for other in others:
        expect(other.locator(".lost")).to_be_in_viewport()
    hub.start()
    square.reconnect()
    square.later(650)
    for one in (page, *others):
        expect(one.locator(".lost")).to_be_hidden()
    expect(page.locator(CARD)).to_have_attribute("data-look", "green")
    until(lambda: number(page) != "--", "a number again")
    # who went meanwhile is no card any more
    expect(page.locator(".cards > .card")).to_have_count(1)
    assert is_drawn()[:1] == [f"last-hour?after={ours}"]

    # what is told while an older answer is under way, and joins nothing that is here
    def too_late(route: Route) -> None:
        answer = route.fetch()
        square.later(660)
        until(lambda: page.evaluate(f"{CURVE}.again"), "the page knows that there is more")
        route.fulfill(response=answer)

    page.route("**/last-hour*", too_late, times=1)
    page.evaluate(f"{CURVE}.hour.mark = 'another.1'; void {CURVE}.refresh()")
    assert len(is_drawn()) >= 2
    before = page.evaluate(DRAWN)
    page.reload()
    until(lambda: page.evaluate(DRAWN) == before, "the same of a page that is opened anew")
    # the browser itself notes that the hub could not be reached; the page adds nothing
    assert [line for line in complaints if "Failed to load resource" not in line] == []
