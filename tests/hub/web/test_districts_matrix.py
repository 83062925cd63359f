"""A district sees its own and nothing else: every route, asked by everybody of two districts, by
the city's admin and by nobody, with every store of both full.

Each district's words hold one that is nowhere else. What a district's people are answered holds
none of the other's; asked by an id of the other's, the hub answers as for one that does not exist.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode

import pytest
from in_process import routes
from scripted_unit import START
from starlette.types import Message
from two_districts import Side, Town
from waiting import DEADLINE

from noisetamer.hub.people.roles import ROLES
from noisetamer.hub.web.allowed import permissions_of
from noisetamer.hub.wire import Now

EVERYBODYS = {
    # of no district: the door, the program itself, keys and lists by which strangers verify
    *("GET /login", "POST /login", "POST /login/code", "GET /trust", "GET /trust/noisetamer.crt"),
    *("GET /verify", "GET /verify/saved", "GET /verify/verify_evidence.py", "GET /v1/health"),
    *("GET /log/checkpoint", "GET /log/key", "GET /log/tile/{path:path}", "POST /add-checkpoint"),
    *("GET /permit", "GET /permit/saved", "GET /permit/revocations", "GET /permit/key"),
    *("GET /service-worker.js", "GET /patrol/time", "GET /metrics/levels"),
    # what a square shows to everybody, once it does
    *("GET /s/{code}", "GET /s/{code}/advice", "POST /s/{code}/loud"),
    *("GET /apply/{square:path}", "POST /apply/{square:path}"),
    # by a word that only one knows, which is what opens it
    *("GET /welcome/{secret}", "POST /welcome/{secret}", "GET /a/{token}", "POST /a/{token}"),
    *("POST /a/{token}/say", "GET /a/{token}/pictures/{id}.jpg", "GET /my-permit/{token}"),
    *("GET /my-permit/{token}/key", "GET /my-permit/{token}/{id}.pdf"),
    *("POST /my-permit/{token}/subscribe", "POST /my-permit/{token}/forget"),
    *("GET /permits/by/{token}", "POST /permits/by/{token}", "GET /patrol/code/{point:int}"),
    *("GET /{topics:ntfy}/auth", "GET /{topics:ntfy}/{form}", "POST /{topics:ntfy}"),
    *("PUT /{topics:ntfy}", "POST /{topics:ntfy}/{rest:path}", "PUT /{topics:ntfy}/{rest:path}"),
}
OF_THE_CITY = {
    *("GET /log", "GET /districts", "POST /districts", "POST /districts/{id}"),
    *("POST /districts/{id}/squares", "POST /updates/stop", "POST /updates/resume"),
    *("GET /metrics", "GET /people/{id}/kept", "POST /people/{id}/forget", "POST /presets"),
    *("POST /toolbox/weather", "GET /forward", "POST /forward/{name}/try"),
}
"""Refused to every district."""
ONES_OWN = {
    *("POST /logout", "POST /me", "POST /me/contacts", "POST /me/drill", "POST /me/password"),
    *("POST /me/second-factor", "POST /me/second-factor/on", "POST /me/second-factor/off"),
    *("POST /me/log-out-everywhere", "POST /push/subscribe", "POST /duty/start"),
    *("POST /duty/end", "GET /my-permit"),
}
"""Of whoever asks, and of nobody else."""

REASON = {"reason": "x"}
PLACE = {"role": "viewer", "everywhere": "yes"}
SOUND = {"verb": "mute", "reason": "x", "fields": {"for": 60}}
# {route: where it is asked; or that, and what is sent: a form, or JSON where a value is none}
ASKED: dict[str, str | tuple[str, dict[str, Any]]] = {
    "GET /health": "/health",
    "GET /permits": "/permits",
    "GET /permits/apply-code/{square:path}": "/permits/apply-code/{square}",
    "GET /permits/{id}": "/permits/{permit}",
    "GET /permits/{id}/paper": "/permits/{permit}/paper",
    "POST /permits/{id}": ("/permits/{permit}", {"act": "refuse", "reason": "x"}),
    "POST /permits/{id}/forget": ("/permits/{permit}/forget", {}),
    "GET /public": "/public",
    "GET /public/{square:path}": "/public/{square}",
    "POST /public/{square:path}": ("/public/{square}", {"on": "true"}),
    "GET /public/{square:path}/sign.pdf": "/public/{square}/sign.pdf",
    "GET /complaints": "/complaints",
    "GET /complaints/of/{square:path}": "/complaints/of/{square}",
    "POST /complaints/forget/{id}": ("/complaints/forget/{complaint}", {}),
    "POST /complaints/import": ("/complaints/import", {}),
    "POST /complaints/import/{id}": ("/complaints/import/{draft}", {}),
    "GET /push/key": "/push/key",
    "GET /duty": "/duty",
    "GET /duty/events": "/duty/events",
    "POST /duty/acknowledge": ("/duty/acknowledge", {"json": {"incident": "{incident}"}}),
    "GET /patrol": "/patrol",
    "GET /patrol/{point:int}": "/patrol/{point}",
    "GET /patrol/mine": "/patrol/mine",
    "POST /patrol/check-ins": (
        "/patrol/check-ins",
        {
            "json": {
                "sent": 1,
                "told": [{"nonce": "0" * 16, "point": "{point}", "digits": "1", "typed": 1}],
            }
        },
    ),
    "GET /patrols": "/patrols?square={square}",
    "GET /patrols/table.csv": "/patrols/table.csv?square={square}&day=2026-11-23",
    "POST /patrols/{square:path}/points": (
        *("/patrols/{square}/points",),
        {"name": "x", "kind": "panel", "unit": "{unit}"},
    ),
    "POST /patrols/{square:path}/points/{point:int}/remove": (
        *("/patrols/{square}/points/{point}/remove", {}),
    ),
    "POST /patrols/{square:path}/points/{point:int}/screen": (
        *("/patrols/{square}/points/{point}/screen", {}),
    ),
    "GET /patrols/{square:path}/points/{point:int}/sign.pdf": (
        "/patrols/{square}/points/{point}/sign.pdf"
    ),
    "POST /patrols/{square:path}/layout": (
        *("/patrols/{square}/layout", {"json": {"places": {"{point}": [0.1, 0.1]}}}),
    ),
    "POST /patrols/{square:path}/rounds": (
        *("/patrols/{square}/rounds",),
        {"name": "x", "since": "21:00", "until": "22:00", "points": "{point}"},
    ),
    "POST /patrols/{square:path}/rounds/{round:int}/end": (
        *("/patrols/{square}/rounds/{round}/end", {}),
    ),
    "GET /open-day": "/open-day?square={square}",
    "GET /open-day/table.csv": "/open-day/table.csv?square={square}",
    "POST /open-day/{square:path}/questions": ("/open-day/{square}/questions", {"text": "x"}),
    "POST /open-day/{square:path}/questions/{question:int}": (
        *("/open-day/{square}/questions/{question}", {"answer": "x"}),
    ),
    "GET /": "/",
    "GET /all": "/all",
    "GET /events": "/events?of=squares",
    "GET /squares/{name:path}": "/squares/{square}",
    "GET /plans/{name:path}": "/plans/{square}",
    "POST /plans/{name:path}": ("/plans/{square}", {}),
    "POST /layouts/{name:path}": (
        *("/layouts/{square}", {"json": {"places": {"{unit}": [0.1, 0.1]}}}),
    ),
    "GET /levels/{id}/minutes": "/levels/{unit}/minutes?first=2026-11-23",
    "GET /levels/{id}/hours": "/levels/{unit}/hours?first=2026-11-23",
    "GET /levels/{id}/figures": "/levels/{unit}/figures?first=2026-11-23",
    "GET /levels/{id}/change": "/levels/{unit}/change?at=2026-11-23",
    "GET /units/{id}/last-hour": "/units/{unit}/last-hour",
    "GET /units/{id}/hour": "/units/{unit}/hour?since=1795431600",
    "GET /units/{id}/hours": "/units/{unit}/hours",
    "POST /units/{id}/examine": ("/units/{unit}/examine", {}),
    "GET /step-in/{square:path}": "/step-in/{square}",
    "GET /step-in/{square:path}/events": "/step-in/{square}/events",
    "POST /step-in/{square:path}/orders": (
        *("/step-in/{square}/orders", {"json": SOUND | {"unit": "{unit}"}}),
    ),
    "POST /step-in/{square:path}/sentence": (
        *("/step-in/{square}/sentence", {"json": {"text": ""}}),
    ),
    "POST /step-in/{square:path}/sentence/{id}": (
        *("/step-in/{square}/sentence/{draft}", {"json": REASON}),
    ),
    "GET /step-in/{square:path}/sentence/{id}.wav": "/step-in/{square}/sentence/{draft}.wav",
    "POST /step-in/{square:path}/talk": ("/step-in/{square}/talk?reason=x", {}),
    "GET /step-in/{square:path}/messages/{name}": "/step-in/{square}/messages/{voice}",
    "GET /policy/{square:path}": "/policy/{square}?permits=1",
    "POST /policy/{square:path}/look": (
        *("/policy/{square}/look", {"json": {"text": "", "values": {}}}),
    ),
    "POST /policy/{square:path}/backtest": (
        *("/policy/{square}/backtest", {"json": {"text": "", "unit": "{unit}", "days": 99}}),
    ),
    "POST /policy/{square:path}/send": (
        *("/policy/{square}/send", {"json": {"text": "x = ", "unit": "{unit}", "reason": "x"}}),
    ),
    "POST /policy/{square:path}/sentence": ("/policy/{square}/sentence", {"json": {"text": ""}}),
    "GET /policy/{square:path}/sentence/{id}.wav": "/policy/{square}/sentence/{draft}.wav",
    "POST /policy/{square:path}/voices": (
        *("/policy/{square}/voices", {"json": {"name": "x", "draft": "{draft}"}}),
    ),
    "POST /policy/{square:path}/voices/{name}": (
        *("/policy/{square}/voices/{voice}", {"json": REASON}),
    ),
    "GET /fleet": "/fleet?show=all",
    "GET /presets": "/presets",
    "POST /presets/back": ("/presets/back", {"square": "{square}"}),
    "POST /presets/hold": ("/presets/hold", {"square": "{square}", "name": ""}),
    "GET /trial": "/trial",
    "GET /updates": "/updates",
    "GET /updates/events": "/updates/events",
    "GET /calls": "/calls",
    "GET /calls/{square:path}": "/calls/{square}",
    "POST /calls/{square:path}": ("/calls/{square}", {"name_0": "x", "after_0": "x"}),
    "GET /cameras": "/cameras",
    "GET /cameras/{square:path}": "/cameras/{square}",
    "POST /cameras/{square:path}": ("/cameras/{square}", {"on": "true", "snapshot": "x"}),
    "POST /cameras/{square:path}/try": ("/cameras/{square}/try", {}),
    "GET /cameras/{square:path}/try/{key}.jpg": "/cameras/{square}/try/x.jpg",
    "GET /pictures/{id}.jpg": "/pictures/{picture}.jpg",
    "GET /incidents": "/incidents?square={square}",
    "GET /incidents/events": "/incidents/events",
    "GET /incidents/{id}": "/incidents/{incident}",
    "GET /incidents/{id}/events": "/incidents/{incident}/events",
    "GET /incidents/{id}/curve/{unit}": "/incidents/{incident}/curve/{unit}",
    "POST /incidents/{id}/acknowledge": ("/incidents/{incident}/acknowledge", {}),
    "POST /incidents/{id}/note": ("/incidents/{incident}/note", {"text": "x"}),
    "POST /incidents/{id}/close": ("/incidents/{incident}/close", {"text": "x"}),
    "POST /incidents/{id}/silence": (
        *("/incidents/{incident}/silence", {"hours": "1", "reason": "x"}),
    ),
    "GET /toolbox": "/toolbox",
    "GET /toolbox/sieve": "/toolbox/sieve?subject=incidents&square={square}",
    "GET /toolbox/associate": "/toolbox/associate?a_thing=complaint&b_thing=noise",
    "GET /toolbox/collide": "/toolbox/collide?a_thing=complaint&b_thing=noise&square={square}",
    "GET /toolbox/compare": "/toolbox/compare?measure=level&a_square={square}&b_square={square}",
    "GET /toolbox/classify": "/toolbox/classify?how=rules&square={square}",
    "GET /toolbox/{way}/answer.{form}": "/toolbox/sieve/answer.csv?subject=incidents",
    "POST /toolbox/saved": (
        *("/toolbox/saved", {"way": "sieve", "name": "", "asked": "square={square}"}),
    ),
    "POST /toolbox/saved/{id}/delete": ("/toolbox/saved/{saved}/delete", {}),
    "POST /incidents/{id}/evidence": ("/incidents/{incident}/evidence", {"reason": " "}),
    "GET /incidents/{id}/evidence/{key}": "/incidents/{incident}/evidence/{bundle}",
    "GET /incidents/{id}/evidence/{key}/state": "/incidents/{incident}/evidence/{bundle}/state",
    "GET /incidents/{id}/evidence/{key}.zip": "/incidents/{incident}/evidence/{bundle}.zip",
    "GET /month-report/{square:path}": "/month-report/{square}",
    "POST /month-report/{square:path}": ("/month-report/{square}", {"month": "x"}),
    "GET /month-report/{square:path}/made/{key}": "/month-report/{square}/made/{report}",
    "GET /month-report/{square:path}/made/{key}/state": (
        "/month-report/{square}/made/{report}/state"
    ),
    "GET /month-report/{square:path}/made/{key}.pdf": "/month-report/{square}/made/{report}.pdf",
    "GET /me": "/me",
    "POST /me/contacts/{contact}/remove": ("/me/contacts/{contact}/remove", {}),
    "POST /me/contacts/{contact}/quiet": ("/me/contacts/{contact}/quiet", {"quiet_from": "x"}),
    "GET /people": "/people",
    "POST /people": ("/people", {"name": "x", "role": "viewer", "squares": "{square}"}),
    "GET /people/{id}": "/people/{person}",
    "POST /people/{id}": ("/people/{person}", PLACE),
    "POST /people/{id}/disable": ("/people/{person}/disable", {"disabled": "true"}),
    "POST /people/{id}/link": ("/people/{person}/link", {}),
    "POST /people/{id}/log-out": ("/people/{person}/log-out", {}),
    "POST /people/{id}/second-factor/off": ("/people/{person}/second-factor/off", {}),
    "POST /people/{id}/contacts/{contact}/quiet": (
        *("/people/{person}/contacts/{contact}/quiet", {"quiet_from": "x"}),
    ),
    "POST /people/{id}/drill": ("/people/{person}/drill", {}),
    "POST /people/{id}/contacts": ("/people/{person}/contacts", {"channel": "duty"}),
    "POST /people/{id}/contacts/{contact}/remove": (
        *("/people/{person}/contacts/{contact}/remove", {}),
    ),
    "GET /audit": "/audit?target=",
}
# more that a page can be asked, by its query
BESIDES = (
    *("/", "/patrols", "/open-day", "/incidents?state=living", "/incidents?before=1000000"),
    *("/events", "/events?square={square}", "/plans/", "/audit?by=&what=square_silenced"),
    *("/toolbox/sieve?subject=complaints", "/toolbox/sieve?subject=incidents&group=2"),
)


@dataclass(frozen=True)
class Answer:
    status: int
    text: str


Session = tuple[str, str] | None


class Asker:
    """The application, asked as a server asks it; a stream is listened to while `pause` lasts."""

    def __init__(self, town: Town) -> None:
        self._app = town.console.app

    async def ask(
        self, method: str, address: str, session: Session, body: Mapping[str, Any] | None = None
    ) -> Answer:
        sent: list[dict[str, Any]] = []
        path, _, query = address.partition("?")
        data, kind = _body(body)
        told = [(b"host", b"hub"), (b"content-type", kind), (b"content-length", b"%d" % len(data))]
        if session:
            told += [(b"cookie", f"session={session[0]}".encode())]
            told += [(b"x-csrf", session[1].encode())]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "headers": told,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "client": ("192.0.2.7", 4000),
            "server": ("hub", 80),
        }
        waiting = [{"type": "http.request", "body": data, "more_body": False}]
        never = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop()
            await never.wait()
            raise AssertionError

        async def send(message: Message) -> None:
            sent.append(dict(message))

        running = asyncio.ensure_future(self._app(scope, receive, send))
        try:
            async with asyncio.timeout(DEADLINE):
                while not sent and not running.done():
                    await asyncio.sleep(0.001)
            patience = 0.5 if _is_stream(path) else DEADLINE
            await asyncio.wait_for(asyncio.shield(running), patience)
        except TimeoutError:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        start = sent[0]
        headers = b"\n".join(value for _, value in start["headers"])
        told_all = b"".join(one.get("body", b"") for one in sent[1:])
        text = f"{headers.decode('latin-1')}\n{told_all.decode('utf-8', 'replace')}"
        return Answer(start["status"], unquote(text))


def _is_stream(path: str) -> bool:
    return path.endswith("/events")


def _body(body: Mapping[str, Any] | None) -> tuple[bytes, bytes]:
    if body and "json" in body:
        return json.dumps(body["json"]).encode(), b"application/json"
    return urlencode(body or {}).encode(), b"application/x-www-form-urlencoded"


def _filled(what: Any, ids: Mapping[str, str], as_address: bool = False) -> Any:
    """With ids in the place of names in braces."""
    if isinstance(what, dict):
        return {_filled(key, ids): _filled(value, ids) for key, value in what.items()}
    if isinstance(what, list):
        return [_filled(one, ids) for one in what]
    if not isinstance(what, str):
        return what
    if what in ("{incident}", "{point}"):
        return int(ids[what[1:-1]])
    for name, value in ids.items():
        what = what.replace(f"{{{name}}}", quote(value, safe="") if as_address else value)
    return what


def _asked(route: str) -> tuple[str, str, dict[str, Any] | None]:
    """method, address, body; with names in braces."""
    method = route.split()[0]
    asked = ASKED[route]
    return (method, asked, None) if isinstance(asked, str) else (method, *asked)


def _names(route: str) -> bool:
    """Whether it is asked by ids."""
    return "{" in f"{ASKED[route]}"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(tmp_path_factory.mktemp("town"))


def _may(town: Town, role: str) -> Iterator[str]:
    """Routes that are not refused to a role for what it is; what is dear by an admin only."""
    found = dict(routes(town.console.app))
    for route in ASKED:
        dear = role != "admin" and (route.startswith("GET /toolbox/") or route.endswith("n.pdf"))
        if not dear and (permissions_of(found[route]) or set()) <= ROLES[role]:
            yield route


def test_every_route_is_declared(town: Town):
    found = {name for name, _ in routes(town.console.app)}
    declared = {*ASKED, *EVERYBODYS, *OF_THE_CITY, *ONES_OWN}
    assert found - declared == set(), "say what another district's people get of these"
    assert declared - found == set()
    assert len(declared) == len(ASKED) + len(EVERYBODYS) + len(OF_THE_CITY) + len(ONES_OWN)


def test_the_city_sees_both_and_nobody_neither(town: Town):
    """Else what follows would find nothing because nothing is there."""

    async def look() -> None:
        asker, seen = Asker(town), {side.canary: 0 for side in town.sides}
        for route in ASKED:
            if _is_stream(route) or not route.startswith("GET"):
                continue
            method, template, _ = _asked(route)
            if route.startswith("GET /toolbox/") and "sieve" not in route:
                continue  # dear
            told, address, side = None, "", town.sides[0]
            for side in town.sides:
                address = _filled(template, side.ids, True)
                if told is None or address != template:
                    told = await asker.ask(method, address, town.city)
                assert told.status in (200, 303, 404, 409, 422, 503), (route, told)
                seen[side.canary] += side.canary in told.text
            nobody = await asker.ask(method, address, None)
            assert nobody.status == 401 or route == "GET /health", (route, nobody)
            assert not _found_of(side, nobody, route)
        assert min(seen.values()) > 34, seen

    asyncio.run(look())


@pytest.mark.parametrize(("own", "roles"), [(0, [*ROLES]), (1, ["admin"])])
def test_a_district_is_answered_with_its_own_and_asked_for_anothers_as_for_nothing(
    town: Town, own: int, roles: list[str]
):
    mine, other = town.sides[own], town.sides[1 - own]

    async def look() -> None:
        asker, seen, faults = Asker(town), 0, list[str]()
        for role in roles:
            session = mine.sessions[role]
            for route in _may(town, role):
                if route == "GET /step-in/{square:path}" and "say" not in ROLES[role]:
                    continue  # there is nothing for it to do there
                method, address, body = _asked(route)
                if not _is_stream(route) and method == "GET":
                    told = await asker.ask(method, _filled(address, mine.ids, True), session)
                    if told.status not in (200, 303, 404, 409, 422, 503):
                        faults.append(f"{role} {route}: {told.status}")
                    faults += _found_of(other, told, (role, route))
                    seen += mine.canary in told.text
                if not _names(route):
                    continue
                answers = [
                    await asker.ask(
                        method, _filled(address, ids, True), session, _filled(body, ids)
                    )
                    for ids in (other.ids, town.nowhere)
                ]
                faults += _told_apart(answers, other, town.nowhere, (role, route))
        for address in BESIDES:
            told = await asker.ask("GET", _filled(address, mine.ids, True), mine.sessions["admin"])
            faults += _found_of(other, told, address)
        assert not faults, "\n".join(faults)
        assert seen > 20 * len(roles)

    asyncio.run(look())


def test_what_is_the_citys_is_refused_to_every_district(town: Town):
    async def look() -> None:
        asker = Asker(town)
        for route in OF_THE_CITY:
            method, path = route.split()
            for side, other in (town.sides, town.sides[::-1]):
                address = path.replace("{id}", side.ids["person"])
                form = {"square": side.square, "name": "x", "typed": "x"}
                told = await asker.ask(method, address, side.sessions["admin"], form)
                assert not _found_of(other, told, route)
                # without a file nobody is asked who he is
                assert told.status == (422 if route.endswith("weather") else 403), (route, told)

    asyncio.run(look())


def test_streams_tell_a_district_nothing_of_another(town: Town):
    """Neither what is there nor that something of it has changed."""
    mine, other = town.sides
    console = town.console

    async def look() -> None:
        asker = Asker(town)
        streams = [
            asyncio.ensure_future(
                asker.ask("GET", _filled(_asked(route)[1], mine.ids, True), session)
            )
            for role, session in mine.sessions.items()
            for route in _may(town, role)
            if _is_stream(route) and role in ("viewer", "officer", "admin")
        ]
        await asyncio.sleep(0.2)
        console.live.on_now(Now(other.unit, START + 306, 700, 0, "red", 650, False))
        console.incidents.note(int(other.ids["incident"]), f"{other.canary} x", "y", START)
        await console.orders.give(
            *(other.unit, "mute", {"for": 300, "reason": other.canary}),
            by=f"{other.canary} officer",
            role="officer",
            reason=other.canary,
        )
        for told in await asyncio.gather(*streams):
            assert told.status == 200
            assert not _found_of(other, told, "a stream")
            assert "event: changed" not in told.text, told.text

    asyncio.run(look())


def test_what_it_does_itself_is_answered_with_its_own_too(town: Town):
    """The last: of the first district not much is left as it was."""
    mine, other = town.sides

    async def look() -> None:
        asker, faults = Asker(town), list[str]()
        for route in _may(town, "admin"):
            method, address, body = _asked(route)
            if method == "POST":
                told = await asker.ask(
                    *(method, _filled(address, mine.ids, True), mine.sessions["admin"]),
                    _filled(body, mine.ids),
                )
                faults += _found_of(other, told, route)
                assert told.status not in (401, 500), (route, told)
        assert not faults, "\n".join(faults)

    asyncio.run(look())


def _found_of(other: Side, told: Answer, what: object) -> list[str]:
    """Faults: words of the other district, with what stands before them."""
    words = (other.canary, other.canary.lower(), other.ids["topic"])
    found = [at for word in words if (at := told.text.find(word)) >= 0]
    return [f"{what}: …{told.text[max(0, at - 200) : at + 60]}…" for at in found]


def _told_apart(
    answers: list[Answer], other: Side, nowhere: Mapping[str, str], what: object
) -> list[str]:
    """Faults: in what answers differ, but for the id that whoever asked has said."""
    texts = [
        _without(answer.text, ids)
        for answer, ids in zip(answers, (other.ids, nowhere), strict=True)
    ]
    found = []
    if answers[0].status != answers[1].status or texts[0] != texts[1]:
        lines = [text.split("\n") for text in texts]
        different = [pair for pair in zip(*lines, strict=False) if pair[0] != pair[1]]
        found.append(f"{what}: {[one.status for one in answers]} {different[:2]}")
    if answers[0].status not in (200, 303, 403, 404, 409, 422):
        found.append(f"{what}: {answers[0].status} {answers[0].text[-200:]}")
    return found


def _without(text: str, ids: Mapping[str, str]) -> str:
    for value in sorted(ids.values(), key=len, reverse=True):
        if len(value) > 4:
            text = text.replace(value, "#")
    # the length of a body with an id in it; how long a question took
    text = "\n".join(line for line in text.split("\n") if not line.isdecimal())
    return re.sub(r"\d+ 毫秒|\d\d:\d\d", "", text)
