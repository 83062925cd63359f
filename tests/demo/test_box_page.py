"""What the demo adds to the hub's page."""

import asyncio
import io
import json

import pytest
import soundfile
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from httpx import ASGITransport, AsyncClient, Response

from noisetamer.demo.box_page import BoxPage
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web.allowed import may

PAGE = "<html><head><title>广场</title></head><body></body></html>"


def asked(method: str, path: str, **how) -> tuple[Response, list[float]]:
    """The answer, and where the slider was moved to."""
    music: list[float] = []

    async def ask() -> Response:
        app = FastAPI()
        app.add_api_route("/", lambda: HTMLResponse(PAGE))
        app.dependency_overrides[may("see")] = lambda: Account(1, "somebody", "", "viewer")
        BoxPage(music.append).extend(app)
        async with AsyncClient(transport=ASGITransport(app), base_url="http://hub") as client:
            return await client.request(method, path, **how)

    return asyncio.run(ask()), music


def test_the_page_loads_our_script_and_is_otherwise_the_hubs_own():
    answer, _ = asked("GET", "/")
    script = '<script src="/demo/static/box.js" defer></script>'
    style = '<link rel="stylesheet" href="/demo/static/box.css">'
    assert answer.text == PAGE.replace("</head>", f"{style}{script}</head>")
    assert int(answer.headers["content-length"]) == len(answer.content)
    for file in ("box.js", "box.css"):
        assert asked("GET", f"/demo/static/{file}")[0].status_code == 200


def test_the_slider_reaches_the_square_within_its_range_only():
    answer, music = asked("POST", "/demo/music", json={"dB": -6.5})
    assert (answer.status_code, music) == (204, [-6.5])
    for wrong in ({"dB": 40}, {"dB": "loud"}, {}):
        answer, music = asked("POST", "/demo/music", json=wrong)
        assert (answer.status_code, music) == (422, [])


@pytest.mark.device
def test_a_message_is_heard_as_the_box_plays_it():
    answer, _ = asked("GET", "/demo/voice/polite_zh.wav")
    assert answer.headers["content-type"] == "audio/wav"
    samples, rate = soundfile.read(io.BytesIO(answer.content))
    assert len(samples) > 3 * rate
    assert abs(samples).max() > 0.1


@pytest.mark.parametrize("name", ["none_such", "..%2Fvoices%2Fpolite_zh", "voices.json"])
def test_no_other_file_is_handed_out(name: str):
    assert asked("GET", f"/demo/voice/{name}.wav")[0].status_code == 404


def test_a_page_is_told_first_how_everything_stands_and_ends_with_the_hub():
    async def told() -> list[dict]:
        page = BoxPage(lambda dB: None)
        page.extend(FastAPI())
        page.shows({"unit": "SIM-0001", "view": "lamp", "on": True})
        page.shows({"unit": "SIM-0001", "view": "lamp", "on": False})
        page.shows({"unit": "SIM-0001", "view": "voice", "samples": ""})
        page.shows({"view": "story", "title": "Square"})
        await asyncio.sleep(0)
        found = []
        async for event in page._stream():
            found.append(json.loads(event.removeprefix("data: ")))
            if len(found) == 2:
                page.shows({"unit": "SIM-0001", "view": "lamp", "on": True})
                await asyncio.sleep(0)
                page.close()
        return found

    story, *lamps = asyncio.run(told())
    assert story == {"view": "story", "title": "Square"}
    assert [view["on"] for view in lamps] == [False, True]
