"""From the officer's phone to the month's report: the button, the form, how far it is, the PDF."""

from urllib.parse import quote

import pypdfium2
import pytest
from a_month import SQUARE
from console import Console
from fastapi.testclient import TestClient
from hub_with_an_evening import evening
from logged_in import log_in
from waiting import until

from noisetamer.hub.complaints.public import SETTING, Public
from noisetamer.hub.live import UnitState
from noisetamer.hub.people.secrets_kept import csrf_of
from noisetamer.hub.registry import Unit

pytestmark = pytest.mark.service
PAGE = f"/month-report/{SQUARE}"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Console:
    console = Console(evening(tmp_path_factory.mktemp("web") / "hub").folder)
    unit = Unit("SIM-0001", "东", SQUARE, "")
    console.live.states[unit.id] = UnitState(unit)
    console.squares.put(SQUARE, SETTING, Public(True, ask="物业 0571-1234").body(), "wang", 0.0)
    return console


def client(console: Console, role: str) -> TestClient:
    secret = log_in(console.people, role, None)
    return TestClient(
        console.app,
        base_url="http://hub",
        cookies={"session": secret, "lang": "en"},
        headers={"X-CSRF": csrf_of(secret)},
        follow_redirects=False,
    )


def ended(officer: TestClient, address: str) -> dict[str, object]:
    def state() -> dict[str, object] | None:
        found = officer.get(f"{address}/state").json()
        return found if found["ended"] else None

    return until(state, "its end")


def test_a_button_leads_to_a_month_on_paper(console: Console):
    with client(console, "officer") as officer:
        button = f'href="/month-report/{quote(SQUARE)}"'
        assert button in officer.get(f"/squares/{SQUARE}").text
        assert "物业 0571-1234" in officer.get(PAGE).text
        asked = officer.post(PAGE, data={"month": "2026-11", "contact": "street office"})
        assert asked.status_code == 303
        address = asked.headers["location"]
        assert f'data-state="{address}/state"' in officer.get(address).text
        state = ended(officer, address)
        assert str(state["said"]).startswith("Done: 0."), state
        file = officer.get(f"{address}.pdf")
        assert file.headers["content-type"] == "application/pdf"
        text = pypdfium2.PdfDocument(file.content)[0].get_textpage().get_text_bounded()
        assert SQUARE in text and "The box warned" in text
        assert console.people.log.entries(what="report_made")[0].target == SQUARE
        # of another square it is not
        assert officer.get(f"/month-report/other/made/{'x' * 16}.pdf").status_code == 404


@pytest.mark.parametrize("month", ["soon", "2026-13"])
def test_no_month_is_said_to_be_none(console: Console, month: str):
    with client(console, "officer") as officer:
        answer = officer.post(PAGE, data={"month": month})
        assert answer.status_code == 409
        assert "write it like 2026-11" in answer.text


def test_a_leader_has_no_such_button(console: Console):
    with client(console, "leader") as leader:
        assert "month-report" not in leader.get(f"/squares/{SQUARE}").text
        assert leader.post(PAGE, data={"month": "2026-11"}).status_code == 403
