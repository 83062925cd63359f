"""Districts on their page, and a district's admin on the pages that are the city's too."""

import re
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from console import Console
from in_process import InProcess, browser, logged_in
from logged_in import log_in
from permits_of_tests import EAST as GROUP
from permits_of_tests import EVENING
from PIL import Image

from noisetamer.hub.live import UnitState
from noisetamer.hub.orders.speech import Message
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.secrets_kept import csrf_of
from noisetamer.hub.registry import Unit
from noisetamer.proof import permit_document

EAST, WEST = "东门广场", "西门广场"
ZH = {"Accept-Language": "zh"}


@pytest.fixture
def console(tmp_path: Path) -> Console:
    """A city of two squares, without a district yet."""
    made = Console(tmp_path)
    for id, square in (("NT-1", EAST), ("NT-2", WEST)):
        made.live.states[id] = UnitState(Unit(id, "", square, ""), online=True)
    return made


def of_district(console: Console, role: str, district: int) -> InProcess:
    name = f"{role} of {district}"
    if console.people.accounts.named(name) is None:
        console.people.accounts.add(name, role, HUB, district=district)
    secret = log_in(console.people, name=name)
    client = browser(console, secret)
    client.headers.update({"X-CSRF": csrf_of(secret), **ZH})
    return client


def two(console: Console) -> tuple[int, int]:
    ids = [console.people.districts.make(name, HUB).id for name in ("东区", "西区")]
    for id, square in zip(ids, (EAST, WEST), strict=True):
        console.people.districts.put(id, [square], HUB)
    return ids[0], ids[1]


def test_the_city_makes_districts_and_puts_squares_into_them(console: Console):
    city = logged_in(console)
    city.headers.update(ZH)
    assert city.post("/districts", data={"name": "东区"}).status_code == 303
    assert city.post("/districts", data={"name": "西区"}).status_code == 303
    taken = city.post("/districts", data={"name": " 东区"})
    assert taken.status_code == 422 and "已经有一个叫这个名字的城区。" in taken.text
    assert city.post("/districts/1/squares", data={"squares": [EAST, WEST]}).status_code == 303
    assert city.post("/districts/2/squares", data={"squares": [WEST]}).status_code == 303
    assert city.post("/districts/2/squares", data={"squares": ["nowhere"]}).status_code == 404
    assert city.post("/districts/9", data={"name": "x"}).status_code == 404
    assert city.post("/districts/2", data={"name": "新西区"}).status_code == 303
    assert [(one.name, one.squares) for one in console.people.districts.all()] == [
        ("东区", {EAST}),
        ("新西区", {WEST}),
    ]
    page = city.get("/districts?of=1").text
    assert "现在属于新西区" in page and 'href="/districts"' in city.get("/people").text
    audit = city.get("/audit?what=district_square").text
    assert "改变了广场所属的城区" in audit and "城区: 东区" in audit


def test_a_districts_admin_invites_into_the_own_district_whatever_is_sent(console: Console):
    one, other = two(console)
    admin = of_district(console, "admin", one)
    invited = {"name": "mei", "role": "admin", "everywhere": "yes", "district": str(other)}
    assert admin.post("/people", data=invited).status_code == 200
    person = console.people.accounts.named("mei")
    assert person and person.account.district and person.account.district.id == one
    outside = admin.post("/people", data={"name": "x", "role": "viewer", "squares": [WEST]})
    assert outside.status_code == 422 and "有一个广场不属于这个城区。" in outside.text
    assert WEST not in outside.text and "西区" not in outside.text
    # out of the district he puts nobody, and takes nobody into it
    place = {"role": "officer", "everywhere": "yes", "district": ""}
    assert admin.post(f"/people/{person.account.id}", data=place).status_code == 303
    person = console.people.accounts.named("mei")
    assert person and person.account.district and person.account.role == "officer"
    assert admin.post(f"/people/{person.account.id}/disable", data={"disabled": "true"})
    of_district(console, "viewer", other)
    strange = console.people.accounts.named(f"viewer of {other}")
    city = console.people.accounts.named("a admin")
    assert strange and city
    for id in (strange.account.id, city.account.id, 999):
        assert admin.get(f"/people/{id}").status_code == 404
        assert admin.post(f"/people/{id}", data=place).status_code == 404
        assert admin.post(f"/people/{id}/link").status_code == 404
    assert console.people.accounts.named(f"viewer of {other}") == strange


def test_the_city_moves_people_between_districts(console: Console):
    one, other = two(console)
    city = logged_in(console)
    of_district(console, "viewer", one)
    person = console.people.accounts.named(f"viewer of {one}")
    assert person
    page = city.get(f"/people/{person.account.id}").text
    assert f'<option value="{one}" selected>东区</option>' in page
    place = {"role": "viewer", "everywhere": "yes", "district": str(other)}
    assert city.post(f"/people/{person.account.id}", data=place).status_code == 303
    moved = console.people.accounts.named(f"viewer of {one}")
    assert moved and moved.account.squares == {WEST}


