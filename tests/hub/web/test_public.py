"""What everybody sees of a square, and the button at its pole."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from console import Console
from in_process import InProcess, browser, logged_in
from scripted_unit import START, event, seconds, stage

from noisetamer.hub.complaints import button
from noisetamer.hub.complaints.button import Button
from noisetamer.hub.complaints.public import Public, code_of
from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.writer import Store, Stored
from noisetamer.hub.web import public_view
from noisetamer.hub.wire import Record, read_report
from tamer.record.reading import REASONS

SQUARE = "东门<b>广场"
PAGE = f"/s/{code_of(SQUARE)}"
BOX = f"/s/{code_of('NT-0001')}"
NOW = START + 620
ASK = "物业王经理 <i>0571-1234"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The hub's clock."""
    told = [float(NOW)]
    monkeypatch.setattr(public_view, "now", lambda: told[0])
    return told


@pytest.fixture
def console(tmp_path: Path, now: list[float]) -> Iterator[Console]:
    """A square too loud for ten minutes, seen by everybody."""
    console = Console(tmp_path)
    for id in ("NT-0001", "NT-0002"):
        console.live.states[id] = UnitState(Unit(id, f"{id} 北", SQUARE, ""), online=True)
    stored(
        console,
        *(seconds(n + 1, START + 10 * n, [690] * 10) for n in range(62)),
        stage(70, START + 600, "green", "red", 692),
        event(71, START + 603, "warning", message="polite_zh", number=1),
    )
    show(console)
    yield console
    console.around.close()


def stored(console: Console, *told: bytes) -> None:
    """The hub has this of NT-0001."""
    reports = [read_report("dev.NT-0001.record", message) for message in told]
    records = [one for one in reports if isinstance(one, Record)]
    store = Store(console.queries.file)
    store.append(START, records)
    store.close()
    console.live.on_stored(Stored(fresh=records))


def show(console: Console, **how: object) -> None:
    body = Public(**{"on": True, "ask": ASK, **how}).body()  # pyright: ignore[reportArgumentType]
    console.squares.put(SQUARE, "public", body, "wang", 0.0)


def pressed(client: InProcess, path: str = BOX) -> str:
    """The answer of the button as a page."""
    answer = client.post(f"{path}/loud?lang=en")
    assert answer.status_code == 303
    return client.get(answer.headers["location"]).text


def test_it_is_off_until_somebody_turns_it_on(console: Console):
    show(console, on=False)
    stranger = browser(console)
    nowhere = stranger.get("/s/abcdefgh", headers={"accept": "text/html"})
    for path in (PAGE, BOX, f"{PAGE}/advice"):
        off = stranger.get(path, headers={"accept": "text/html"})
        assert (off.status_code, off.text) == (404, nowhere.text)
    assert stranger.post(f"{BOX}/loud").status_code == 404
    assert console.around.complaints.between(0, 2**31) == []
    # turned on, of a name that an address has other plans with
    odd = "甲/乙 50%2F?#"
    console.live.states["NT-0003"] = UnitState(Unit("NT-0003", "", odd, ""))
    manager, page = logged_in(console), f"/public/{quote(odd, safe='')}"
    answer = manager.post(page, data={"on": "true", "ask": ASK})
    assert odd in manager.get(answer.headers["location"]).text


