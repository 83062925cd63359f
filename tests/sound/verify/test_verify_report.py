"""The report in a browser: what is seen first, on a desk and on a phone."""

import pytest

from noisetamer.sound.verify import outcome, report
from noisetamer.sound.verify.kernels import INTEGER_IN_UNIX_PORT

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    found = outcome.verify([INTEGER_IN_UNIX_PORT], only=("response", "decay", "peak", "repeated"))
    return report.write(found, tmp_path_factory.mktemp("report"), {"made": "2026-11-23"})


@pytest.fixture(params=[(1280, 860), (390, 844)], ids=["desk", "phone"])
def page(request, browser, path):
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(path.as_uri())
    yield page
    page.close()


def test_the_verdict_is_on_the_first_screen(page):
    box = page.locator("#verdict").bounding_box()
    assert box["y"] + box["height"] < page.viewport_size["height"]
    assert "within the class 1 limits of IEC 61672-1" in page.inner_text("#verdict")


def test_what_it_does_not_say_comes_before_any_number(page):
    assert page.get_by_text("Nothing about microphone, case and windscreen").is_visible()
    does_not_say = page.get_by_text("Not a certified class").bounding_box()
    assert does_not_say["y"] < page.locator("#summary").bounding_box()["y"]


def test_nothing_is_wider_than_the_screen(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_every_picture_is_drawn(page):
    widths = page.evaluate("[...document.images].map(image => image.naturalWidth)")
    assert len(widths) == 3
    assert all(widths)


def test_every_line_of_the_summary_leads_to_its_readings(page):
    for link in page.locator("#summary a").all():
        assert page.locator(link.get_attribute("href")).count() == 1


def test_its_font_goes_along(page):
    page.evaluate("document.fonts.ready")
    loaded = "[...document.fonts].map(face => [face.family, face.weight, face.status])"
    assert page.evaluate(loaded) == [
        ["Noise Tamer Sans", "400", "loaded"],
        ["Noise Tamer Sans", "500 900", "loaded"],
    ]