def test_a_permit_is_signed_by_the_key_of_its_square_s_district(console: Console):
    one, _ = two(console)
    permits, signer = console.around.permits, console.around.permit_signer
    ids = {}
    for square in (EAST, WEST, "城里的广场"):
        group = GROUP.__class__(0, square, "舞队", "王阿姨", "", "")
        asked = EVENING.__class__(**{**vars(EVENING), "square": square})
        ids[square] = permits.apply(asked, group).id
    officer = of_district(console, "officer", one)
    console.now = 1_795_000_000.0
    answer = officer.post(f"/permits/{ids[EAST]}", data={"act": "approve"})
    assert answer.status_code == 303, answer.text
    for square in (WEST, "城里的广场"):
        permits.decide(ids[square], "approved", "city", at=console.now)
    kids = [permit_document.read(permits.documents(id)[0].jws).kid for id in ids.values()]
    assert len(set(kids)) == 3 and kids[2] == permit_document.kid(signer.public)
    assert {permit_document.kid(key) for key in signer.publics()} == set(kids)
    # the leader's account that came of it is the district's
    made = console.people.accounts.named(f"leader-{permits.permit(ids[EAST]).group}")
    assert made and made.account.district and made.account.district.id == one
    # each list has what its key signed
    permits.decide(ids[EAST], "revoked", "city", "x", at=console.now)
    permits.decide(ids[WEST], "revoked", "city", "x", at=console.now)
    nobody = browser(console)
    for kid, gone in zip(kids, ([f"{ids[EAST]}.1"], [f"{ids[WEST]}.1"], []), strict=True):
        told = permit_document.read(nobody.get(f"/permit/revocations?key={kid}").text)
        assert (told.kid, [one[0] for one in told.claims["revoked"]]) == (kid, gone)
        assert nobody.get(f"/permit/key?key={kid}").text.startswith("-----BEGIN PUBLIC KEY")
    assert nobody.get("/permit/key?key=00000000").status_code == 404
    given = nobody.get("/permit").text
    assert all(key.hex() in given for key in signer.publics())


def test_messages_of_a_district_are_its_own_beside_the_city_s(console: Console):
    one, other = two(console)
    voices = console.app.state.context.voices
    for which, name in ((voices, "of_city"), (voices.of_district(one), "of_east")):
        which.add(name, Message(b"RIFF", 1.0, -20.0, name, ""), "en")
    names = [
        {message.name for message in each.own()}
        for each in (voices, voices.of_district(one), voices.of_district(other))
    ]
    assert names == [{"of_city"}, {"of_city", "of_east"}, {"of_city"}]
    page = of_district(console, "operator", other).get(f"/policy/{quote(WEST)}").text
    assert "of_city" in page and "of_east" not in page
    # by that name a policy of another district finds nothing to say
    looked = of_district(console, "operator", other).post(
        f"/policy/{quote(WEST)}/look",
        json={"text": '[polite]\nmessage = "of_east"\n', "values": {}},
    )
    assert looked.json()["faults"]


def test_a_district_s_picture_of_the_town_is_its_own(console: Console):
    one, other = two(console)
    dots = BytesIO()
    Image.new("RGB", (9, 9)).save(dots, "PNG")
    city, east, west = (
        logged_in(console),
        of_district(console, "operator", one),
        of_district(console, "operator", other),
    )
    assert city.post("/plans/", files={"picture": ("x.png", dots.getvalue())}).status_code == 303
    assert (city.get("/plans/").status_code, east.get("/plans/").status_code) == (200, 404)
    assert east.post("/plans/", files={"picture": ("x.png", dots.getvalue())}).status_code == 303
    assert (east.get("/plans/").status_code, west.get("/plans/").status_code) == (200, 404)
    places = {"places": {EAST: [0.1, 0.2], WEST: [0.3, 0.4]}}
    assert east.post("/layouts/", json=places).status_code == 200
    assert console.squares.setting("", "layout") is None
    kept = console.squares.setting(f"\ndistrict {one}", "layout")
    assert kept and list(kept["places"]) == [EAST]


def test_how_a_desk_s_files_are_read_in_a_district_is_no_other_s(console: Console):
    one, other = two(console)
    east, west = of_district(console, "officer", one), of_district(console, "officer", other)
    table = "编号,时间,地点,内容\n1,2026-11-23 20:00,湖边,太吵\n".encode()

    def sent(client: InProcess) -> str:
        return client.post("/complaints/import", files={"file": ("110.csv", table)}).text

    id = re.findall(r"/complaints/import/([\w-]+)", sent(east))[0]
    means = {"time": "时间", "place": "地点", "number": "编号", "text": "内容", "do": "keep"}
    own = {"words": f"{EAST} = 湖边、石凳子", "about": "太吵, 只听东边"}
    kept = east.post(f"/complaints/import/{id}", data=means | own)
    assert kept.status_code == 200, kept.text
    again, elsewhere = sent(east), sent(west)
    for word in ("石凳子", "只听东边"):
        assert word in again and word not in elsewhere
    # and what another district has under that number keeps out nothing
    id = re.findall(r"/complaints/import/([\w-]+)", elsewhere)[0]
    means |= {"words": f"{WEST} = 湖边"}
    for _ in range(2):
        assert west.post(f"/complaints/import/{id}", data=means).status_code in (200, 404)
        id = re.findall(r"/complaints/import/([\w-]+)", sent(west))[0]
    assert [len(console.around.complaints.between(0, 1 << 40, one)) for one in (EAST, WEST)] == [
        1,
        1,
    ]
