"""Who may ask what: every route of the console by every role, and what stands before them all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from console import Console
from in_process import InProcess, browser, logged_in, routes
from logged_in import log_in
from PIL import Image
from starlette.types import Message, Receive, Scope, Send

from noisetamer.base.errors import UserError
from noisetamer.hub.live import UnitState
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.people import People
from noisetamer.hub.people.roles import ROLES
from noisetamer.hub.people.secrets_kept import csrf_of
from noisetamer.hub.registry import Unit
from noisetamer.hub.web import guard
from noisetamer.hub.web.allowed import permissions_of

ANYONE = "-"
# {route: the permission it asks for}. A route of a place, with {square} or {id}, answers an
# account of another square as if it were not there, or not at all.
ROUTES = {
    # a stranger's
    "GET /login": ANYONE,
    "POST /login": ANYONE,
    "POST /login/code": ANYONE,
    "GET /welcome/{secret}": ANYONE,
    "POST /welcome/{secret}": ANYONE,
    "GET /health": ANYONE,
    "GET /trust": ANYONE,
    "GET /trust/noisetamer.crt": ANYONE,
    "GET /verify": ANYONE,
    "GET /verify/saved": ANYONE,
    "GET /verify/verify_evidence.py": ANYONE,
    # entries have a kind, a time and a hash
    "GET /log/checkpoint": ANYONE,
    "GET /log/key": ANYONE,
    "GET /log/tile/{path:path}": ANYONE,
    # of ntfy's app, which knows the topic
    "GET /v1/health": ANYONE,
    "GET /{topics:ntfy}/auth": ANYONE,
    "GET /{topics:ntfy}/{form}": ANYONE,
    "POST /{topics:ntfy}": ANYONE,
    "PUT /{topics:ntfy}": ANYONE,
    "POST /{topics:ntfy}/{rest:path}": ANYONE,
    "PUT /{topics:ntfy}/{rest:path}": ANYONE,
    # of whoever holds a signed link; of a program that knows the token, or may see the fleet
    "GET /a/{token}": ANYONE,
    "POST /a/{token}": ANYONE,
    "POST /a/{token}/say": ANYONE,
    "GET /a/{token}/pictures/{id}.jpg": ANYONE,
    "GET /metrics": ANYONE,
    "GET /metrics/levels": ANYONE,
    # of everybody, where a square's manager has turned it on
    "GET /s/{code}": ANYONE,
    "GET /s/{code}/advice": ANYONE,
    "POST /s/{code}/loud": ANYONE,
    # of a group that applies, of whoever verifies a permit
    "GET /apply/{square:path}": ANYONE,
    "POST /apply/{square:path}": ANYONE,
    "GET /my-permit/{token}": ANYONE,
    "GET /my-permit/{token}/key": ANYONE,
    "GET /my-permit/{token}/{id}.pdf": ANYONE,
    "POST /my-permit/{token}/subscribe": ANYONE,
    "POST /my-permit/{token}/forget": ANYONE,
    "GET /permits/by/{token}": ANYONE,
    "POST /permits/by/{token}": ANYONE,
    "GET /permit": ANYONE,
    "GET /permit/saved": ANYONE,
    "GET /permit/revocations": ANYONE,
    "GET /permit/key": ANYONE,
    "GET /my-permit": "see",
    "GET /permits": "permits",
    "GET /permits/apply-code/{square:path}": "permits",
    "GET /permits/{id}": "permits",
    "GET /permits/{id}/paper": "permits",
    "POST /permits/{id}": "permits",
    "POST /permits/{id}/forget": "permits",
    "GET /public": "public",
    "GET /public/{square:path}": "public",
    "POST /public/{square:path}": "public",
    "GET /public/{square:path}/sign.pdf": "public",
    "GET /complaints": "complaints",
    "GET /complaints/of/{square:path}": "complaints",
    "POST /complaints/forget/{id}": "complaints",
    "POST /complaints/import": "complaints",
    "POST /complaints/import/{id}": "complaints",
    # of another hub, whose log's signature is its word
    "POST /add-checkpoint": ANYONE,
    # of a browser that is called
    "GET /service-worker.js": ANYONE,
    "GET /push/key": "see",
    "POST /push/subscribe": "see",
    # of whoever is on duty
    "GET /duty": "acknowledge",
    "GET /duty/events": "acknowledge",
    "POST /duty/start": "acknowledge",
    "POST /duty/end": "acknowledge",
    "POST /duty/acknowledge": "acknowledge",
    # a guard's round; the screen of a point has its key in the link
    "GET /patrol": "patrol",
    "GET /patrol/{point:int}": "patrol",
    "GET /patrol/mine": "patrol",
    "POST /patrol/check-ins": "patrol",
    "GET /patrol/code/{point:int}": ANYONE,
    "GET /patrol/time": ANYONE,
    # who came by where
    "GET /patrols": "patrol",
    "GET /patrols/table.csv": "patrol",
    "POST /patrols/{square:path}/points": "patrols",
    "POST /patrols/{square:path}/points/{point:int}/remove": "patrols",
    "POST /patrols/{square:path}/points/{point:int}/screen": "patrols",
    "GET /patrols/{square:path}/points/{point:int}/sign.pdf": "patrols",
    "POST /patrols/{square:path}/layout": "patrols",
    "POST /patrols/{square:path}/rounds": "patrols",
    "POST /patrols/{square:path}/rounds/{round:int}/end": "patrols",
    # what residents asked
    "GET /open-day": "open_day",
    "GET /open-day/table.csv": "open_day",
    "POST /open-day/{square:path}/questions": "open_day",
    "POST /open-day/{square:path}/questions/{question:int}": "open_day",
    # squares and units
    "GET /": "see",
    "GET /events": "see",
    "GET /squares/{name:path}": "see",
    "GET /plans/{name:path}": "see",
    "POST /plans/{name:path}": "squares.change",
    "POST /layouts/{name:path}": "squares.change",
    "GET /levels/{id}/minutes": "see",
    "GET /levels/{id}/hours": "see",
    "GET /levels/{id}/figures": "see",
    "GET /levels/{id}/change": "see",
    "GET /units/{id}/last-hour": "see",
    "GET /units/{id}/hour": "see",
    "GET /units/{id}/hours": "see",
    "POST /units/{id}/examine": "examine",
    "GET /step-in/{square:path}": "see",
    "GET /step-in/{square:path}/events": "see",
    "POST /step-in/{square:path}/orders": "see",
    "POST /step-in/{square:path}/sentence": "speak",
    "POST /step-in/{square:path}/sentence/{id}": "speak",
    "GET /step-in/{square:path}/sentence/{id}.wav": "speak",
    "POST /step-in/{square:path}/talk": "speak",
    "GET /step-in/{square:path}/messages/{name}": "see",
    "GET /policy/{square:path}": "policy.see",
    "POST /policy/{square:path}/look": "policy.see",
    "POST /policy/{square:path}/backtest": "policy.see",
    "POST /policy/{square:path}/send": "policy.change",
    "POST /policy/{square:path}/sentence": "voices",
    "GET /policy/{square:path}/sentence/{id}.wav": "voices",
    "POST /policy/{square:path}/voices": "voices",
    "POST /policy/{square:path}/voices/{name}": "voices",
    "GET /fleet": "fleet",
    "GET /presets": "policy.see",
    "POST /presets": "policy.change",
    "POST /presets/back": "policy.change",
    "POST /presets/hold": "policy.change",
    "GET /trial": "policy.see",
    "GET /forward": "backup",
    "POST /forward/{name}/try": "backup",
    "GET /updates": "fleet",
    "GET /updates/events": "fleet",
    "POST /updates/stop": "update",
    "POST /updates/resume": "update",
    "GET /calls": "policy.see",
    "GET /calls/{square:path}": "policy.see",
    "POST /calls/{square:path}": "squares.change",
    "GET /cameras": "squares.change",
    "GET /cameras/{square:path}": "squares.change",
    "POST /cameras/{square:path}": "squares.change",
    "POST /cameras/{square:path}/try": "squares.change",
    "GET /cameras/{square:path}/try/{key}.jpg": "pictures",
    "GET /pictures/{id}.jpg": "pictures",
    "GET /all": "see",
    "GET /incidents": "see",
    "GET /incidents/events": "see",
    "GET /incidents/{id}": "see",
    "GET /incidents/{id}/events": "see",
    "GET /incidents/{id}/curve/{unit}": "see",
    "POST /incidents/{id}/acknowledge": "acknowledge",
    "POST /incidents/{id}/note": "acknowledge",
    "POST /incidents/{id}/close": "close",
    "POST /incidents/{id}/silence": "silence",
    "GET /toolbox": "toolbox",
    "GET /toolbox/sieve": "toolbox",
    "GET /toolbox/associate": "toolbox",
    "GET /toolbox/collide": "toolbox",
    "GET /toolbox/compare": "toolbox",
    "GET /toolbox/classify": "toolbox",
    "GET /toolbox/{way}/answer.{form}": "toolbox",
    "POST /toolbox/saved": "toolbox",
    "POST /toolbox/saved/{id}/delete": "toolbox",
    "POST /toolbox/weather": "squares.change",
    "POST /incidents/{id}/evidence": "evidence",
    "GET /incidents/{id}/evidence/{key}": "evidence",
    "GET /incidents/{id}/evidence/{key}/state": "evidence",
    "GET /incidents/{id}/evidence/{key}.zip": "evidence",
    "GET /month-report/{square:path}": "evidence",
    "POST /month-report/{square:path}": "evidence",
    "GET /month-report/{square:path}/made/{key}": "evidence",
    "GET /month-report/{square:path}/made/{key}/state": "evidence",
    "GET /month-report/{square:path}/made/{key}.pdf": "evidence",
    # one's own
    "POST /logout": "see",
    "GET /me": "see",
    "POST /me": "see",
    "POST /me/contacts": "see",
    "POST /me/contacts/{contact}/remove": "see",
    "POST /me/contacts/{contact}/quiet": "see",
    "POST /me/drill": "see",
    "POST /me/password": "see",
    "POST /me/second-factor": "see",
    "POST /me/second-factor/on": "see",
    "POST /me/second-factor/off": "see",
    "POST /me/log-out-everywhere": "see",
    # people
    "GET /people": "people",
    "POST /people": "people",
    "GET /people/{id}": "people",
    "POST /people/{id}": "people",
    "POST /people/{id}/disable": "people",
    "POST /people/{id}/link": "people",
    "POST /people/{id}/log-out": "people",
    "POST /people/{id}/second-factor/off": "people",
    "POST /people/{id}/contacts/{contact}/quiet": "people",
    "POST /people/{id}/drill": "people",
    "POST /people/{id}/contacts": "people",
    "POST /people/{id}/contacts/{contact}/remove": "people",
    "GET /people/{id}/kept": "people",
    "POST /people/{id}/forget": "people",
    "GET /audit": "audit",
    "GET /log": "log",
    # a city's
    "GET /districts": "districts",
    "POST /districts": "districts",
    "POST /districts/{id}": "districts",
    "POST /districts/{id}/squares": "districts",
}
# they never end, or are made in tests of their own
STREAMS = {
    "GET /incidents/events",
    "GET /duty/events",
    "GET /updates/events",
    "GET /events",
    "GET /step-in/{square:path}/events",
    "GET /{topics:ntfy}/{form}",
}
# of accounts, not of places; everybody's
NO_PLACE = ("/people/", "/pictures/", "/a/", "/apply/")

EAST = "东门广场"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Console:
    console = Console(tmp_path_factory.mktemp("console"))
    console.live.states["SIM-0001"] = UnitState(Unit("SIM-0001", "", EAST, ""))
    return console


def ask(client: InProcess, route: str) -> int:
    """The status of a request to that route without a body, for a unit and a square there are."""
    method, path = route.split()
    unit = "SIM-0001" if path.startswith(("/units/", "/levels/")) else "999999"
    told = {
        "{topics:ntfy}": "a" * 26,
        "{rest:path}": "x",
        "{path:path}": "0/000",
        "{square}": EAST,
        "{square:path}": EAST,
        "{name:path}": EAST,
        "{id}": unit,
        **{f"{{{number}:int}}": "999999" for number in ("point", "round", "question")},
    }
    for name, value in told.items():
        path = path.replace(name, value)
    for name in ("{secret}", "{name}", "{key}", "{form}", "{contact}"):
        path = path.replace(name, "999999")
    return client.request(method, path, params={"since": 0, "reason": "x"}).status_code


def test_every_route_has_a_row_and_asks_for_what_the_row_says(console: Console):
    found = dict(routes(console.app))
    assert set(found) - set(ROUTES) == set(), "these routes have no row in ROUTES"
    assert set(ROUTES) - set(found) == set(), "these rows have no route"
    for name, route in found.items():
        asked = permissions_of(route)
        assert asked is not None, f"{name} says nothing of who may"
        assert (ROUTES[name] in asked) if asked else (ROUTES[name] == ANYONE), name


def test_whoever_is_not_logged_in_gets_nothing(console: Console):
    stranger = browser(console)
    for route, permission in ROUTES.items():
        if permission != ANYONE:
            assert ask(stranger, route) == 401, route
    # a browser is asked to log in, and comes back to where it wanted to go
    answer = stranger.get("/fleet?show=ill", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/fleet%3Fshow%3Dill"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_what_its_permissions_say_and_no_more(console: Console, role: str):
    for route, permission in ROUTES.items():
        if permission == ANYONE or route in STREAMS:
            continue
        # logged in for each: some routes log out
        status = ask(logged_in(console, role), route)
        if permission in ROLES[role]:
            assert status != 401 and (status != 403 or permission == "see"), (route, status)
        else:
            assert status == 403, (route, status)


@pytest.mark.parametrize("role", ["leader", "property", "operator"])
def test_whose_square_is_another_one_gets_nothing_of_this_one(console: Console, role: str):
    client = logged_in(console, role, ["西门广场"])
    for route in ROUTES:
        _, path = route.split()
        of_a_place = any(part in path for part in ("{square", "{name:path}", "{id}"))
        if of_a_place and not path.startswith(NO_PLACE):
            assert ask(client, route) in (403, 404, 422), route


def test_who_is_for_some_squares_governs_nobody(console: Console):
    """Or he would make himself one who is for all."""
    client = logged_in(console, "admin", [EAST])
    for route, permission in ROUTES.items():
        if permission in ("update", "people", "audit", "backup", "log", "districts"):
            assert ask(client, route) == 403, route
    page = client.get("/me").text
    assert 'href="/people"' not in page and 'href="/audit"' not in page


def test_who_is_refused_still_finds_the_way_and_in_the_own_language(console: Console):
    client = logged_in(console, "leader", [EAST])
    html = {"Accept": "text/html", "Accept-Language": "zh"}
    refused = client.get("/people", headers=html)
    assert refused.status_code == 403
    assert "<nav" in refused.text and 'href="/incidents"' in refused.text
    missing = client.get("/squares/nowhere", headers=html)
    assert (missing.status_code, "没有这个广场。" in missing.text) == (404, True)
    assert "No such" not in missing.text
    nobody = browser(console).get("/welcome/nothing", headers=html)
    assert (nobody.status_code, "<nav" in nobody.text) == (404, False)


def test_what_cannot_be_written_down_is_not_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Else a full disk would be a way to change a square unseen."""
    console = Console(tmp_path)
    console.live.states["SIM-0001"] = UnitState(Unit("SIM-0001", "", EAST, ""))

    def full(*told: object, **more: object) -> None:
        raise UserError("The disk is full.")

    client = logged_in(console)
    monkeypatch.setattr(console.people, "audit", full)
    dots = BytesIO()
    Image.new("RGB", (9, 9)).save(dots, "PNG")
    camera = {"on": "true", "snapshot": "http://192.0.2.1/x", "user": "a", "password": "b"}
    answers = [
        client.post(f"/plans/{EAST}", files={"picture": ("x.png", dots.getvalue())}),
        client.post(f"/layouts/{EAST}", json={"places": {"SIM-0001": [0.1, 0.2]}}),
        client.post(f"/cameras/{EAST}", data=camera),
        client.post(f"/calls/{EAST}", data={"shipped": "1"}),
    ]
    assert all(400 <= answer.status_code < 500 for answer in answers), answers
    assert console.squares.plan(EAST) is None
    for kind in ("layout", "camera", "escalation"):
        assert console.squares.setting(EAST, kind) is None, kind
    assert console.album.logins.of(EAST) is None


