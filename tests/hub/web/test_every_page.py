"""Every page of the console in one browser: names, contrast and keyboard for whoever sees or moves
badly, nothing to complain of, and nothing asked of another machine.

The pages are those of the application itself: a new one is looked at as soon as it is there.
"""

import json
import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
import uvicorn
from console import Console
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from hub_process import until
from permits_of_tests import EAST, EVENING
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from scripted_unit import START, event, seconds, stage
from trial_square import Crowd, TrialSquare, table
from waiting import DEADLINE
from wcag import beforehand, violations

from noisetamer.hub.complaints.public import SETTING as PUBLIC
from noisetamer.hub.complaints.public import Public, code_of
from noisetamer.hub.live import UnitState
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.registry import Unit
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.store.writer import Store, Stored
from noisetamer.hub.web.navigation import PLACES
from noisetamer.hub.wire import Now, Record, read_report

pytestmark = pytest.mark.service

SQUARES = {"SIM-0001": "东门广场", "SIM-0002": "东门广场", "NT-3": "和平广场"}
SQUARE = quote("东门广场")
EXAMPLES = {
    "{name:path}": SQUARE,
    "{square:path}": SQUARE,
    "{square}": SQUARE,
    "{id}": "1",
    "{point:int}": "1",
    "{key}": "A" * 16,
    "{code}": code_of("东门广场"),
}
"""What stands for the parameters of a page's address."""
BESIDES = ["/nowhere", "/login"]

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# (language, scheme, width, height): each page both ways
LOOKS: list[tuple[str, Any, int, int]] = [
    ("zh", "light", 390, 844),
    ("en", "dark", 1280, 900),
]

OTHER: dict[Any, Any] = {"light": "dark", "dark": "light"}

CONTROLS = """() => [...document.querySelectorAll("a[href], button, select, textarea, summary, td,"
  + "input:not([type=hidden]), [role=button], [role=gridcell]")]
  .filter((control) => control.checkVisibility() && !control.disabled && !control.ariaHidden)"""
# What is folded away axe does not see.
OPEN = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
UNREACHABLE = f"""{CONTROLS}
  .filter((control) => control.tabIndex > 0
    || (control.tabIndex < 0 && !control.matches("td") && !control.closest("[role=grid]")))
  .map((control) => control.outerHTML.slice(0, 120))"""
WIDE = """(width) => [...document.body.querySelectorAll("*")]
  .filter((one) => one.getBoundingClientRect().right > width)
  .map((one) => one.outerHTML.slice(0, 100)).at(-1)"""
STOPS = f"{CONTROLS}.filter((control) => control.tabIndex === 0).length"


