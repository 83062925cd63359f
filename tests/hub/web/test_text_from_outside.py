"""Whatever somebody writes somewhere is text on every page, and nothing else."""

import re
from pathlib import Path
from urllib.parse import quote

from console import Console
from in_process import browser, logged_in, routes

from noisetamer.hub.live import UnitState
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.registry import Unit

# In a text, in an attribute of either quote, in a text area, in a template: there with a product
# so long that no id made at random holds it.
EVIL = """<script>alert(1)</script>"'><img src=x onerror=alert(1)></textarea>{{1234567*7654321}}"""
MARKUP = re.compile(r"<script>alert|<img src=x|9449772114007|[\"']><img")


def written_everywhere(console: Console) -> dict[str, str]:
    """Fill every free text; {what stands in a path: what a page of it is asked with}."""
    people, now = console.people, console.now
    unit = Unit("SIM-0001", EVIL, EVIL, "")
    console.live.states["SIM-0001"] = UnitState(unit)
    name = EVIL[:64]
    account = people.accounts.add(name, "leader", HUB, display=EVIL, squares=[EVIL])
    for channel, address in (("apprise", EVIL), ("apprise", f"json://{EVIL}"), ("ntfy", "")):
        people.contacts.add(account.id, channel, HUB, address)
    people.contacts.add(account.id, "web-push", HUB, f'{{"endpoint": "{EVIL}"}}')
    people.accounts.disable(account.id, True, HUB, EVIL)
    people.accounts.disable(account.id, False, HUB, EVIL)
    people.sessions.begin(account.id, HUB, agent=EVIL, how=EVIL)
    people.audit(now, EVIL, EVIL, EVIL, EVIL, {EVIL: EVIL, "list": [EVIL, EVIL]}, EVIL)
    incident = console.incidents.drill(EVIL, name, EVIL, now, EVIL)
    console.incidents.note(incident.id, EVIL, EVIL, now)
    console.incidents.silence(EVIL, now + 3600, EVIL, EVIL, now)
    console.squares.put(EVIL, "camera", {"url": f"http://{EVIL}", "name": EVIL}, EVIL, now)
    return {"square": quote(EVIL, safe=""), "id": str(incident.id), "account": str(account.id)}


def test_no_page_takes_what_was_written_for_its_own(tmp_path: Path):
    console = Console(tmp_path)
    told = written_everywhere(console)
    client = logged_in(console)
    looked = []
    for name, route in routes(console.app):
        if not name.startswith("GET") or "events" in route.path or "ntfy" in route.path:
            continue  # never ends; no page
        id = told["account"] if route.path.startswith("/people") else told["id"]
        path = "SIM-0001".join(route.path.split("{id}")) if "units" in route.path else route.path
        path = re.sub(r"\{[^}]+\}", told["square"], path.replace("{id}", id))
        answer = client.get(path, headers={"accept": "text/html"})
        if "text/html" in answer.headers.get("content-type", ""):
            found = MARKUP.search(answer.text)
            assert not found, (path, answer.text[max(0, found.start() - 200) : found.end()])
            looked.append((route.path, answer.status_code, "&lt;script" in answer.text))
    shown = {path for path, status, said in looked if status == 200 and said}
    # that it is there at all, as text
    assert {"/", "/people", "/people/{id}", "/audit", "/step-in/{square:path}"} <= shown
    assert len(looked) >= 12


def test_what_is_asked_for_is_text_too(tmp_path: Path):
    console = Console(tmp_path)
    client, stranger = logged_in(console), browser(console)
    html = {"accept": "text/html"}
    said = [
        stranger.get("/login", params={"next": f"/{EVIL}"}, headers=html),
        stranger.post("/login", data={"name": EVIL, "password": EVIL, "next": f"/{EVIL}"}),
        stranger.get(f"/{quote(EVIL)}", headers=html),
        stranger.get(f"/welcome/{quote(EVIL, safe='')}", headers=html),
        client.get("/audit", params={"by": EVIL, "what": EVIL, "target": EVIL}, headers=html),
        client.post("/people", data={"name": EVIL * 2, "role": EVIL, "display": EVIL}),
        client.get("/", params={"lang": EVIL}, headers=html),
    ]
    for answer in said:
        assert not MARKUP.search(answer.text), answer.url