def test_no_role_is_more_than_the_table_says():
    assert ROLES["viewer"] == {"see"}
    assert ROLES["leader"] == {"see", "acknowledge"}
    for role in ROLES.keys() - {"admin"}:
        assert not ROLES[role] & {"people", "audit", "backup", "log", "districts"}, role
    assert not ROLES["operator"] & {"pictures", "speak"}


def test_a_route_that_does_not_say_who_may_is_refused_to_everybody(tmp_path: Path):
    console = Console(tmp_path)
    console.app.add_api_route("/forgotten", lambda: "secret", methods=["GET"])
    assert logged_in(console).get("/forgotten").status_code == 403


def test_a_change_without_the_word_of_its_session_is_refused(console: Console):
    secret, other = (log_in(console.people, "admin") for _ in range(2))
    client = browser(console, secret)

    def renamed(**how) -> int:
        return client.post("/me", **how).status_code

    assert renamed(data={"display": "x"}) == 403
    assert renamed(data={"display": "x", "csrf": csrf_of(other)}) == 403
    assert renamed(data={"display": "x"}, headers={"x-csrf": "0" * 64}) == 403
    assert renamed(json={"display": "x", "csrf": csrf_of(secret)}) == 403
    assert renamed(data={"display": "x", "csrf": csrf_of(secret)}) == 303
    assert renamed(data={"display": "x"}, headers={"x-csrf": csrf_of(secret)}) == 303
    assert all(client.get(path).status_code == 200 for path in ("/me", "/people", "/audit"))