def pages(app: FastAPI) -> list[str]:
    """Addresses of all pages, with examples for what is in braces."""
    routes = [
        route
        for one in app.routes
        for route in (getattr(one, "original_router", None) or FastAPI(openapi_url=None)).routes
        if isinstance(route, APIRoute)
    ]
    found = {
        route.path
        for route in routes
        if route.response_class is HTMLResponse and "GET" in (route.methods or ())
    }
    assert {path for path, *_ in PLACES} <= found
    for name, example in EXAMPLES.items():
        found = {path.replace(name, example) for path in found}
    assert not any("{" in path for path in found), found
    return [*sorted(found), *BESIDES]


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Console, str]]:
    """A town on an evening: one square is too loud and somebody is called; and its address."""
    console = Console(tmp_path_factory.mktemp("hub"))
    units = [Unit(id, "", square, "") for id, square in SQUARES.items()]
    console.live.states.update({unit.id: UnitState(unit, online=True) for unit in units})
    console.incidents.know({unit.id: square_of(unit) for unit in units})
    console.incidents.turn()
    _evening(console)
    districts = console.people.districts
    districts.put(districts.make("西湖区", HUB).id, ["和平广场"], HUB)
    console.squares.put("东门广场", PUBLIC, Public(True, ask="物业 0571-1234").body(), "wang", 0.0)
    asked, granted = (console.around.permits.apply(EVENING, EAST) for _ in range(2))
    assert asked.id == 1
    console.around.permits.decide(granted.id, "approved", "wang")
    picture = BytesIO()
    Image.new("RGB", (400, 300), "#888888").save(picture, "PNG")
    for square in ("", "东门广场"):
        console.squares.put_plan(square, picture.getvalue(), "wang", 0.0)
    server = uvicorn.Server(uvicorn.Config(console.app, port=0, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started and server.servers[0].sockets, "the server")
    port = server.servers[0].sockets[0].getsockname()[1]
    yield console, f"http://127.0.0.1:{port}"
    console.live.close()
    server.should_exit = True
    thread.join(DEADLINE)


def _evening(console: Console) -> None:
    store = Store(console.queries.file)
    told = [
        *(seconds(n, START + 10 * n, [600 + n] * 10) for n in range(1, 60)),
        stage(60, START + 600, "red", "green", 600),
        stage(61, START + 601, "green", "red", 692),
        event(62, START + 603, "warning", message="polite_zh", number=1),
        event(63, START + 604, "spotlight", on=True),
    ]
    reports = [read_report("dev.SIM-0001.record", message) for message in told]
    records = [one for one in reports if isinstance(one, Record)]
    store.append(START, records)
    store.close()
    console.live.on_stored(Stored(fresh=records))
    for unit, level, stage_now in (("SIM-0001", 692, "red"), ("SIM-0002", 640, "amber")):
        left = (650, 10, 64, 230)
        console.live.on_now(Now(unit, START + 605, level, 0, stage_now, 650, False, left))
    console.incidents.turn()
    tried = TrialSquare(Crowd({"light": 0.6, "voice": 0.2}), table("light", "voice"), seed=1)
    tried.lives(20)
    store = Store(console.queries.file)
    store.append(START, tried.told("NT-3"))
    store.close()
    console.around.presets.put("street", "[limit]\nday = 60\n", {"steps": []}, "wang", START)
    console.around.presets.hold("东门广场", "street", "wang", START)
    console.around.facts.refresh()  # while they are filled, a page asks for itself anew


class Looker:
    """A browser that is logged in, and what it complains of."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"asked elsewhere: {url}")

    def open(self, path: str, language: str) -> None:
        self.page.goto(f"{self.address}{path}?lang={language}")
        self.page.wait_for_load_state("load")
        if self.page.locator(".of-past").count():
            self.page.wait_for_selector(".heat td[data-hour]")


@pytest.mark.parametrize("look", LOOKS, ids=["phone", "desk"])
def test_every_page_can_be_read_and_reached_and_asks_nobody_else(
    browser: Browser, console: tuple[Console, str], look: tuple[str, Any, int, int]
):
    parts, address = console
    language, scheme, width, height = look
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    beforehand(context)
    context.add_cookies([{"name": "session", "value": parts.secret, "url": address}])
    looker = Looker(context, address)
    found: dict[str, Any] = {}
    for path in pages(parts.app):
        if path == "/login":
            context.clear_cookies()
        looker.open(path, language)
        looker.page.evaluate(OPEN)
        faults = violations(looker.page, *WCAG)
        looker.page.emulate_media(color_scheme=OTHER[scheme])
        faults += violations(looker.page, "color-contrast")
        looker.page.emulate_media(color_scheme=scheme)
        faults += [f"unreachable: {one}" for one in looker.page.evaluate(UNREACHABLE)]
        if looker.page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"wide: {looker.page.evaluate(WIDE, width)}")
        said = [one for one in looker.complaints if path != "/nowhere" or "404" not in one]
        looker.complaints.clear()
        if faults or said:
            found[path] = faults + said
    context.close()
    assert found == {}, json.dumps(found, indent=1, ensure_ascii=False)


def test_the_tab_key_comes_to_every_control_of_a_square_and_shows_where_it_is(
    browser: Browser, console: tuple[Console, str]
):
    parts, address = console
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "session", "value": parts.secret, "url": address}])
    looker = Looker(context, address)
    looker.open("/squares/" + quote("东门广场"), "en")
    page = looker.page
    wanted, seen = page.evaluate(STOPS), set()
    for _ in range(wanted + 40):  # a date is three stops
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => {
              const at = document.activeElement;
              at.dataset.came ??= String(Math.random());
              return [at.dataset.came, at.matches(":focus-visible")
                && getComputedStyle(at).outlineStyle !== "none", at.tagName];
            }"""
        )
        if told[2] == "BODY":
            break
        seen.add(told[0])
        assert told[1] or told[2] == "INPUT", page.evaluate("document.activeElement.outerHTML")
    assert len(seen) >= wanted
    # in the grid of the week the arrows go on
    page.locator(".heat td[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Object.values(document.activeElement.dataset).slice(0, 2)") == ["1", "1"]
    # and a mark of the plan is moved and kept
    page.locator(".move").click()
    page.locator(".mark").first.focus()
    before = page.locator(".mark").first.get_attribute("data-x")
    page.keyboard.press("Shift+ArrowRight")
    page.locator(".move").click()
    expect(page.locator(".said")).to_have_text("Kept.")
    kept = parts.squares.setting("东门广场", "layout")
    assert kept and before
    id = page.locator(".mark").first.get_attribute("data-id")
    assert kept["places"][id][0] == pytest.approx(float(before) + 0.05, abs=0.001)
    context.close()
    assert looker.complaints == []


def test_a_resident_presses_the_button_at_the_pole_on_a_phone(
    browser: Browser, console: tuple[Console, str]
):
    parts, address = console
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    looker = Looker(context, address)
    page = looker.page
    page.goto(f"{address}/s/{code_of('SIM-0001')}")
    page.get_by_role("button", name="现在太吵了").click()
    said = page.locator("#said")
    expect(said).to_contain_text("设备当时听到 69.2 dB(A)，限值 65 dB(A)。")
    expect(said).to_be_in_viewport()
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="advice card").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Advice")
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    (one,) = parts.around.complaints.between(0, 2**31, "东门广场")
    assert (one.unit, one.level, one.source) == ("SIM-0001", 692, "button")
    context.close()
    assert looker.complaints == []
