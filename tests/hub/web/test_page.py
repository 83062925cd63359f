"""What the page shows, in a real browser: one hub and one square for all, put back after each."""

from collections.abc import Callable, Iterator

import pytest
from folders import OUT
from hub_process import HubProcess, until
from playwright.sync_api import Page, Route, expect
from reporting_square import ReportingSquare, reporting_to

pytestmark = pytest.mark.service

CARD = "#unit-SIM-0001"

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def hub(untouched_hub: HubProcess) -> HubProcess:
    return untouched_hub


@pytest.fixture(scope="module")
def reporting(hub: HubProcess) -> Iterator[ReportingSquare]:
    with reporting_to(hub) as square:
        yield square


@pytest.fixture
def square(reporting: ReportingSquare) -> Iterator[ReportingSquare]:
    yield reporting
    reporting.calm()


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
    square: ReportingSquare, open_page: OpenPage
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
    square: ReportingSquare, open_page: OpenPage, language: str, width: int, height: int
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


def test_while_the_box_speaks_its_own_voice_is_grey_and_not_judged(
    square: ReportingSquare, open_page: OpenPage
):
    page = open_page()
    square.set(900, "firm", flags=6, speaking=True)
    card = page.locator(CARD)
    expect(card).to_have_attribute("data-look", "speaking")
    expect(card.locator("[data-field=note]")).to_have_text("speaking, not judged")
    expect(card.locator("[data-field=difference]")).to_have_text("")


def test_a_person_can_have_the_microphone_examined(
    hub: HubProcess, square: ReportingSquare, open_page: OpenPage, complaints: list[str]
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
    square.hears("cmd/SIM-0001/order")
    assert complaints == []


def test_the_hours_are_a_table_that_is_asked_for_when_it_is_opened(
    square: ReportingSquare, open_page: OpenPage
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
    # an answer that comes after the one to a later question
    late: list[Route] = []
    page.route("**/hours?day=2026-11-23", lambda route: late.append(route), times=1)
    page.locator(f"{CARD} .day").fill("2026-11-23")
    until(lambda: span.is_visible() and late, "a question for that day")
    page.locator(f"{CARD} .day").fill("2026-11-01")
    expect(rows.first).to_have_text("No hour yet.")
    with page.expect_response("**/hours?day=2026-11-23") as answered:
        late[0].continue_()
    answered.value.finished()
    page.wait_for_timeout(100)
    assert rows.first.inner_text() == "No hour yet."
