"""The pages of the toolbox: who sees what, what an answer links to, and what a file holds."""

import csv
import io
import re
from collections.abc import Iterator

import pytest
from console import Console
from in_process import logged_in
from openpyxl import load_workbook
from scripted_unit import START, event, seconds, stage

from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.live import UnitState
from noisetamer.hub.permits.permit import Group
from noisetamer.hub.registry import Unit, Units
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.store.writer import Store
from noisetamer.hub.toolbox.saved import WAYS
from noisetamer.hub.wire import Record, read_report

EAST, PEACE = "东门广场", "和平广场"
EVIL = '=HYPERLINK("http://x")<script>alert(1)</script>'


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Two squares of an evening, each with an incident and a complaint."""
    folder = tmp_path_factory.mktemp("hub")
    console = Console(folder)
    units = Units(folder / "units.sqlite")
    store = Store(folder / "hub.sqlite")
    for id, square in (("SIM-0001", EAST), ("SIM-0002", PEACE)):
        units.enrol(id, square=square)
        console.live.states[id] = UnitState(Unit(id, "", square, ""), online=True)
        messages = [
            *(seconds(n, START + 10 * n, [690] * 10) for n in range(1, 60)),
            stage(60, START + 300, "red", "green", 692),
            event(61, START + 303, "warning", stage="polite", message="polite_zh", number=1),
            stage(62, START + 500, "green", "red", 600),
        ]
        reports = [read_report(f"dev.{id}.record", message) for message in messages]
        store.append(START, [one for one in reports if isinstance(one, Record)])
    store.close()
    known = units.all()
    console.incidents.know({unit.id: square_of(unit) for unit in known})
    console.incidents.turn()
    console.around.complaints.add(
        [
            Complaint(0, EAST, START + 400, "12345", side=EVIL, text="吵"),
            Complaint(0, PEACE, START + 420, "110", text="很吵"),
        ]
    )
    console.around.permits.add_group(Group(0, EAST, EVIL[:40], "王"))
    console.around.facts.refresh()
    yield console
    console.around.close()


def test_each_way_answers_with_its_count_its_coverage_and_its_evidence(console: Console):
    officer = logged_in(console, "officer")
    for way in WAYS:
        page = officer.get(f"/toolbox/{way}?lang=zh")
        assert page.status_code == 200
        if way != "compare":
            assert "的时间有有效数据" in page.text
    sifted = officer.get("/toolbox/sieve?subject=complaints&lang=zh").text
    assert "2 个投诉" in sifted
    assert re.search(r'href="/squares/[^"]+\?day=20', sifted)
    assert "<script>alert" not in sifted
    incidents = officer.get("/toolbox/sieve?subject=incidents&lang=zh").text
    assert re.search(r'<a href="/incidents/\d+">', incidents)
    for role in ("viewer", "leader", "operator"):
        assert logged_in(console, role).get("/toolbox/sieve").status_code == 403


@pytest.mark.parametrize("way", WAYS)
def test_an_account_of_some_squares_learns_nothing_of_the_others(console: Console, way: str):
    mine = logged_in(console, "property", {PEACE})
    side = "a_" if way == "compare" else ""
    for asked in ("", f"?{side}square={EAST}&subject=complaints"):
        page = mine.get(f"/toolbox/{way}{asked}")
        assert page.status_code == 200
        assert EAST not in page.text.replace(f'value="{EAST}"', "")
        assert EVIL[:9] not in page.text
    found = mine.get(f"/toolbox/{way}/answer.csv?subject=complaints&a_thing=complaint")
    assert EAST not in found.text
    if way == "sieve":
        assert PEACE in found.text


def test_a_file_holds_figures_and_no_formula(console: Console):
    officer = logged_in(console, "officer")
    text = officer.get("/toolbox/sieve/answer.csv?subject=complaints&lang=zh").text
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0][:4] == ["时间", "广场", "来源", "方位"]
    by_square = {row[1]: row for row in rows[1:]}
    assert by_square[EAST][3] == f"'{EVIL}"
    assert by_square[PEACE][2] == "110"
    body = officer.get("/toolbox/sieve/answer.xlsx?subject=complaints&lang=zh").content
    sheet = load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert officer.get("/toolbox/nothing/answer.csv").status_code == 404


NO_QUESTIONS = (
    "sieve?subject=incidents%3B+DROP+TABLE+hours",
    "sieve?louder=1+OR+1",
    "sieve?kind=noise'--",
    "sieve?group=1+OR+1=1",
    "sieve?first=yesterday",
    "sieve?first=2026-11-02&last=2026-11-01",
    "associate?a_thing=pg_class",
    "associate?a_thing=complaint&a_by=stage:firm",
    "collide?a_thing=playing&a_by=group:0x1",
    "compare?measure=sum(1)",
    "classify?how=alike&kinds=1",
)


def test_what_is_no_question_is_refused_in_one_sentence(console: Console):
    officer = logged_in(console, "officer")
    for asked in NO_QUESTIONS:
        page = officer.get(f"/toolbox/{asked}")
        assert page.status_code == 422, asked
        assert page.text.count('class="fault"') == 1, asked


def test_a_saved_question_is_shared_among_those_who_may_see_its_squares(console: Console):
    officer, mine = logged_in(console, "officer"), logged_in(console, "property", {PEACE})
    form = {"way": "sieve", "name": "东门的投诉", "asked": f"subject=complaints&square={EAST}"}
    kept = officer.post("/toolbox/saved", data=form)
    assert kept.status_code == 303
    assert "1 个投诉" in officer.get(kept.headers["location"]).text
    assert "东门的投诉" in logged_in(console, "admin").get("/toolbox").text
    assert "东门的投诉" not in mine.get("/toolbox").text
    assert officer.post("/toolbox/saved", data={**form, "asked": "louder=x"}).status_code == 422
    (saved,) = console.around.saved.all()
    assert mine.post(f"/toolbox/saved/{saved.id}/delete").status_code == 403
    assert officer.post(f"/toolbox/saved/{saved.id}/delete").status_code == 303
    assert console.around.saved.all() == []
    done = [entry.what for entry in console.people.log.entries("", "", "", 0, 20)]
    assert [one for one in done if one != "login"][:2] == ["toolbox_deleted", "toolbox_saved"]


def test_a_stations_table_is_taken_and_one_that_is_none_refused(console: Console):
    admin = logged_in(console, "admin")
    table = {"table": ("站.csv", "时间,风速\n2026-11-23 19:00,2\n".encode(), "text/csv")}
    assert admin.post("/toolbox/weather", files=table).status_code == 200
    assert len(console.around.weather.between(0, 1 << 40)) == 1
    none = {"table": ("x.csv", b"a,b\n1,2\n", "text/csv")}
    refused = admin.post("/toolbox/weather", files=none)
    assert refused.status_code == 422 and 'class="fault"' in refused.text
    other = logged_in(console, "admin", {PEACE})
    assert other.post("/toolbox/weather", files=table).status_code == 403
