"""A group applies with a phone, an officer decides by one thumb, and the phone has the permit."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from console import Console
from in_process import InProcess, browser, logged_in

from noisetamer.hub.live import UnitState
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.registry import Unit
from noisetamer.hub.web.apply import MOST_OF_AN_ADDRESS
from noisetamer.proof import permit_document

EAST = "东门广场"
FORM = {
    "group": "东门舞队",
    "leader": "王阿姨",
    "place": "北侧",
    "since": "19:00",
    "until": "20:30",
    "days": ["mon", "fri"],
    "first": "2027-01-16",
    "last": "2027-03-31",
    "loudspeaker": "拉杆音箱",
}
POLICY = """# what was agreed
version = 1
area = {class = "2"}

[[quiet]]
name = "高考"
from = "2027-02-01"
to = "2027-02-07"

[[venue]] # the market
name = "market"
from = "08:00"
to = "11:00"
limit = 70
"""


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path)
    made.live.states["SIM-0001"] = UnitState(Unit("SIM-0001", "", EAST, ""))
    yield made
    made.around.close()


def told(console: Console, topic: str) -> list[dict]:
    """What a phone would have that comes for its messages now."""
    answer = browser(console).get(f"/{topic}/json", params={"poll": 1, "since": "all"})
    found = [json.loads(line) for line in answer.text.splitlines()]
    return [one for one in found if one["event"] == "message"]


def deliver(console: Console) -> None:
    """One look of whoever tells phones; a phone comes for it later."""
    for channel in set(console.permit_news._channels.values()):
        if hasattr(channel, "_patience"):
            channel._patience = 0.0  # type: ignore[attr-defined]

    async def told_all() -> None:
        await console.permit_news.look()
        await console.permit_news.idle()

    asyncio.run(told_all())


def applied(console: Console, **other: object) -> str:
    """Where her own page is, after an application that was sent."""
    answer = browser(console).post(f"/apply/{EAST}", data={**FORM, **other, "act": "send"})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def decided(console: Console, client: InProcess, id: int, **form: object) -> int:
    return client.post(f"/permits/{id}", data=form).status_code


def test_from_the_application_to_the_document_on_the_phone(console: Console) -> None:
    officer = console.people.accounts.add("li", "officer", HUB, squares=[EAST])
    rings = console.people.contacts.add(officer.id, "ntfy", HUB).address
    stranger = browser(console)
    assert "东门广场" in stranger.get(f"/apply/{EAST}").text
    looked = stranger.post(f"/apply/{EAST}", data=FORM)
    assert looked.status_code == 200 and "没有发现冲突" in looked.text
    assert console.around.permits.permits() == []
    own = applied(console)
    topic, _ = console.around.permits.reach(1)
    deliver(console)
    # the officer's phone has it, and one thumb approves it without a login
    (asked,) = told(console, rings)
    assert asked["title"] == "东门舞队：申请活动许可"
    assert [act["action"] for act in asked["actions"]] == ["view"]
    link = asked["click"].removeprefix("http://hub")
    assert "东门舞队" in stranger.get(link).text
    assert stranger.post(link, data={"act": "approve"}).status_code == 303
    deliver(console)
    # hers has the permit
    (granted,) = told(console, topic)
    assert granted["title"] == "东门舞队：许可已批准"
    assert granted["attachment"]["url"].endswith("/1.pdf")
    page = stranger.get(granted["click"].removeprefix("http://hub"))
    assert "已批准" in page.text and "<svg" in page.text
    assert stranger.get(own).status_code == 200
    # which proves itself
    (document,) = console.around.permits.documents(1)
    read = permit_document.read(document.jws)
    permit_document.signed_by(read, [console.around.permit_signer.public])
    assert read.claims["group"] == "东门舞队"
    # and she is called from now on
    person = console.people.accounts.named("leader-1")
    assert person and (person.account.role, person.account.display) == ("leader", "王阿姨")
    assert [one.address for one in console.people.contacts.of(person.account.id)] == [topic]
    audit = [entry.what for entry in console.people.log.entries()]
    assert {"permit_applied", "permit_approved"} <= set(audit)


def test_a_leader_who_is_logged_in_finds_hers_and_applies_with_her_account(
    console: Console,
) -> None:
    leader = logged_in(console, "leader", [EAST])
    assert leader.get("/my-permit").status_code == 404
    assert "/my-permit" in leader.get("/me").text
    for _ in range(2):
        answer = leader.post(f"/apply/{EAST}", data={**FORM, "act": "send"})
        assert answer.status_code == 303
    (group,) = console.around.permits.groups()
    assert group.contact == f"a leader {EAST}"
    own = leader.get("/my-permit").headers["location"]
    assert browser(console).get(own).text.count("待批") == 2
    officer = logged_in(console, "officer", [EAST])
    assert decided(console, officer, 1, act="approve") == 303
    assert console.people.accounts.named("leader-1") is None


def test_the_pdf_is_one(console: Console) -> None:
    own = applied(console)
    officer = logged_in(console, "officer", [EAST])
    assert browser(console).get(f"{own}/1.pdf").status_code == 404
    assert decided(console, officer, 1, act="approve") == 303
    for answer in (browser(console).get(f"{own}/1.pdf"), officer.get("/permits/1/paper")):
        assert answer.content.startswith(b"%PDF") and len(answer.content) > 10_000


def test_conflicts_are_shown_before_it_is_sent(console: Console) -> None:
    console.squares.put(EAST, "policy", {"text": POLICY}, "li", 1.0)
    applied(console)
    logged = logged_in(console, "officer", [EAST])
    assert decided(console, logged, 1, act="approve") == 303
    same = browser(console).post(f"/apply/{EAST}", data={**FORM, "group": "太极队"}).text
    assert "同一位置、同一时间已有 东门舞队 的许可，最早在 2027-01-18 19:00" in same
    assert "高考 期间要保持安静：共 2 天，自 2027-02-01 19:00 起" in same
    elsewhere = {**FORM, "group": "太极队", "place": "南侧", "since": "20:00", "until": "21:00"}
    near = browser(console).post(f"/apply/{EAST}", data=elsewhere).text
    assert "东门舞队 同一时间在本广场另一处活动" in near
    later = {**FORM, "group": "太极队", "since": "20:30", "until": "21:00"}
    assert "同一位置" not in browser(console).post(f"/apply/{EAST}", data=later).text


def test_an_approval_prepares_the_policy_and_sends_nothing(console: Console) -> None:
    console.squares.put(EAST, "policy", {"text": POLICY, "hash": "", "name": ""}, "li", 1.0)
    console.now = 1_800_230_400.0  # 2027-01-18
    applied(console)
    admin = logged_in(console)
    assert decided(console, admin, 1, act="approve") == 303
    page = admin.get(f"/policy/{quote(EAST)}?permits=1").text
    assert "东门舞队 #1" in page and "# the market" in page and "先列者优先" in page
    assert len(console.squares.history(EAST, "policy")) == 1
    assert "东门舞队 #1" not in admin.get(f"/policy/{quote(EAST)}").text


def test_amended_and_revoked_documents_stay_and_count_no_more(console: Console) -> None:
    own = applied(console)
    officer = logged_in(console, "officer", [EAST])
    assert decided(console, officer, 1, act="approve") == 303
    terms = {**{k: v for k, v in FORM.items() if k not in ("group", "leader", "loudspeaker")}}
    terms |= {"until": "20:00", "limit": "60"}
    assert decided(console, officer, 1, act="approve", **terms) == 422  # no reason
    assert decided(console, officer, 1, act="approve", reason="考试临近", **terms) == 303
    assert decided(console, officer, 1, act="revoke", reason="多次超限") == 303
    assert decided(console, officer, 1, act="approve") == 422
    rows = console.around.permits.documents(1)
    assert [(one.what, one.number) for one in rows] == [
        *(("issued", "1.1"), ("replaced", "1.1"), ("issued", "1.2"), ("revoked", "1.2")),
    ]
    answer = browser(console).get("/permit/revocations").text
    listed = permit_document.read(answer)
    assert [entry[::2] for entry in listed.claims["revoked"]] == [
        *(["1.1", "replaced"], ["1.2", "revoked"]),
    ]
    page = officer.get("/permits/1").text
    assert unquote(page).count("/permit#") == 2
    assert "多次超限" in browser(console).get(own).text


def test_a_refusal_has_a_reason_and_reaches_her(console: Console) -> None:
    own = applied(console)
    officer = logged_in(console, "property", [EAST])
    assert decided(console, officer, 1, act="refuse") == 422
    assert decided(console, officer, 1, act="refuse", reason="太晚") == 303
    deliver(console)
    (refused,) = told(console, console.around.permits.reach(1)[0])
    assert refused["title"] == "东门舞队：申请未批准"
    assert "太晚" in refused["message"] and "attachment" not in refused
    assert "太晚" in browser(console).get(own).text


def test_of_officers_who_decide_at_once_one_does(console: Console) -> None:
    applied(console)
    officers = [logged_in(console, "officer", [EAST]) for _ in range(4)]
    acts = ("refuse", "approve") * 2
    with ThreadPoolExecutor(4) as at_once:
        answers = at_once.map(
            lambda each: decided(console, each[0], 1, act=each[1], reason="好"),
            zip(officers, acts, strict=True),
        )
        assert sorted(answers) == [303, 422, 422, 422]
    # who was refused has no account for the square
    approved = console.around.permits.permit(1).state == "approved"
    assert (console.people.accounts.named("leader-1") is not None) == approved


def test_a_flood_is_one_address_long(console: Console) -> None:
    for _ in range(MOST_OF_AN_ADDRESS):
        applied(console)
    answer = browser(console).post(f"/apply/{EAST}", data={**FORM, "act": "send"})
    assert answer.status_code == 429
    other = browser(console, address="192.0.2.8")
    assert other.post(f"/apply/{EAST}", data={**FORM, "act": "send"}).status_code == 303


def test_what_cannot_be_is_said_and_nothing_that_was_written_is_lost(console: Console) -> None:
    for wrong in ({"since": "7pm"}, {"first": "soon"}, {"until": "19:00"}, {"group": " "}):
        answer = browser(console).post(f"/apply/{EAST}", data={**FORM, **wrong, "act": "send"})
        assert answer.status_code == 422 and "拉杆音箱" in answer.text, wrong
    applied(console)
    officer = logged_in(console, "officer", [EAST])
    assert decided(console, officer, 1, **{**FORM, "act": "approve", "last": "9999-12-31"}) == 422
    for of_none in ("", "/paper"):
        assert officer.get(f"/permits/{2**63}{of_none}").status_code == 422
    assert "<svg" in officer.get(f"/permits/apply-code/{quote(EAST)}").text
    assert f"/apply/{quote(EAST)}" in re.sub(r'href="[^"]*"', "", officer.get("/permits").text)
    hostile = {**FORM, "group": "<script>x</script>"}
    assert "<script>x" not in browser(console).post(f"/apply/{EAST}", data=hostile).text


def test_a_leader_is_deleted_as_she_asks_and_hashes_stay(console: Console) -> None:
    own = applied(console)
    officer = logged_in(console, "officer", [EAST])
    assert decided(console, officer, 1, act="approve") == 303
    (document,) = console.around.permits.documents(1)
    assert browser(console).post(f"{own}/forget").status_code == 200
    assert browser(console).get(own).status_code == 410
    (after,) = console.around.permits.documents(1)
    assert (after.jws, after.sha256) == ("", document.sha256)
    person = console.people.accounts.named("leader-1")
    assert person and person.disabled and person.account.display == "leader-1"
    folder = console.around.data
    for file in folder.glob("*.sqlite*"):
        if file.name.startswith(("people", "permits")) and file.suffix == ".sqlite":
            assert _nowhere(file, "王阿姨"), file


def _nowhere(file: Path, word: str) -> bool:
    with closing(sqlite3.connect(file)) as rows:
        return not any(word in line for line in rows.iterdump())


def test_links_are_for_what_they_were_sent_for(console: Console) -> None:
    own = applied(console)
    token = own.rpartition("/")[2]
    assert browser(console).get(f"/permits/by/{token}").status_code == 403
    assert (
        browser(console).post(f"/permits/by/{token}", data={"act": "approve"}).status_code == 403
    )
    viewer = console.people.accounts.add("v", "viewer", HUB)
    link = console.phones.permit_links.to_decide(viewer.id, 1, console.now)
    assert browser(console).get(f"/permits/by/{link}").status_code == 403
    console.now += 500 * 86_400
    assert browser(console).get(own).status_code == 410