def test_everybody_reads_it_without_a_cookie_and_may_keep_it_for_a_moment(console: Console):
    stranger = browser(console)
    found = stranger.get(PAGE)
    assert found.status_code == 200
    assert found.headers["cache-control"] == "public, max-age=10"
    assert "set-cookie" not in found.headers
    assert found.headers["vary"] == "Accept-Language"
    assert "default-src 'none'" in found.headers["content-security-policy"]
    for shown in ("69.0", "限值 65", "东门&lt;b&gt;广场", "物业王经理 &lt;i&gt;", "喊话 1 次"):
        assert shown in found.text, shown
    again = stranger.get(PAGE, headers={"if-none-match": found.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert 'lang="en"' in stranger.get(f"{PAGE}?lang=en").text
    assert "set-cookie" not in stranger.get(f"{PAGE}?lang=en").headers


def test_a_square_with_a_camera_says_so(console: Console):
    assert "不拍照" in browser(console).get(PAGE).text
    console.squares.put(SQUARE, "camera", {"on": True, "snapshot": "http://x/"}, "wang", 0.0)
    told = browser(console).get(f"{PAGE}?said=x").text
    assert "超限时会拍照" in told and "不拍照" not in told


def test_one_page_is_made_for_all_who_ask_at_once(
    console: Console, monkeypatch: pytest.MonkeyPatch
):
    made: list[str] = []
    kept, lock = public_view.today, threading.Lock()

    def counted(*given: object) -> object:
        with lock:
            made.append("")
        return kept(*given)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(public_view, "today", counted)
    for _ in range(8):
        assert browser(console).get(PAGE).status_code == 200
    for n in range(8):
        assert browser(console).get(f"{PAGE}?said={n:016}").status_code == 200
    assert len(made) == 4  # one of each box, and one for whoever asks after what there is not


def test_what_the_box_heard_is_answered_and_nothing_of_who_pressed_is_kept(console: Console):
    told = pressed(browser(console, address="203.0.113.77"))
    for said in ("69.0 dB(A)", "limit was 65", "had spoken 17 s before", "goes on warning"):
        assert said in told, said
    (one,) = console.around.complaints.between(0, 2**31)
    assert (one.square, one.unit, one.source) == (SQUARE, "NT-0001", "button")
    assert (one.at, one.level, one.place, one.side, one.text) == (NOW, 690, "", "", "")
    kept = b"".join(path.read_bytes() for path in console.around.data.glob("*.sqlite*"))
    assert b"203.0.113.77" not in kept


def test_a_box_that_does_not_report_says_so(console: Console):
    told = pressed(browser(console), f"/s/{code_of('NT-0002')}")
    assert "The box was not reporting then" in told
    (one,) = console.around.complaints.between(0, 2**31)
    assert (one.unit, one.level) == ("NT-0002", None)


def test_seconds_that_do_not_count_are_said(console: Console, now: list[float]):
    wind = REASONS.index("wind")
    stored(console, *(seconds(90 + n, NOW + 10 * n, [690] * 10, flags=wind) for n in range(7)))
    now[0] = NOW + 60.0
    told = pressed(browser(console))
    assert "no valid level in those seconds (wind)" in told
    (one,) = console.around.complaints.between(0, 2**31)
    assert (one.at, one.level) == (NOW + 60, None)


def test_a_page_elsewhere_cannot_press_it(console: Console):
    stranger = browser(console)
    for headers in ({"origin": "http://evil"}, {"sec-fetch-site": "cross-site"}):
        assert stranger.post(f"{BOX}/loud", headers=headers).status_code == 403
    assert console.around.complaints.between(0, 2**31) == []


def test_a_flood_is_bounded(console: Console, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(button, "BOX_AN_HOUR", 4)
    stranger = browser(console)
    pressed(stranger)
    assert "not counted again" in pressed(stranger)
    told = ""
    for n in range(5):
        told = pressed(browser(console, address=f"198.51.100.{n}"))
    assert "not counted one by one" in told
    assert len(console.around.complaints.between(0, 2**31)) == 4


def test_a_minute_later_the_same_address_counts_again():
    now = [0.0]
    press = Button(lambda: now[0]).press
    assert press("2001:db8::1", "A") == ""
    assert press("2001:db8::2", "A") == "again"  # the same household
    assert press("2001:db8::1", "B") == ""
    now[0] = 60.0
    assert press("2001:db8::1", "A") == ""
    # of a proxy here all addresses are one
    assert [press("127.0.0.1", "C") for _ in range(2)] == ["", ""]


def test_a_number_of_another_square_is_none(console: Console):
    pressed(browser(console))
    (one,) = console.around.complaints.between(0, 2**31)
    console.live.states["X"] = UnitState(Unit("X", "", "西门", ""), online=True)
    console.squares.put("西门", "public", Public(True, ask="x").body(), "wang", 0.0)
    other = browser(console).get(f"/s/{code_of('西门')}?said={one.number}&lang=en")
    assert "no such number" in other.text
    assert other.headers["cache-control"] == "private, no-store"


def test_the_card_has_what_was_measured_elsewhere_and_what_this_square_did(console: Console):
    stranger = browser(console)
    card = stranger.get(f"{PAGE}/advice?lang=en").text
    for said in ("102 dB near it", "press report", "−24 dB", "This project measured none"):
        assert said in card, said
    assert "This square:" not in card
    show(console, cure="box", since=date(2026, 1, 1))
    console.app.state.public_pages = type(console.app.state.public_pages)()
    assert "This square: A padded box" in stranger.get(f"{PAGE}/advice?lang=en").text