@pytest.mark.parametrize(
    "told",
    [
        {"origin": "http://example.org"},
        {"origin": "null"},
        {"origin": "http://hub:81"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_a_page_from_elsewhere_changes_nothing_even_with_the_word(
    console: Console, told: dict[str, str]
):
    assert logged_in(console).post("/me", headers=told).status_code == 403
    assert browser(console).post("/login", headers=told).status_code == 403


def test_a_session_that_ended_or_is_anothers_is_none(console: Console):
    secret = log_in(console.people, "viewer", name="one who leaves")
    client = browser(console, secret)
    client.headers["X-CSRF"] = csrf_of(secret)
    assert client.get("/me").status_code == 200
    assert client.post("/logout").status_code == 303
    replayed = browser(console, secret)
    assert replayed.get("/me").status_code == 401
    for forged in ("", "x", secret[:-1], secret + "A", "%00", "'; DROP TABLE session; --"):
        assert browser(console, forged).get("/me").status_code == 401


def test_what_is_changed_of_an_account_holds_for_its_open_session_at_once(console: Console):
    people = console.people
    secret = log_in(people, "admin", name="soon a viewer")
    client = browser(console, secret)
    assert client.get("/people").status_code == 200
    person = people.accounts.named("soon a viewer")
    assert person
    people.accounts.change(person.account.id, HUB, "viewer", None, "", "zh")
    assert client.get("/people").status_code == 403
    people.accounts.disable(person.account.id, True, HUB)
    assert client.get("/people").status_code == 401


@pytest.mark.parametrize("change", ["nothing", "squares", "role", "session"])
def test_an_open_stream_ends_with_what_its_account_might_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
):
    monkeypatch.setattr(guard, "STREAM_LOOKED_AGAIN", 0.0)
    with closing(People(tmp_path / "people.sqlite")) as people:
        secret = log_in(people, "operator", name="mei")
        person = people.accounts.named("mei")
        assert person
        sent: list[bytes] = []

        async def stream(scope: Scope, receive: Receive, send: Send) -> None:
            headers = [(b"content-type", b"text/event-stream")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            for part in (b"1", b"2", b"3"):
                if part == b"2" and change == "squares":
                    people.accounts.change(person.account.id, HUB, "operator", [EAST], "", "zh")
                if part == b"2" and change == "role":
                    people.accounts.change(person.account.id, HUB, "viewer", None, "", "zh")
                if part == b"2" and change == "session":
                    people.sessions.end_all(person.account, HUB)
                await send({"type": "http.response.body", "body": part, "more_body": True})

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            if "body" in message:
                sent.append(message["body"])

        cookie = [(b"cookie", f"session={secret}".encode())]
        scope = {"type": "http", "path": "/events", "scheme": "http", "headers": cookie}
        asyncio.run(guard.Guard(stream, people)(scope, receive, send))
    # the empty one is the end
    assert sent == ([b"1", b"2", b"3"] if change == "nothing" else [b"1", b""])


def test_a_link_in_another_sites_page_arrives_logged_in(console: Console):
    """The cookie is Strict: with the first request it does not come."""
    told = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    told |= {"sec-fetch-dest": "document", "accept": "text/html"}
    answer = browser(console).get("/fleet", headers=told)
    assert answer.status_code == 200 and 'http-equiv="refresh" content="0"' in answer.text
    # asked for once more, by our own page: now it counts
    told["sec-fetch-site"] = "same-origin"
    assert browser(console).get("/fleet", headers=told).status_code == 303
    for other in ({"sec-fetch-dest": "iframe"}, {"sec-fetch-mode": "cors"}):
        told = {"sec-fetch-site": "cross-site", **other}
        assert browser(console).get("/fleet", headers=told).status_code == 401


def test_a_stranger_sends_little_and_nobody_without_end(console: Console):
    stranger = browser(console)
    assert stranger.post("/login", data={"name": "x" * 70_000}).status_code == 413
    lied = {"content-length": "10", "content-type": "application/x-www-form-urlencoded"}

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"name=" + b"x" * 8000

    assert stranger.post("/login", content=endless(), headers=lied).status_code in (400, 413)
    for length in ("-1", "x", "9" * 30):
        answer = stranger.post("/login", content=b"", headers={"content-length": length})
        assert answer.status_code == 413, length
    assert logged_in(console).post("/me", data={"display": "x" * 70_000}).status_code == 422


def test_a_disk_that_is_ill_does_not_log_out_whoever_is_in(
    console: Console, monkeypatch: pytest.MonkeyPatch
):
    client, late = logged_in(console, "viewer"), logged_in(console, "viewer")
    assert client.get("/me").status_code == 200

    def ill(secret: str) -> None:
        raise UserError("the disk")

    console.now += 60
    monkeypatch.setattr(console.people.sessions, "find", ill)
    assert client.get("/units/SIM-0001/hours").status_code == 200
    assert late.get("/units/SIM-0001/hours").status_code == 401  # was not known before
    console.now += 600
    assert client.get("/units/SIM-0001/hours").status_code == 401


def test_headers_let_nothing_in_from_elsewhere_and_nobody_frame_us(console: Console):
    for path in ("/login", "/static/base.css", "/nothing"):
        told = browser(console).get(path).headers
        policy = told["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy and "unsafe" not in policy
        assert told["x-content-type-options"] == "nosniff"
        assert told["referrer-policy"] == "same-origin"
        assert "camera=()" in told["permissions-policy"]


def test_looking_up_a_session_is_not_done_again_for_every_request(
    console: Console, monkeypatch: pytest.MonkeyPatch
):
    secret = log_in(console.people, "viewer")
    client = browser(console, secret)
    looked: list[str] = []
    find = console.people.sessions.find
    monkeypatch.setattr(
        console.people.sessions, "find", lambda word: looked.append(word) or find(word)
    )
    for _ in range(20):
        assert client.get("/units/SIM-0001/hours").status_code == 200
    assert len(looked) <= 3
