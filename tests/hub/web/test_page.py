"""The page in a real browser, fed by a real hub over the real wire."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from folders import OUT
from hub_process import HubProcess, until
from playwright.sync_api import Page, expect
from scripted_unit import START, Box

from noisetamer.hub.registry import Units

pytestmark = pytest.mark.service

CARD = "#unit-SIM-0001"

OpenPage = Callable[..., Page]


class Square:
    """A box that reports a live second every 0.2 s of ours, at whatever level it is set to."""

    def __init__(self, hub: HubProcess) -> None:
        self._hub = hub
        self.box = Box(hub.unit())
        self.t = START + 3600
        self.seq = 0
        self._further = 0
        self.set(552, "green")
        self._quiet = threading.Event()
        self._thread = threading.Thread(target=self._report, daemon=True)

    def set(self, level: int, stage: str, *, flags: int = 0, speaking: bool = False) -> None:
        self._second = level, stage, flags, speaking

    def past_hour(self) -> None:
        """An hour as the store has it: a loud stretch, own voice, wind, and a gap."""
        events = {
            1110: [("stage", "green", "amber", 641)],
            1120: [("stage", "amber", "red", 694), ("spotlight", True)],
            1200: [("stage", "red", "polite", 695)],
            1210: [("warning", 1)],
            1250: [("warning", 2)],
            1310: [("stage", "polite", "green", 561), ("spotlight", False)],
        }
        for start in range(0, 3600, 10):
            for event in events.get(start, []):
                self._event(START + start, *event)
            if 2400 <= start < 2520:
                continue  # not received
            flags = 6 if start in (1210, 1250) else 7 if 600 <= start < 720 else 0
            loud = 1100 <= start < 1300
            levels = [(690 if loud else 540) + (i * 7 + start) % 40 for i in range(10)]
            self._next("seconds", START + start, levels, flags=flags)
        self.box.wait_ack(self.seq)

    def later(self, level: int) -> None:
        """Ten seconds of the gap in that hour, in two of which it speaks; then ten more, as the
        newest record says where the hour ends.
        """
        self._further += 10
        late = START + 2390 + self._further
        self._next("seconds", late, [level] * 2, flags=6)
        self._next("seconds", late + 2, [level - 50 + i for i in range(8)])
        self._next("seconds", START + 3590 + self._further, [level + i for i in range(10)])
        self.box.wait_ack(self.seq)

    def alarm(self) -> None:
        """Too loud from now on: red, spotlight on."""
        self.set(683, "red")
        self._event(self.t, "stage", "green", "red", 683)
        self._event(self.t, "spotlight", True)

    def start(self) -> None:
        self._thread.start()

    def fall_silent(self) -> None:
        self._quiet.set()
        self._thread.join()

    def reconnect(self) -> None:
        self.box = Box(self._hub.unit())

    def _event(self, t: int, kind: str, *what: Any) -> None:
        match kind:
            case "stage":
                self._next("stage", t, *what)
            case "spotlight":
                self._next("event", t, "spotlight", on=what[0])
            case "warning":
                self._next("event", t, "warning", message="warning_zh", number=what[0])

    def _next(self, method: str, *arguments: Any, **fields: Any) -> None:
        self.seq += 1
        getattr(self.box, method)(self.seq, *arguments, **fields)

    def _report(self) -> None:
        while not self._quiet.wait(0.2):
            level, stage, flags, speaking = self._second
            self.t += 1
            try:
                self.box.now(self.t, level + self.t % 10, stage, flags=flags, speaking=speaking)
            except OSError:
                continue  # the hub is away


@pytest.fixture
def square(hub: HubProcess) -> Iterator[Square]:
    square = Square(hub)
    square.past_hour()
    square.start()
    yield square
    square.fall_silent()


def number(page: Page) -> str:
    return page.locator(f"{CARD} [data-field=number]").inner_text()


def test_the_number_lives_turns_red_with_the_box_and_nothing_complains(
    hub: HubProcess, square: Square, open_page: OpenPage, complaints: list[str]
):
    page = open_page()
    card = page.locator(CARD)
    expect(card).to_have_attribute("data-look", "green")
    first = number(page)
    until(lambda: number(page) not in (first, "--"), "another number")

    square.alarm()
    turned = time.monotonic()
    expect(card).to_have_attribute("data-look", "red")
    seen_after = time.monotonic() - turned
    expect(card.locator("[data-field=stage]")).to_have_text("Too loud: please turn it down")
    expect(card.locator("[data-field=limit]")).to_have_text("limit now 65 dB(A)")
    expect(card.locator("[data-field=difference]")).to_contain_text("dB over")
    expect(card.locator("[data-field=story] > li").first).to_contain_text("too loud")
    expect(card.locator("use").first).to_have_attribute("href", "#sign-red")
    assert seen_after < 2

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


def test_while_the_box_speaks_its_own_voice_is_grey_and_not_judged(
    square: Square, open_page: OpenPage
):
    page = open_page()
    square.set(900, "firm", flags=6, speaking=True)
    card = page.locator(CARD)
    expect(card).to_have_attribute("data-look", "speaking")
    expect(card.locator("[data-field=note]")).to_have_text("speaking, not judged")
    expect(card.locator("[data-field=difference]")).to_have_text("")


def test_a_box_that_falls_silent_leaves_no_frozen_number(square: Square, open_page: OpenPage):
    page = open_page()
    expect(page.locator(CARD)).to_have_attribute("data-look", "green")
    square.fall_silent()
    expect(page.locator(f"{CARD} [data-field=number]")).to_have_text("--")
    expect(page.locator(f"{CARD} [data-field=stage]")).to_contain_text("No data since")
    square.box.mqtt.break_off()
    expect(page.locator(f"{CARD} [data-field=stage]")).to_contain_text("Offline, no data since")


# times, levels and own voice as they are drawn; what of it does not count
DRAWN = """() => {
  const { curve } = cards.items.get("SIM-0001");
  return curve.plot && !curve.busy ? [...curve.plot.data.slice(0, 3), curve.invalid] : null;
}"""
MARK_LET_GO = """() => {
  const { hour } = cards.items.get("SIM-0001").curve;
  hour.mark = hour.mark.replace(/\\d+$/, "0");
}"""
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
    hub: HubProcess, square: Square, open_page: OpenPage, complaints: list[str]
):
    page = open_page()
    page.clock.install()
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
    is_drawn()
    ours = page.evaluate("cards.items.get('SIM-0001').curve.hour.mark.split('.')[0]")
    square.later(600)
    assert is_drawn() == []  # the stream told it

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
    hub.kill()
    expect(page.locator(".lost")).to_be_in_viewport()
    assert number(page) == "--"
    expect(page.locator(f"{CARD} [data-field=stage]")).to_have_text("Not known at the moment")
    hub.start()
    square.reconnect()
    square.later(650)
    expect(page.locator(".lost")).to_be_hidden()
    expect(page.locator(CARD)).to_have_attribute("data-look", "green")
    until(lambda: number(page) != "--", "a number again")
    assert is_drawn()[:1] == [f"last-hour?after={ours}"]
    before = page.evaluate(DRAWN)
    page.reload()
    until(lambda: page.evaluate(DRAWN) == before, "the same of a page that is opened anew")
    # the browser itself notes that the hub could not be reached; the page adds nothing
    assert [line for line in complaints if "Failed to load resource" not in line] == []


COLOURS = """() => {
  const canvas = document.querySelector(".hour .curve canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = {};
  for (let i = 0; i < data.length; i += 4) {
    const key = [data[i], data[i + 1], data[i + 2]].join();
    seen[key] = (seen[key] ?? 0) + 1;
  }
  return seen;
}"""


def test_the_curve_is_drawn_with_its_bands_and_anew_when_night_falls(
    square: Square, open_page: OpenPage
):
    page = open_page()
    page.wait_for_selector(f"{CARD} .curve canvas")
    colours = page.evaluate(COLOURS)
    for what, colour in {
        "level": "10,95,180",
        "own voice's level": "108,48,190",
        "limit": "196,22,10",
        "own voice": "233,222,250",
        "wind": "227,232,238",
        "not received": "241,243,246",
    }.items():
        assert colours.get(colour, 0) > 50, what
    page.emulate_media(color_scheme="dark")
    until(lambda: page.evaluate(COLOURS).get("124,196,255", 0) > 50, "the level in the dark")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900)])
def test_the_page_fits_phone_and_desk_in_both_languages(
    square: Square, open_page: OpenPage, language: str, width: int, height: int
):
    square.alarm()
    scheme = "dark" if language == "zh" else "light"
    page = open_page(language, width, height, scheme)
    ground = {"dark": "rgb(10, 14, 20)", "light": "rgb(243, 245, 248)"}[scheme]
    expect(page.locator("body")).to_have_css("background-color", ground)
    expect(page.locator(CARD)).to_have_attribute("data-look", "red")
    page.wait_for_selector(f"{CARD} .curve canvas")
    expect(page.locator(f"{CARD} .spotlight")).to_contain_text(
        {"zh": "射灯亮", "en": "on"}[language]
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    OUT.mkdir(exist_ok=True)
    page.screenshot(path=OUT / f"live-{language}-{width}.png", full_page=True)


def test_a_person_can_have_the_microphone_examined(
    hub: HubProcess, square: Square, open_page: OpenPage, complaints: list[str]
):
    page = open_page("zh")
    expect(page.locator(CARD)).to_have_attribute("data-look", "green")
    # by keyboard alone
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "examine":
            break
    page.keyboard.press("Enter")
    expect(page.locator(f"{CARD} .answer")).to_contain_text("已下达")
    while square.box.mqtt.receive()[0] != "cmd/SIM-0001/order":
        pass
    assert complaints == []


def test_the_hours_are_a_table_that_is_asked_for_when_it_is_opened(
    square: Square, open_page: OpenPage
):
    page = open_page(width=390, height=844)
    rows = page.locator(f"{CARD} .hours tbody tr")
    assert rows.count() == 0
    page.locator(f"{CARD} .hours summary").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("19:00")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    rows.first.locator("button").click()
    span = page.locator(f"{CARD} .span")
    expect(span).to_have_text("The hour from 19:00 on 11-23")
    OUT.mkdir(exist_ok=True)
    page.screenshot(path=OUT / "live-hours.png", full_page=True)
    page.locator(f"{CARD} .to-now").click()
    expect(span).to_have_text("Last hour")
    page.locator(f"{CARD} .day").fill("2026-11-01")
    expect(rows.first).to_have_text("No hour yet.")
