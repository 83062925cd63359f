"""A round on a phone, in a real browser: scan, type the digits, tick; without a network too."""

import threading
import time
from collections.abc import Iterator
from io import BytesIO

import pytest
import uvicorn
import zxingcpp
from console import Console
from hub_process import until
from logged_in import log_in
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from waiting import DEADLINE

from noisetamer.hub.live import UnitState
from noisetamer.hub.patrols.check_in import Point
from noisetamer.hub.registry import Unit, Units
from tamer.record.seal import digits_of

pytestmark = pytest.mark.service

SPY = """
window.tones = 0; window.shakes = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { window.tones += 1; return start.call(this, at); };
navigator.vibrate = (pattern) => { if (pattern) { window.shakes += 1; } return true; };
"""
SQUARE = "东门广场"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Console, str]]:
    """A square with a box, a screen and a print to come by."""
    folder = tmp_path_factory.mktemp("hub")
    Units(folder / "units.sqlite").enrol("SIM-0001", "东门", SQUARE)
    console = Console(folder)
    console.live.states["SIM-0001"] = UnitState(Unit("SIM-0001", "东门", SQUARE, ""))
    for kind, name, unit in (
        ("panel", "东门盒子", "SIM-0001"),
        ("rotating", "后门", ""),
        ("weak", "亭子", ""),
    ):
        console.around.patrols.add_point(Point(0, SQUARE, name, kind, unit))
    config = uvicorn.Config(console.app, port=0, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started and server.servers[0].sockets, "the server")
    yield console, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(DEADLINE)


@pytest.fixture
def phone(browser: Browser, console: tuple[Console, str]) -> Iterator[BrowserContext]:
    parts, address = console
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True
    )
    secret = log_in(parts.people, "guard", [SQUARE], f"g{time.monotonic_ns()}")
    context.add_cookies([{"name": "session", "value": secret, "url": address}])
    context.add_init_script(SPY)
    yield context
    context.close()


def minute_now() -> int:
    return int(time.time() // 60)


def shown(console: Console, minute: int) -> str:
    """By the panel."""
    key = Units(console.around.data / "units.sqlite").command_key("SIM-0001") or ""
    return digits_of(key, minute)


def knows_its_points(page: Page) -> None:
    """Until nothing is under way any more: it is kept on the phone, with what the hub told."""
    page.locator(".ready[data-kept=yes]").wait_for(state="attached")
    known = "(localStorage.getItem('patrol.known') ?? '').includes('东门盒子')"
    until(lambda: page.evaluate(known), "the points' names")


def test_a_scan_and_four_digits_end_with_a_tick(
    phone: BrowserContext, console: tuple[Console, str]
):
    parts, address = console
    page = phone.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}/patrol/1")
    knows_its_points(page)
    field = page.get_by_label("屏上这一分钟的四位数字")
    field.tap()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    page.keyboard.type(shown(parts, minute_now()))
    page.get_by_text("嗒，打卡成功").wait_for()
    assert asked[0] == "POST"  # without a button
    assert page.locator(".answer .tick").is_visible()
    assert "东门盒子 ·" in page.locator(".answer").inner_text()
    assert page.evaluate("[window.tones, window.shakes]") == [2, 1]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    field.tap()
    minute = minute_now()
    these = {shown(parts, minute + n) for n in range(-2, 5)}
    page.keyboard.type(next(other for n in range(10) if (other := f"{n:04}") not in these))
    page.get_by_text("数字不对").wait_for()
    assert not page.locator(".answer .tick").is_visible()
    assert complaints == []
    assert len(parts.around.patrols.check_ins(0, 2**40)) == 1


def test_without_a_network_it_is_kept_and_told_later_once(
    phone: BrowserContext, console: tuple[Console, str]
):
    """The page comes from the phone, at another point than it was kept at; 52 minutes pass."""
    parts, address = console
    before = parts.around.patrols.check_ins(0, 2**40)
    page = phone.new_page()
    page.goto(f"{address}/patrol")
    knows_its_points(page)
    phone.set_offline(True)
    page.goto(f"{address}/patrol/1")
    page.get_by_text("没有网络").wait_for()
    page.get_by_role("heading", name="东门盒子").wait_for()
    minute = minute_now() - 52
    page.get_by_label("屏上这一分钟的四位数字").fill(shown(parts, minute))
    page.get_by_text("已记下，等联网补报").wait_for()
    assert not page.locator(".answer .tick").is_visible()
    # as if it had been typed then
    page.evaluate(
        """() => {
        const queue = JSON.parse(localStorage.getItem("patrol.queue"));
        queue[0].typed -= 52 * 60;
        localStorage.setItem("patrol.queue", JSON.stringify(queue));
        }"""
    )
    page.reload()
    page.get_by_text("等待补报").wait_for()
    phone.set_offline(False)
    page.get_by_text("嗒，打卡成功").wait_for()
    expect(page.locator(".waiting")).to_be_hidden()
    (told,) = [one for one in parts.around.patrols.check_ins(0, 2**40) if one not in before]
    assert told.at == 60 * minute and told.told - told.at >= 52 * 60
    expect(page.locator(".answer")).to_contain_text(f"{(told.told - told.at) // 60} 分 0 秒后补报")
    page.reload()
    page.get_by_label("屏上这一分钟的四位数字").wait_for()
    assert len(parts.around.patrols.check_ins(0, 2**40)) == len(before) + 1


def test_a_screen_shows_the_digits_that_count_also_without_a_network(
    phone: BrowserContext, console: tuple[Console, str]
):
    """Of a tablet at the back gate; what its code opens, without a touch of the keys."""
    parts, address = console
    key = parts.around.patrols.code_key(2)
    page = phone.new_page()
    page.goto(f"{address}/patrol/code/2#key={key}&name=后门")
    digits = page.locator(".shown")

    def of_this_minute() -> bool:
        return digits.inner_text() == digits_of(key, minute_now())

    until(of_this_minute, "this minute's digits")
    assert page.get_by_role("heading", name="后门").is_visible()
    assert page.locator(".switch").evaluate("(link) => link.hash").startswith("#key=")

    def scanned() -> str | None:
        """What the code says, where no minute has ended while it was looked at."""
        beside = digits.inner_text()
        (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(page.screenshot())))
        if beside != digits.inner_text():
            return None
        assert code.text == f"{address}/patrol/2?code={beside}"
        return code.text

    kept = "async () => (await caches.match('/patrol/code/2')) !== undefined"
    until(lambda: page.evaluate(kept), "a copy of the page")
    phone.set_offline(True)
    page.reload()
    until(of_this_minute, "this minute's digits without a network")
    text = until(scanned, "a code that is scanned within its minute")
    phone.set_offline(False)
    page.goto(text)
    page.get_by_text("嗒，打卡成功").wait_for()
    page.goto(f"{address}/patrol/3")
    page.get_by_role("button", name="在此打卡").tap()
    page.get_by_text("弱证明：").wait_for()
    page.goto(f"{address}/patrol")
    page.get_by_role("link", name="亭子 · 东门广场 · 弱证明").wait_for()
