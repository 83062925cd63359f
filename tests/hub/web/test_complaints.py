"""Complaints beside levels, and a desk's file by the page: asked once, told row by row."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from console import Console
from in_process import InProcess, browser, logged_in
from scripted_unit import START, seconds, stage

from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.writer import Store
from noisetamer.hub.web import public_view
from noisetamer.hub.wire import Record, read_report

SQUARE = "东门广场"
DAY = "2026-11-23"
TABLE = (
    "工单编号,受理时间,诉求地址,诉求内容\n"
    "A1,2025-11-20 19:30,东门北侧,<script>吵</script>\n"
    "A2,昨晚,东门,吵\n"
    "A3,2025-11-20 20:30,人民路,路灯\n"
).encode("gb18030")


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    """A square that was at 58 dB for five minutes, below its limit of 65."""
    monkeypatch.setattr(public_view, "now", lambda: START + 1000.0)
    console = Console(tmp_path)
    for id, square in (("NT-0001", SQUARE), ("NT-0002", "西门广场")):
        console.live.states[id] = UnitState(Unit(id, "", square, ""), online=True)
    told = [
        stage(1, START - 60, "amber", "green", 580),
        *(seconds(n + 2, START + 10 * n, [580] * 10) for n in range(30)),
    ]
    reports = [read_report("dev.NT-0001.record", message) for message in told]
    store = Store(console.queries.file)
    store.append(START, [one for one in reports if isinstance(one, Record)])
    store.close()
    yield console
    console.around.close()


def complain(console: Console, count: int, side: str = "北") -> None:
    console.around.complaints.add(
        Complaint(0, SQUARE, START + 100 + n, "12345", f"{side}{n}", "3 号楼 502", side, "吵")
        for n in range(count)
    )


def sent(client: InProcess, content: bytes, name: str = "12345.csv") -> str:
    """The address of the preview's form."""
    answer = client.post("/complaints/import?lang=en", files={"file": (name, content)})
    assert answer.status_code in (200, 422), answer.text
    found = re.search(r'action="(/complaints/import/[^"]+)"', answer.text)
    assert found, answer.text
    return found[1]


MEANT = {
    "time": "受理时间",
    "number": "工单编号",
    "place": "诉求地址",
    "text": "诉求内容",
    "source": "12345",
    "words": "东门广场 = 东门\n东门广场/北 = 北侧",
}


def test_a_side_that_complains_while_the_box_hears_little_is_named(console: Console):
    page = f"/complaints/of/{SQUARE}?until={DAY}&lang=en"
    complain(console, 4)
    few = logged_in(console, "property").get(page).text
    assert "no side is surely unheard" in few
    complain(console, 8)
    told = logged_in(console, "property").get(page).text
    assert "Complaints from the side 北: in 8 of 8 the boxes heard less than the limit" in told
    assert "mostly 58.0 dB(A)" in told
    assert "95 % interval 68 % to 100 %" in told
    assert "The box heard 58.0 dB(A), limit 65" in told


def test_a_file_is_looked_at_mapped_and_brought_in_once(console: Console):
    officer = logged_in(console, "officer")
    form = sent(officer, TABLE)
    looked = officer.post(f"{form}?lang=en", data={**MEANT, "do": "look"}).text
    assert "1 would come in" in looked
    assert "Row 3, 受理时间: “昨晚” is no time; left out" in looked
    assert console.around.complaints.between(0, 2**31) == []
    kept = officer.post(f"{form}?lang=en", data={**MEANT, "do": "keep"}).text
    assert "1 new, 0 were there" in kept
    assert "1 rows name none of the squares" in kept
    (one,) = console.around.complaints.between(0, 2**31)
    assert (one.square, one.side, one.number) == (SQUARE, "北", "A1")
    # the desk is known now
    again = officer.post("/complaints/import?lang=en", files={"file": ("b.csv", TABLE)}).text
    assert "1 would come in" in again
    assert officer.post(form, data={**MEANT, "do": "keep"}).status_code == 404
    told = [entry.what for entry in console.people.log.entries() if "complaint" in entry.what]
    assert told == ["complaints_imported"]
    shown = officer.get(f"/complaints/of/{SQUARE}?until=2025-11-20").text
    assert "&lt;script&gt;吵" in shown


def test_what_is_no_table_is_said_on_the_page(console: Console):
    officer = logged_in(console, "officer")
    for content, said in ((b"%PDF-1.4", "is a PDF"), (b"", "is empty"), (b"a,b\n1,2", "no line")):
        answer = officer.post("/complaints/import?lang=en", files={"file": ("x.csv", content)})
        assert (answer.status_code, said in answer.text) == (422, True)
    form = sent(officer, TABLE)
    wrong = officer.post(f"{form}?lang=en", data={**MEANT, "words": "东门广场"})
    assert (wrong.status_code, "write a square, =" in wrong.text) == (422, True)


def test_somebody_of_one_square_brings_in_that_one_s_and_leaves_what_others_said(
    console: Console,
):
    admin = logged_in(console)
    both = "东门广场 = 东门\n西门广场 = 人民路"
    admin.post(sent(admin, TABLE), data={**MEANT, "words": both, "do": "keep"})
    officer = logged_in(console, "officer", [SQUARE])
    form = sent(officer, TABLE)
    refused = officer.post(form, data={**MEANT, "words": both, "do": "keep"})
    assert refused.status_code == 422
    officer.post(form, data={**MEANT, "words": "东门广场 = 北侧", "do": "keep"})
    shown = admin.post("/complaints/import", files={"file": ("b.csv", TABLE)}).text
    assert "西门广场 = 人民路" in shown
    assert "东门广场 = 北侧" in shown
    assert officer.get("/complaints/of/西门广场").status_code == 403


def test_words_are_deleted_by_whoever_may(console: Console):
    complain(console, 1)
    (one,) = console.around.complaints.between(0, 2**31)
    assert logged_in(console, "viewer").post(f"/complaints/forget/{one.id}").status_code == 403
    elsewhere = logged_in(console, "officer", ["西门广场"])
    assert elsewhere.post(f"/complaints/forget/{one.id}").status_code == 404
    officer = logged_in(console, "officer")
    assert officer.post(f"/complaints/forget/{one.id}").status_code == 303
    shown = officer.get(f"/complaints/of/{SQUARE}?until={DAY}&lang=en").text
    assert "号楼 502" not in shown
    assert "were deleted on request" in shown


def test_the_page_for_everybody_is_turned_on_with_somebody_to_ask(console: Console):
    operator = logged_in(console, "operator")
    page = f"/public/{SQUARE}"
    assert operator.get(f"{page}/sign.pdf").status_code == 409
    asked = operator.post(f"{page}?lang=en", data={"on": "true"})
    assert (asked.status_code, "names somebody to ask" in asked.text) == (422, True)
    for wrong in ({"cure": "box"}, {"since": "2026-01-01"}, {"cure": "x", "since": "2026-01-01"}):
        assert operator.post(page, data={"on": "true", "ask": "a", **wrong}).status_code == 422
    assert operator.post(page, data={"on": "true", "ask": "物业 0571"}).status_code == 303
    address = re.search(r'href="(/s/[a-z2-7]{8})"', operator.get(page).text)
    assert address
    assert browser(console).get(address[1]).status_code == 200
    sign = operator.get(f"{page}/sign.pdf?size=a5")
    assert sign.headers["content-type"] == "application/pdf"
    assert sign.content.startswith(b"%PDF")
    assert logged_in(console, "property").get(page).status_code == 200
    assert logged_in(console, "guard").get(page).status_code == 403
