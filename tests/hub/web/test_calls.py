"""Who is called: shown in words, changed by a form, refused in a sentence."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from console import Console
from evening import ALL
from fastapi.testclient import TestClient
from logged_in import log_in

from noisetamer.hub.incidents.plan import SHIPPED, read
from noisetamer.hub.registry import Unit
from noisetamer.hub.web import call_form

SQUARE = "东门广场"


@pytest.fixture
def console(tmp_path: Path) -> Console:
    found = Console(tmp_path)
    found.live.load([Unit("SIM-0001", "", SQUARE, "")], found.queries)
    sources = found.incidents._cases._sources
    sources.setting = lambda square: found.squares.setting(square, "escalation")
    sources.directory = lambda: ALL
    return found


@pytest.fixture
def client(console: Console) -> Iterator[TestClient]:
    with TestClient(console.app, cookies={"session": console.secret}) as client:
        client.headers["X-CSRF"] = csrf(console.secret)
        yield client


def csrf(secret: str) -> str:
    from noisetamer.hub.people.secrets_kept import csrf_of

    return csrf_of(secret)


def fields(body: dict[str, Any]) -> dict[str, list[str]]:
    """What a browser would send of the form for this body, left as it is."""
    form = call_form.filled(body)
    found: dict[str, list[str]] = {"begins": [form.begins]}
    for n, row in enumerate(form.steps):
        found |= {
            f"name_{n}": [row.name],
            f"who_{n}": [role for role in call_form.MEANT if role in row.who],
            f"people_{n}": [row.people],
            f"after_{n}": [row.after],
            f"follow_ups_{n}": [row.follow_ups],
            f"every_{n}": [row.every],
            f"kinds_{n}": sorted(row.kinds),
            f"channels_{n}": [row.channels],
            f"wakes_{n}": ["true"] if row.wakes else [],
            f"days_{n}": [row.days],
            f"own_days_{n}": [row.own_days],
            f"since_{n}": [row.since],
            f"until_{n}": [row.until],
        }
    for n, row in enumerate(form.shifts):
        found |= {
            f"shift_people_{n}": [row.people],
            f"shift_days_{n}": [row.days],
            f"shift_own_days_{n}": [row.own_days],
            f"shift_since_{n}": [row.since],
            f"shift_until_{n}": [row.until],
        }
    found |= {key: [value] for key, value in form.general.items()}
    return found | {"holidays": [form.holidays], "workdays": [form.workdays]}


RICH: dict[str, Any] = {
    "begins": "red",
    "calm": 10,
    "repeat": 0,
    "holidays": ["2027-01-01", "2027-02-06"],
    "workdays": ["2027-02-14"],
    "step": [
        {"name": "队长", "who": ["leader", "li"], "days": ["mon", "wed"], "channels": ["ntfy"]},
        {"who": ["property", "on-call"], "after": 90, "follow_ups": 2, "every": 60},
        {"name": "faults", "who": ["zhou"], "kinds": ["silent", "microphone", "undelivered"]},
    ],
    "on_call": [
        {"who": ["wang"], "days": ["sat", "sun", "holiday"], "from": "18:00", "to": "08:00"}
    ],
}


@pytest.mark.parametrize("body", [dict(SHIPPED), RICH])
def test_a_form_that_is_sent_as_it_is_means_the_same_plan(body: dict[str, Any]):
    before, after = read(body), read(call_form.body(fields(body)))
    assert sorted(after.steps, key=lambda step: step.name) == sorted(
        before.steps, key=lambda step: step.name
    )
    assert (after.on_call, after.calm, after.repeat, after.begins, after.holidays) == (
        before.on_call,
        before.calm,
        before.repeat,
        before.begins,
        before.holidays,
    )


def test_the_shipped_plan_is_told_with_whom_it_would_reach(client: httpx.Client):
    assert "li、chen" in client.get("/calls").text.replace("wang、", "")
    page = client.get(f"/calls/{SQUARE}", params={"lang": "en"}).text
    assert "after 1 min without an answer" in page
    assert "Calls now: chen" in page
    assert "There is nobody like that" in page  # of those on call


@pytest.mark.parametrize(("language", "word"), [("zh", "物业"), ("en", "property manager")])
def test_the_form_names_the_shipped_steps_in_words_and_keeps_their_names(
    client: httpx.Client, console: Console, language: str, word: str
):
    page = client.get(f"/calls/{SQUARE}", params={"lang": language}).text
    assert f'name="name_1" value="{word}"' in page
    given = fields(dict(SHIPPED)) | {"name_1": [word], "name_2": ["老李"]}
    told = client.post(f"/calls/{SQUARE}?lang={language}", data=given, follow_redirects=False)
    assert told.status_code == 303
    names = {step.name for step in console.incidents.plan(SQUARE).steps}
    assert {"property", "老李"} < names and word not in names


def test_a_changed_plan_holds_from_then_on_and_is_in_the_audit_log(
    client: httpx.Client, console: Console
):
    given = fields(dict(SHIPPED)) | {"after_1": ["2.5"], "follow_ups_1": ["3"]}
    assert client.post(f"/calls/{SQUARE}", data=given, follow_redirects=False).status_code == 303
    plan = console.incidents.plan(SQUARE)
    assert (plan.steps[2].name, plan.steps[2].after, plan.steps[2].follow_ups) == (
        "property",
        150,
        3,
    )
    assert [one.version for one in console.squares.history(SQUARE, "escalation")] == [1]
    (entry,) = console.people.log.entries(what="escalation")
    assert entry.target == SQUARE
    client.post(f"/calls/{SQUARE}", data={"shipped": "true"})
    assert console.incidents.plan(SQUARE) == read(SHIPPED)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("after_1", "soon", "step[2].after: must be a number of s"),
        ("since_0", "25:00", "step[1].from: &#34;25:00&#34; is no time of day"),
        ("holidays", "next week", "holidays: &#34;next&#34; is no date"),
        ("people_0", "x" * 65, "step[1].who: must be a list of people"),
        ("begins", "<script>", "begins: &#34;&lt;script&gt;&#34; is unknown"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client: httpx.Client, console: Console, field: str, value: str, sentence: str
):
    answer = client.post(f"/calls/{SQUARE}", data=fields(dict(SHIPPED)) | {field: [value]})
    assert answer.status_code == 422
    assert f"escalation: {sentence}" in answer.text
    assert console.squares.setting(SQUARE, "escalation") is None


def test_who_may_not_change_it_sees_no_form(console: Console):
    with TestClient(console.app, cookies={"session": log_in(console.people, "officer")}) as other:
        page = other.get(f"/calls/{SQUARE}")
        assert page.status_code == 200
        assert "<form" not in page.text
        assert other.get("/calls/没有的广场").status_code == 404
    with TestClient(console.app, cookies={"session": log_in(console.people, "viewer")}) as other:
        assert other.get(f"/calls/{SQUARE}").status_code == 403
