"""On a phone, from first tap to the document that was pushed to it; and verified without a hub."""

import asyncio
import datetime
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import uvicorn
from console import Console
from folders import OUT
from hub_process import until
from ntfy_phone import NtfyPhone
from playwright.sync_api import Browser, Page, expect
from waiting import DEADLINE

from noisetamer.hub.live import UnitState
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.registry import Unit

pytestmark = pytest.mark.service

EAST = "东门广场"
NOW = datetime.datetime(2027, 1, 20, 12, tzinfo=datetime.UTC)


class Square:
    """A console with whoever tells phones, and where it is."""

    def __init__(self, folder: Path) -> None:
        self.console = console = Console(folder)
        console.now = NOW.timestamp()
        console.live.states["SIM-0001"] = UnitState(Unit("SIM-0001", "", EAST, ""))
        config = uvicorn.Config(console.app, port=0, lifespan="off", log_level="error")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.thread.start()
        until(lambda: self.server.started and self.server.servers[0].sockets, "the server")
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.address = console.permit_news.url = f"http://127.0.0.1:{port}"

    async def _run(self) -> None:
        telling = asyncio.create_task(self.console.permit_news.run())
        await self.server.serve()
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling

    def close(self) -> None:
        self.console.phones.listeners.close()
        self.server.should_exit = True
        self.thread.join(DEADLINE)
        self.console.around.close()


@pytest.fixture
def square(tmp_path: Path) -> Iterator[Square]:
    made = Square(tmp_path)
    yield made
    made.close()


def test_from_first_tap_to_the_pushed_document_and_its_proof_without_a_network(
    browser: Browser, square: Square, tmp_path: Path
) -> None:
    people = square.console.people
    officer = people.accounts.add("li", "officer", HUB, squares=[EAST])
    station = NtfyPhone(f"{square.address}/", people.contacts.add(officer.id, "ntfy", HUB).address)
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    context.clock.set_fixed_time(NOW)
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    OUT.mkdir(exist_ok=True)

    # what her thumb does: three fields, two buttons
    page.goto(f"{square.address}/apply/{EAST}")
    page.get_by_label("队伍名称").fill("东门舞队")
    page.get_by_label("负责人称呼").fill("王阿姨")
    page.get_by_label("位置").fill("北侧")
    _shot(page, "apply")
    page.get_by_role("button", name="看看有没有冲突").click()
    expect(page.get_by_text("没有发现冲突")).to_be_visible()
    _shot(page, "looked")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_text("待批")).to_be_visible()
    _shot(page, "own")
    topic, _ = square.console.around.permits.reach(1)
    assert page.get_by_role("link", name="在 ntfy 里打开").get_attribute("href") == (
        f"ntfy://{square.address.removeprefix('http://')}/{topic}?secure=false"
    )
    hers = NtfyPhone(f"{square.address}/", topic)

    # the officer's phone rings, and his thumb approves
    asked = station.ring(1)
    page.goto(asked["click"])
    _shot(page, "decide")
    page.get_by_role("button", name="批准", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="已批准")).to_be_visible()

    # hers has it
    granted = hers.ring(1)
    assert granted["title"] == "东门舞队：许可已批准"
    assert context.request.get(granted["attachment"]["url"]).body().startswith(b"%PDF")
    page.goto(granted["click"])
    _shot(page, "granted")
    shown = page.get_by_role("link", name="查验许可").get_attribute("href") or ""

    # on its first day: whoever scans it sees that it is true, and how old the list is
    context.clock.set_fixed_time(NOW + datetime.timedelta(1))
    page.goto(shown)
    expect(page.get_by_role("heading", name="真的，有效")).to_be_visible()
    expect(page.get_by_text("截至 2027-01-20")).to_contain_text("24 小时前")
    _shot(page, "verified")
    at = len(shown) - 120
    forged = shown[:at] + ("A" if shown[at] != "A" else "B") + shown[at + 1 :]
    with page.expect_download() as download:
        page.get_by_role("link", name="保存本页和今天的撤销名单").click()
    saved = tmp_path / "permit.html"
    download.value.save_as(saved)

    # kept on a phone without a network it says the same, and what came later it is shown
    square.console.around.permits.decide(1, "revoked", "li", "太响")
    newer = context.request.get(f"{square.address}/permit/revocations").text()
    context.set_offline(True)
    page.goto(saved.as_uri())
    text = page.get_by_label("许可的文字")
    text.fill(shown)
    expect(page.get_by_role("heading", name="真的，有效")).to_be_visible()
    text.fill(forged)
    expect(page.get_by_role("status")).to_have_text("假的或被改过：签名不对。")
    text.fill(newer)
    expect(page.get_by_role("status")).to_contain_text("第 1 号")
    text.fill(shown)
    expect(page.get_by_role("heading", name="真的，但已撤销")).to_be_visible()
    _shot(page, "revoked")
    assert complaints == []
    for phone in (station, hers):
        phone.ending.set()
    context.close()


def _shot(page: Page, name: str) -> None:
    page.wait_for_load_state()  # before, it may be wide for want of its style sheet
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    page.screenshot(path=OUT / f"permits-{name}.png", full_page=True)
