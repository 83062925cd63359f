"""The link in a message: what a thumb can do with it, and what nobody can."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from console import Console
from fastapi import FastAPI

from noisetamer.hub.incidents.directory import directory
from noisetamer.hub.incidents.incident import Incident
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.roles import Account
from noisetamer.hub.phones.links import Link
from noisetamer.hub.registry import Unit
from noisetamer.hub.web.level_drawing import HEIGHT, WIDTH, draw
from noisetamer.hub.web.picture_words import moment_words
from noisetamer.hub.words.i18n import read_texts

EVENING = 1_775_048_580.0
BROWSER = {"accept": "text/html"}


class Client:
    """Asks the application, a request at a time."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
                return await client.request(method, path, **options)

        return asyncio.run(asked())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)


class Evening:
    """A console with one incident, which called wang."""

    def __init__(self, folder: Path) -> None:
        self.console = Console(folder)
        self.now = EVENING
        people = self.console.people
        self.console.incidents._cases._sources.directory = lambda: directory(people)
        self.phones = self.console.phones
        self.phones.clock = lambda: self.now
        self.wang = self._person("wang", "property", {"东门广场"})
        self.incident = self.console.incidents.drill("东门广场", "wang", "wang", EVENING)
        self.client = Client(self.console.app)

    def _person(self, name: str, role: str, squares: set[str] | None) -> Account:
        people = self.console.people
        account = people.accounts.add(name, role, HUB, squares=squares)
        people.contacts.add(account.id, "ntfy", HUB)
        return account

    def person(self, role: str) -> Account:
        return self._person(role, role, {"东门广场"})

    def link(self, account: Account | None = None, call: str = "AbCdEfGh_-12") -> str:
        account = account or self.wang
        return (
            f"/a/{self.phones.links.make(Link(account.id, self.incident.id, call, EVENING + 9))}"
        )

    def now_is(self) -> Incident:
        incident = self.console.incidents.one(self.incident.id)
        assert incident
        return incident

    def close(self) -> None:
        self.console.incidents.close_file()
        self.console.people.close()
        self.phones.close()


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    evening = Evening(tmp_path)
    yield evening
    evening.close()


def test_looking_never_acts(evening: Evening):
    link = evening.link()
    for method in ("GET", "HEAD", "GET"):
        answer = evening.client.request(method, link, headers=BROWSER)
        assert answer.status_code == 200
    assert evening.now_is().state == "open"
    assert "我来处理" in answer.text and "东门广场：演习" in answer.text


def test_one_press_acknowledges_once(evening: Evening):
    link = evening.link()
    answer = evening.client.post(link, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, link)
    incident = evening.now_is()
    # a drill is over as soon as it is acknowledged
    assert incident.acknowledged_by == "wang"
    entries = evening.console.incidents.timeline(incident.id)
    (entry,) = [each for each in entries if each.what == "acknowledged"]
    assert (entry.by, entry.fields["how"]) == ("wang", "link")
    again = evening.client.post(link, headers=BROWSER)
    assert again.status_code == 409 and "已经结束" in again.text
    assert "<button" not in evening.client.get(link, headers=BROWSER).text


def test_ntfys_app_presses_without_a_browser(evening: Evening):
    answer = evening.client.post(evening.link())
    assert (answer.status_code, answer.json()) == (200, {"detail": "已记下：由您处理"})


def test_a_replay_is_refused_with_a_sentence(evening: Evening):
    """Also when it has been opened again meanwhile: then other links were sent."""
    assert evening.phones.postbox.use("AbCdEfGh_-12", "acknowledge", EVENING)
    answer = evening.client.post(evening.link())
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("这个链接已经确认过一次")
    assert evening.now_is().state == "open"
    assert evening.client.post(evening.link(call="other")).status_code == 200


def test_expired_foreign_and_spoilt_links_are_refused_with_a_sentence(evening: Evening):
    link = evening.link()
    for spoilt in (link[:-2], link.replace("/a/", "/a/x"), "/a/no-token", "/a/x.y"):
        for act in (evening.client.get, evening.client.post):
            answer = act(spoilt)
            assert answer.status_code == 403, spoilt
            assert answer.json()["detail"].startswith("这不是本中心发给您的链接")
    evening.now = EVENING + 10
    for act in (evening.client.get, evening.client.post):
        answer = act(link, headers=BROWSER)
        assert answer.status_code == 410 and "已过期" in answer.text
    assert "This link is over" in evening.client.get(link + "?lang=en", headers=BROWSER).text
    assert evening.now_is().state == "open"


def test_it_ends_with_its_person(evening: Evening):
    people = evening.console.people
    link = evening.link()
    people.accounts.disable(evening.wang.id, True, HUB)
    assert evening.client.post(link).status_code == 403
    people.accounts.disable(evening.wang.id, False, HUB)
    people.accounts.change(
        *(evening.wang.id, HUB, "property", {"西门广场"}, "", "zh"),
    )
    assert evening.client.post(link).status_code == 403
    assert evening.now_is().state == "open"


