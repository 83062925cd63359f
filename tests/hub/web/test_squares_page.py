"""The pages of squares: who sees which, the picture and the places on it, levels as data."""

import asyncio
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from console import Console
from logged_in import log_in
from PIL import Image
from scripted_unit import START, seconds, stage

from noisetamer.hub.live import UnitState
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.secrets_kept import csrf_of
from noisetamer.hub.registry import Unit
from noisetamer.hub.store import figures
from noisetamer.hub.store.figures import Change, Side
from noisetamer.hub.store.writer import Store
from noisetamer.hub.web.levels import says
from noisetamer.hub.wire import Event, Seconds, read_report
from noisetamer.hub.words.i18n import read_texts

EAST, SOUTH = "东门广场", "南/门? #1"
DAY = "2026-11-23"


class Town:
    """Two squares of two boxes and one, and browsers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.console = Console(folder)
        for id, square in (("SIM-1", EAST), ("SIM-2", EAST), ("SIM-3", SOUTH)):
            unit = Unit(id, "", square, "")
            self.console.live.states[id] = UnitState(unit)

    def browser(self, role: str = "admin", *squares: str) -> httpx.AsyncClient:
        secret = log_in(self.console.people, role, squares or None)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.console.app),
            base_url="http://hub",
            cookies={"session": secret, "lang": "en"},
            headers={"X-CSRF": csrf_of(secret)},
        )

    def tell(self) -> None:
        """Two minutes of SIM-1 at 19:00, one of them with its own voice, and a limit."""
        store = Store(self.folder / "hub.sqlite")
        told = [
            seconds(1, START, [600] * 10),
            seconds(2, START + 60, [700] * 10, flags=6),
            stage(3, START + 70, "green", "red"),
        ]
        reports = [read_report("dev.SIM-1.record", message) for message in told]
        store.append(0.0, [one for one in reports if isinstance(one, Seconds | Event)])
        store.close()


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def picture() -> bytes:
    to = BytesIO()
    Image.new("RGB", (40, 30), "white").save(to, "PNG")
    return to.getvalue()


def at(square: str) -> str:
    return quote(square, safe="")


def test_whoever_sees_one_square_has_its_page_first_and_no_other(town: Town):
    async def look() -> None:
        async with town.browser() as admin:
            page = (await admin.get("/")).text
            assert page.count('<article class="card square"') == 2
            assert f'href="/squares/{at(SOUTH)}"' in page
            own = await admin.get(f"/squares/{at(SOUTH)}")
            assert own.text.count('<article class="card"') == 1
            assert f'<a class="button" href="/step-in/{at(SOUTH)}"' in page
            assert (await admin.get("/squares/nowhere")).status_code == 404
        async with town.browser("viewer") as viewer:
            assert "/step-in/" not in (await viewer.get("/")).text
        async with town.browser("leader", EAST) as leader:
            page = (await leader.get("/")).text
            assert page.count('<article class="card"') == 2
            assert "SIM-3" not in page and "examine" not in page and "/step-in/" not in page
            assert (await leader.get(f"/squares/{at(SOUTH)}")).status_code == 404
            assert (await leader.get(f"/events?square={at(SOUTH)}")).status_code == 403
            assert (await leader.get("/levels/SIM-3/hours?first=2026-11-23")).status_code == 404
        async with town.browser("property", EAST) as manager:
            assert f'href="/step-in/{at(EAST)}"' in (await manager.get("/")).text

    asyncio.run(look())


def test_a_new_hub_says_that_nobody_would_be_called(town: Town):
    async def said(role: str) -> bool:
        async with town.browser(role) as somebody:
            return "Nobody would be called yet" in (await somebody.get("/")).text

    states, people = town.console.live.states, town.console.people
    assert not asyncio.run(said("admin")), "nobody waits for a simulated square's call"
    states["NT1-1"] = UnitState(Unit("NT1-1", "", EAST, ""))
    assert asyncio.run(said("admin")) and not asyncio.run(said("officer"))
    officer = people.accounts.named("a officer")
    assert officer
    people.contacts.add(officer.account.id, "ntfy", HUB)
    assert not asyncio.run(said("admin"))


@pytest.mark.parametrize("name", ["", SOUTH], ids=["town", "square"])
def test_a_picture_is_shown_with_marks_that_stay_where_they_are_put(town: Town, name: str):
    page, id = (f"/squares/{at(name)}" if name else "/"), "SIM-3" if name else SOUTH

    async def look() -> None:
        async with town.browser() as admin:
            assert "No picture yet" in (await admin.get(page)).text
            sent = await admin.post(f"/plans/{at(name)}", files={"picture": picture()})
            assert (sent.status_code, sent.headers["location"]) == (303, page)
            shown = await admin.get(f"/plans/{at(name)}")
            assert shown.headers["content-type"] == "image/png"
            places = {id: [0.25, 2], "NT-9": [0, 0]}
            kept = await admin.post(f"/layouts/{at(name)}", json={"places": places})
            assert kept.json() == {"version": 1}
            assert town.console.squares.setting(name, "layout") == {"places": {id: [0.25, 1.0]}}
            assert 'data-x="0.25" data-y="1.0"' in (await admin.get(page)).text
            wrong = await admin.post(f"/plans/{at(name)}", files={"picture": b"<svg/>"})
            assert (wrong.status_code, wrong.json()["detail"][:12]) == (422, "This file is")
            none = await admin.post(f"/plans/{at(name)}", files={"picture": b""})
            assert none.status_code == 303
            assert "No picture yet" in (await admin.get(page)).text
            assert [one.what for one in town.console.people.log.entries()][:3] == [
                *("plan-removed", "layout", "plan")
            ]
        async with town.browser("property", SOUTH) as manager:
            assert "No picture yet" not in (await manager.get(page)).text
            for sent in (
                await manager.post(f"/plans/{at(name)}", files={"picture": picture()}),
                await manager.post(f"/layouts/{at(name)}", json={"places": {}}),
            ):
                assert sent.status_code == 403
        async with town.browser("operator", EAST) as elsewhere:
            sent = await elsewhere.post(f"/plans/{at(name)}", files={"picture": picture()})
            assert sent.status_code == 403
            assert (await elsewhere.post("/layouts/nowhere", json={"places": {}})).is_error

    asyncio.run(look())


def test_levels_of_days_are_data_with_what_is_known_beside_them(town: Town):
    town.tell()

    async def look() -> None:
        async with town.browser() as admin:
            of = (await admin.get(f"/levels/SIM-1/minutes?first={DAY}&days=7")).json()
            assert (of["t0"], of["step"]) == (START, 60)
            assert of["LAeq"][:3] == [600, None, None] and len(of["LAeq"]) == 60
            assert (of["valid"][:2], of["own_voice"]) == ([10, 0], [1])
            assert (of["limit"], of["pending"]) == ([[START + 70, 650]], 0)
            hours = (await admin.get(f"/levels/SIM-1/hours?first={DAY}")).json()
            assert (hours["LAeq"], hours["L90"], hours["valid"]) == ([600], [600], [10])
            told = (await admin.get(f"/levels/SIM-1/figures?first={DAY}")).json()
            assert told["whole"] | {"coverage": "1 %", "Ld": "60.0", "Ln": "--"} == told["whole"]
            assert [day["date"] for day in told["days"]] == [DAY]
            assert told["week"][0][19] == {"LAeq": 600, "coverage": "1 %"}  # a Monday
            assert told["week"][6][19]["LAeq"] is None
            change = (await admin.get("/levels/SIM-1/change?at=2026-11-24")).json()
            assert change["rows"][0]["before"] == "no day known well enough"
            nothing = (await admin.get("/levels/SIM-1/minutes?first=2026-01-01")).json()
            assert nothing["LAeq"] == []
            for wrong in ("first=2026-01-01&days=999", "first=1-1-1", "first=2026-01-01&days=0"):
                assert (await admin.get(f"/levels/SIM-1/minutes?{wrong}")).status_code == 422

    asyncio.run(look())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(Side(0, None, None), Side(9, 60.0, 1.0), None, None), "no day before"),
        (Change(Side(9, 60.0, 1.0), Side(0, None, None), None, None), "no day since"),
        (Change(Side(9, 60.0, 1.0), Side(1, 57.0, None), -3.0, None), "may be chance"),
        (Change(Side(9, 60.0, 1.0), Side(9, 59.5, 1.0), -0.5, 0.9), "no more than days differ"),
        (Change(Side(9, 60.0, 1.0), Side(9, 56.9, 1.0), -3.1, 0.9), "Quieter by 3.1 dB; chance"),
        (Change(Side(9, 60.0, 1.0), Side(9, 63.1, 1.0), 3.1, 0.9), "Louder by 3.1 dB; chance"),
    ],
)
def test_of_a_change_no_more_is_said_than_is_known(change: Change, words: str):
    texts = read_texts()
    assert words in says(change, texts["en"])
    assert says(change, texts["zh"])
    assert figures.ENOUGH == 20 / 24
