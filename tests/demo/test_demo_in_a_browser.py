"""The demo, watched in a real browser: what the box shows, the page shows."""

from collections.abc import Iterator

import pytest
from folders import OUT
from playwright.sync_api import Browser, Page, expect
from program import Running, until

pytestmark = pytest.mark.e2e

SPEED = 8

# Notes each look that the card has worn: one may last no longer than a moment here.
WATCH = """card => {
  window.looks = {};
  const note = () => { window.looks[card.dataset.look] = true };
  new MutationObserver(note).observe(card, { attributes: true });
  note();
}"""

# Whether the spotlight is on, and the colour that shines strongest in the picture of the panel.
BOX = """() => {
  const shown = document.querySelector(".demo-box canvas");
  const copy = new OffscreenCanvas(shown.width, shown.height);
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(shown, 0, 0);
  const points = pen.getImageData(0, 0, copy.width, copy.height).data;
  const sums = { red: 0, green: 0 };
  for (let at = 0; at < points.length; at += 4) {
    sums.red += points[at] > 150 && points[at + 1] < 100;
    sums.green += points[at + 1] > 150 && points[at] < 100;
  }
  const lamp = document.querySelector(".demo-box .lamp").dataset.on;
  return [lamp, sums.red > sums.green ? "red" : "green"];
}"""


@pytest.fixture
def demo() -> Iterator[Running]:
    running = Running("demo", "--headless", "--port", 0, "--speed", SPEED)
    yield running
    running.ctrl_c()
    ended = running.end()
    running.kill_family()
    assert ended == 0


def opened(browser: Browser, address: str, complaints: list[str]) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.goto(f"{address}?lang=en")
    return page


def test_the_number_lives_and_the_card_is_red_as_the_box_is(browser: Browser, demo: Running):
    address = demo.wait_for("Watch the square").split()[4]
    complaints: list[str] = []
    page = opened(browser, address, complaints)
    card = page.locator("#unit-SIM-0001")
    card.wait_for()
    card.evaluate(WATCH)

    number = card.locator("[data-field=number]")
    seen = set[str]()
    until(lambda: seen.add(number.inner_text()) or len(seen - {"--"}) >= 4, "four numbers")

    until(lambda: page.evaluate("window.looks.red"), "a red card")
    OUT.mkdir(exist_ok=True)
    page.screenshot(path=OUT / "demo-too-loud.png")
    demo.wait_for("red, spotlight on")

    until(lambda: page.evaluate("window.looks.speaking"), "a card that speaks")
    until(lambda: page.evaluate(BOX) == ["yes", "red"], "a red box with its spotlight on")
    story = card.locator("[data-field=story]")
    expect(story).to_contain_text("quiet again")
    page.screenshot(path=OUT / "demo-quiet-again.png")
    until(lambda: page.evaluate(BOX) == ["no", "green"], "a green box with its spotlight off")

    # Nothing is heard before somebody wants it; then it is the box's own file.
    card.get_by_role("button", name="Hear the polite message").click()
    until(lambda: page.evaluate("demoPlayer.duration > 3 && !demoPlayer.error"), "a voice")
    # Turned up by hand, the quiet square is too loud: by more than its dancers turned down.
    page.evaluate("window.looks = {}")
    slider = page.get_by_role("slider")
    slider.press("End")
    expect(page.locator(".demo-square output")).to_have_text("+24 dB")
    until(lambda: page.evaluate("window.looks.red"), "a red card again")
    page.set_viewport_size({"width": 390, "height": 900})
    # A phone that is turned: the curves follow when the browser says so.
    narrow = "document.documentElement.scrollWidth <= 390"
    until(lambda: page.evaluate(narrow), "a page as wide as the phone")
    page.screenshot(path=OUT / "demo-turned-up-390.png")
    assert complaints == []