def test_it_does_no_more_than_its_person_may(evening: Evening):
    viewer = evening.person("viewer")
    link = evening.link(viewer)
    page = evening.client.get(link, headers=BROWSER)
    assert page.status_code == 200 and "<button" not in page.text
    assert evening.client.post(link).status_code == 403
    leader = evening.person("leader")
    link = evening.link(leader)
    assert "请设备说一句" not in evening.client.get(link, headers=BROWSER).text
    assert evening.client.post(f"{link}/say", data={"message": "quiet"}).status_code == 403
    assert evening.client.get(f"{link}/pictures/1.jpg").status_code == 404
    assert evening.client.post(link).status_code == 200


def test_it_says_stored_messages_and_no_more_than_three(evening: Evening):
    link = evening.link()
    page = evening.client.get(link, headers=BROWSER).text
    assert "请设备说一句" in page and f'action="{link}/say"' in page
    console = evening.console
    assert evening.client.post(f"{link}/say", data={"message": "polite"}).status_code == 409
    console.live.load([Unit("SIM-0001", "", "东门广场", "")], console.queries)
    orders = console.app.state.context.orders
    orders._key_of = lambda unit: None
    refused = evening.client.post(f"{link}/say", data={"message": "polite"})
    assert refused.status_code == 422, "no key: no unit would take it, and it does not count"
    orders._key_of = lambda unit: "ab" * 32
    for _ in range(3):
        answer = evening.client.post(f"{link}/say", data={"message": "polite"}, headers=BROWSER)
        assert (answer.status_code, answer.headers["location"]) == (303, link)
    refused = evening.client.post(f"{link}/say", data={"message": "polite"})
    assert refused.status_code == 409 and "3 次" in refused.json()["detail"]
    page = evening.client.get(link, headers=BROWSER).text
    assert "请设备说一句" not in page
    assert "已请设备说话 3 次" in page
    said = asyncio.run(orders.of(["SIM-0001"]))
    assert [(order.verb, order.by, order.fields) for order in said] == [
        ("say", "wang", {"message": "polite"})
    ] * 3


def test_whoever_reads_english_has_the_box_speak_chinese(evening: Evening):
    """It is for those in the square; and it stands above what is only to be looked at."""
    page = evening.client.get(evening.link() + "?lang=en", headers=BROWSER).text
    assert "Have the box say" in page
    assert page.index('value="polite_zh"') < page.index('value="polite_en"')
    assert 'lang="zh"' in page
    assert f'href="/step-in/{quote("东门广场")}"' in page, "and one's own words are a press away"


@pytest.mark.parametrize("moment", ["start", "peak", "red", "polite", "firm"])
def test_each_moment_of_a_picture_has_its_word(moment: str):
    assert re.search("[\u4e00-\u9fff]", moment_words(moment, read_texts()["zh"]))


def test_a_box_that_takes_no_orders_gives_no_more_sentences_to_its_neighbour(evening: Evening):
    console, link = evening.console, evening.link()
    console.orders._key_of = lambda unit: "k" * 43 if unit == "SIM-0001" else None
    units = [Unit(id, "", "东门广场", "") for id in ("SIM-0001", "SIM-0002")]
    console.live.load(units, console.queries)
    answers = [
        evening.client.post(f"{link}/say", data={"message": "polite_zh"}).status_code
        for _ in range(5)
    ]
    assert answers == [200, 200, 200, 409, 409]


def test_a_box_that_takes_no_orders_is_named_and_its_neighbour_speaks(evening: Evening):
    console, link = evening.console, evening.link()
    console.orders._key_of = lambda unit: "k" * 43 if unit == "SIM-0002" else None
    units = [
        Unit(id, name, "东门广场", "") for id, name in (("SIM-0001", "北"), ("SIM-0002", "南"))
    ]
    console.live.load(units, console.queries)
    answer = evening.client.post(f"{link}/say", data={"message": "polite_zh"})
    assert answer.status_code == 200
    assert answer.json()["detail"].endswith("（北 除外：本中心没有它的指令密钥）")
    assert [order.unit for order in asyncio.run(console.orders.of(["SIM-0001", "SIM-0002"]))] == [
        "SIM-0002"
    ]


def test_what_is_over_is_not_acknowledged(evening: Evening):
    evening.console.incidents.close(evening.incident.id, "wang", "", EVENING + 1)
    answer = evening.client.post(evening.link())
    assert (answer.status_code, answer.json()["detail"][:8]) == (409, "这件事已经结束，"[:8])


def test_a_name_that_is_html_is_shown_as_it_is(evening: Evening):
    evening.console.people.accounts.change(
        *(evening.wang.id, HUB, "property", None, "<script>x</script>", "zh")
    )
    page = evening.client.get(evening.link(), headers=BROWSER).text
    assert "&lt;script&gt;" in page and "<script>" not in page


def test_a_drawing_keeps_the_loudest_second():
    levels = [500] * 700 + [820] + [500] * 199
    drawing = draw(levels, 600)
    assert drawing
    heights = [float(point.split(",")[1]) for point in drawing.lines[0].split()]
    assert len(heights) <= WIDTH and min(heights) < HEIGHT * 0.2
    assert drawing.limit and 0 < drawing.limit < HEIGHT
    assert (drawing.last, drawing.top, drawing.bottom) == (50.0, 87, 45)
    gap = draw([500, None, 510], None)
    assert gap and len(gap.lines) == 2
    assert draw([None, None], 600) is None
    assert replace(drawing, limit=None).limit is None
