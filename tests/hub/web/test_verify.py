"""Evidence in a browser: the lines of the command, in its order, on the same files."""

import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from bundle_mutations import mutations
from console import Console
from evidence_bundle import Bundle
from evidence_evening import evening
from evidence_signers import Authority, Keys
from folders import OUT
from hub_process import until
from playwright.sync_api import Browser, Page, expect
from waiting import DEADLINE

from noisetamer.hub.web import verify
from noisetamer.proof import verify_evidence

pytestmark = pytest.mark.service

# Half a million: once so many kept the page busy for minutes.
QUOTES = """async () => {
  const { fromCsv } = await import("/static/verify/records.js");
  const table = new TextEncoder().encode(`\ufeff${'"'.repeat(500001)}`);
  try { return fromCsv(table); } catch (error) { return error.message; }
}"""

# Of a square with many units for a week: more than a call takes arguments.
MANY = """async () => {
  const { container, membersOf } = await import("/static/verify/container.js");
  const members = Array.from({ length: 50000 }, (_, n) => [`log/${n}.json`, new Uint8Array()]);
  return membersOf(container(new Map(members))).members.size;
}"""

# [[state, text]], the sentences at the end
CHECK = """async ([language, bundles, root, known]) => {
  const { verify } = await import("/static/verify/verify.js");
  const { words } = JSON.parse(document.getElementById("words").textContent);
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const others = known.map(([name, text]) => [name, bytes(text)]);
  const found = [];
  for (const text of bundles) {
    const report = await verify(words, language, "a.zip", bytes(text), bytes(root), others);
    found.push([report.lines.map((line) => [line.state, line.text]), report.end]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a console that nobody is logged in to."""
    console = Console(tmp_path_factory.mktemp("hub"))
    server = uvicorn.Server(uvicorn.Config(console.app, port=0, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started and server.servers[0].sockets, "the server")
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    console.live.close()
    server.should_exit = True
    thread.join(DEADLINE)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def bundle(authority: Authority) -> Bundle:
    return Bundle(evening(450, units=("NT-0001",)), Keys(), authority)


@pytest.fixture
def complaints() -> list[str]:
    """What the page wrote to its console, and every request behind its own files."""
    return []


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()


def checked(
    page: Page, bundle: Bundle, language: str, bundles: list[bytes], *known: tuple[str, bytes]
) -> list[Any]:
    """What the page's own modules say of bundles."""

    def text(data: bytes) -> str:
        return base64.b64encode(data).decode()

    root = text(bundle.members["keys/root.pub"])
    others = [[name, text(data)] for name, data in known]
    return page.evaluate(CHECK, [language, list(map(text, bundles)), root, others])


def by_command(bundle: Bundle, language: str, data: bytes, *known: tuple[str, bytes]) -> list[Any]:
    root = bundle.members["keys/root.pub"]
    report = verify_evidence.verify(data, language, root, list(known), "a.zip")
    return [[[line.state, line.text] for line in report.lines], report.end]


def test_the_page_and_the_command_say_the_same(
    page: Page, address: str, bundle: Bundle, authority: Authority
):
    page.goto(f"{address}/verify?lang=en")
    for language in ("zh", "en"):
        (said,) = checked(page, bundle, language, [bundle.data])
        assert said == by_command(bundle, language, bundle.data)
    revoked = {"log": {"revoked": 1, "why": "stolen"}}
    newer = (bundle.keys.listed(authority.public, each, 9) for each in ({}, revoked))
    for known in (bundle.data, bundle.checkpoint, bundle.members["checkpoints/37"], *newer):
        (said,) = checked(page, bundle, "zh", [bundle.data], ("mine", known))
        assert said == by_command(bundle, "zh", bundle.data, ("mine", known))
    odd = {"log": {"name": "x\nproven\u202e\u2028    y"}}
    named = Bundle(evening(300, units=("NT-0001",)), bundle.keys, None, changes=odd)
    (said,) = checked(page, bundle, "zh", [named.data])
    assert said == by_command(bundle, "zh", named.data)
    split = Bundle(evening(450, seed=3, units=("NT-0001",)), bundle.keys, None, more=9)
    (said,) = checked(page, bundle, "zh", [bundle.data], ("mine", split.data))
    assert said == by_command(bundle, "zh", bundle.data, ("mine", split.data))
    assert "互相矛盾" in said[0][-1][1]
    other = Bundle(evening(450, seed=2, units=("NT-0001",)), Keys(), authority)
    changed = list(mutations(bundle, other, 5, 60))
    said = checked(page, bundle, "en", [data for _, data in changed])
    for (what, data), lines in zip(changed, said, strict=True):
        assert "FALSE" in {state for state, _ in lines[0]}, what
        assert lines == by_command(bundle, "en", data), what
    assert page.evaluate(QUOTES) == "not in its form"
    assert page.evaluate(MANY) == 50_000


def test_a_stranger_drops_a_file_and_nothing_leaves_the_browser(
    page: Page, address: str, bundle: Bundle, complaints: list[str], tmp_path: Path
):
    page.goto(f"{address}/verify?lang=zh")
    expect(page.locator("body")).to_have_attribute("data-ready", "")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    file = {"name": "a.zip", "mimeType": "application/zip", "buffer": bundle.data}
    page.set_input_files("#bundle", [file])  # type: ignore[list-item]
    expect(page.locator("#verdict")).to_have_text("没有发现不实")
    expect(page.locator("#lines li").first).to_contain_text("文件与写成时完全一样")
    expect(page.locator("#end")).to_contain_text("不证实")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    OUT.mkdir(exist_ok=True)
    page.screenshot(path=OUT / "verify-390-zh-dark.png", full_page=True)
    page.set_input_files("#bundle", [{**file, "buffer": bundle.data[:-1]}])  # type: ignore[list-item]
    expect(page.locator("#verdict")).to_have_text("有不实之处")
    page.set_input_files("#bundle", [{**file, "buffer": b"nothing"}])  # type: ignore[list-item]
    expect(page.locator("#state")).to_have_text("a.zip 不是证据包：请给出中心写的 .zip 文件。")
    assert asked == []
    assert complaints == []
    # The page itself may ask nobody.
    said = page.evaluate("fetch('/health').then(() => 'sent', () => 'refused')")
    assert said == "refused"


def test_the_saved_page_works_from_a_disk(
    page: Page, address: str, bundle: Bundle, complaints: list[str], tmp_path: Path
):
    saved = tmp_path / "verify.html"
    saved.write_text(page.request.get(f"{address}/verify/saved?lang=en").text(), encoding="utf-8")
    page.goto(saved.as_uri())
    (tmp_path / "a.zip").write_bytes(bundle.data)
    expect(page.locator("body")).to_have_attribute("data-ready", "")
    page.set_input_files("#bundle", tmp_path / "a.zip")
    expect(page.locator("#verdict")).to_have_text("Nothing false was found")
    expect(page.locator("#lines li")).to_have_count(len(by_command(bundle, "en", bundle.data)[0]))
    assert complaints == []


def test_the_command_is_handed_out_as_it_is(page: Page, address: str):
    answer = page.request.get(f"{address}/verify/verify_evidence.py")
    assert answer.body() == verify.COMMAND.read_bytes()
