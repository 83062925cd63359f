"""forward.toml as people write and change it, and all destinations of a hub together."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import forward_to_memory
import pytest
from console import Console
from evening import SQUARES
from forwarded import Forwarded, units
from in_process import logged_in
from prometheus_client import CollectorRegistry, generate_latest
from waiting import DEADLINE

from noisetamer import cli
from noisetamer.hub.forward import destinations
from noisetamer.hub.forward.figures import Figures
from noisetamer.hub.forward.format import Around, Asked
from noisetamer.hub.forward.forwarding import (
    AWAY_SECONDS,
    COUNTING,
    SAVED_SECONDS,
    Forwarding,
)
from noisetamer.hub.forward.gather import Gatherer
from noisetamer.hub.forward.hj212.settings import kept_file
from noisetamer.hub.forward.queue import Queue, Standing
from noisetamer.hub.registry import Units
from noisetamer.hub.store.writer import Stored
from noisetamer.hub.web import health

SQUARE = SQUARES["SIM-0001"]

TWO = """\
[[destination]]
name = "bureau"
kind = "memory"

[[destination]]
name = "office"
kind = "memory"
away = true
"""


@pytest.fixture(autouse=True)
def _memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(destinations.FORMATS, "memory", "forward_to_memory")
    forward_to_memory.taken.clear()


def write(folder: Path, text: str) -> None:
    (folder / "forward.toml").write_text(text, encoding="utf-8")


def test_every_fault_is_told_with_its_line_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "open.token").write_text("secret")
    (tmp_path / "open.token").chmod(0o644)
    write(
        tmp_path,
        """\
[[destination]]
name = "Big Bureau"
kind = "memory"
facts = ["minutes"]
awey = true

[[destination]]
name = "office"
kind = "memroy"

[[destination]]
name = "office"
kind = "memory"
token = "abc"
token_file = "open.token"
at_once = 0
timeout = "long"

[[destination]]
name = "twice"
kind = "memory"
[[destination]]
name = "twice"
kind = "memory"

[place.x]
latitude = 200
height = nan

[[destination]]
kind = ["memory"]
[[destination]]
name = "nul"
kind = "memory"
token_file = "a\\u0000b"
""",
    )
    assert cli.run(["forward", "check", "--data", str(tmp_path)]) == 2
    told = capsys.readouterr().out.splitlines()
    at = f"{tmp_path}/forward.toml:"
    expected = {
        2: "name: has up to 40 small letters",
        4: "facts[1]: 'minutes' is none; known are second",
        5: "awey: is no key of it; did you mean away?",
        9: "kind: 'memroy' is none; known are",
        14: "token: no secret stands in this file",
        15: "token_file: ",
        16: "at_once: is at least 1",
        17: "timeout: is a number",
        23: "name: twice is in line 20 already",
        26: "place.x",
        28: "height: is a number",
        31: "kind: ['memory'] is none",
        35: "is no name of a file",
    }
    for line, sentence in expected.items():
        assert any(one.startswith(f"{at}{line}:") and sentence in one for one in told), line
    assert "chmod 600" in str(told)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("[[destination]\n", ":1: is not valid TOML"), ('destination = "x"', "begins with [[dest")],
)
def test_what_is_no_such_file_at_all_is_one_sentence(
    tmp_path: Path, text: str, sentence: str, capsys: pytest.CaptureFixture[str]
):
    write(tmp_path, text)
    assert cli.run(["forward", "check", "--data", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert sentence in told.out + told.err


def test_each_destination_is_tried_where_that_is_wished(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    Units(tmp_path / "units.sqlite").enrol("SIM-0001", "", SQUARE)
    (tmp_path / "the.token").write_text("abc\n")
    (tmp_path / "the.token").chmod(0o600)
    write(tmp_path, f'{TWO}token_file = "the.token"\nunits = ["NT-9"]\n')
    assert cli.run(["forward", "check", "--data", str(tmp_path), "--try"]) == 1
    told = capsys.readouterr().out
    assert "it is there" in told
    assert "! nobody is there" in told
    assert "! there is no unit NT-9 at this hub" in told
    assert "abc" not in told
    write(tmp_path, TWO.replace("away = true", ""))
    assert cli.run(["forward", "check", "--data", str(tmp_path), "--try"]) == 0


class Running:
    """All of a hub's forwarding, over a real store; until `ends`."""

    def __init__(self, folder: Path) -> None:
        self.hub = Forwarded(folder)
        self.hub.queue.close()
        (folder / "forward.sqlite").unlink()
        self.steady = 0.0
        self.forwarding = Forwarding(
            Around(folder, units=units), clock=lambda: self.hub.now, steady=lambda: self.steady
        )

    def runs(self, *steps: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            for step in steps:
                await step()
            tasks = list(self.forwarding._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run(run())

    async def turn(self) -> None:
        while await self.forwarding.turn():
            pass

    async def sent(self, name: str, count: int) -> None:
        async with asyncio.timeout(DEADLINE):
            while len(forward_to_memory.taken.get(name, ())) < count or self.shown()[name][0]:
                await asyncio.sleep(0.01)
                await self.turn()

    async def minute(self, number: int) -> None:
        self.hub.minute(number, 1 + 6 * number)
        await self.turn()

    def shown(self) -> dict[str, tuple[int, str]]:
        return {
            one.asked.name: (
                one.standing.waiting if one.standing else -1,
                one.fault or (one.state.failing if one.state else "off"),
            )
            for one in self.forwarding.shown()
        }


def test_without_the_file_nothing_is_made(tmp_path: Path):
    running = Running(tmp_path)
    running.runs(running.turn)
    assert running.shown() == {}
    assert not (tmp_path / "forward.sqlite").exists()


def test_one_that_is_away_holds_up_no_other_and_is_told_of(tmp_path: Path):
    running = Running(tmp_path)
    write(tmp_path, TWO)

    async def two_minutes() -> None:
        await running.turn()
        await running.minute(0)
        await running.minute(1)
        await running.sent("bureau", 2)
        async with asyncio.timeout(DEADLINE):
            while not running.shown()["office"][1]:
                await asyncio.sleep(0.01)
        await running.turn()

    running.runs(two_minutes)
    assert running.shown() == {"bureau": (0, ""), "office": (2, "nobody is there")}
    assert list(running.forwarding.troubles()) == []
    running.hub.now += AWAY_SECONDS
    (trouble,) = running.forwarding.troubles()
    assert (trouble.key, trouble.values["name"], trouble.ill) == ("forward_away", "office", False)
    registry = CollectorRegistry()
    registry.register(Figures(running.forwarding.shown))
    text = generate_latest(registry).decode()
    assert 'noisetamer_forward_waiting{destination="office"} 2.0' in text
    assert 'noisetamer_forward_sent_total{destination="bureau"} 2.0' in text


def test_what_waits_is_counted_less_often_where_counting_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    running = Running(tmp_path)
    write(tmp_path, TWO)
    counted_at: list[float] = []
    standing = Queue.standing

    def slow(queue: Queue, asked: Asked) -> Standing | None:
        counted_at.append(running.steady)
        running.steady += 1.0
        return standing(queue, asked)

    monkeypatch.setattr(Queue, "standing", slow)

    async def a_minute() -> None:
        await running.turn()
        for _ in range(60):
            running.steady += 1.0
            await running.turn()

    running.runs(a_minute)
    each = COUNTING * 2.0  # both are counted in turn
    assert counted_at == [0.0, 1.0, each, each + 1.0]


def test_a_change_of_the_file_is_taken_up_and_a_fault_in_it_stops_nothing(tmp_path: Path):
    running = Running(tmp_path)
    write(tmp_path, TWO)

    async def changes() -> None:
        await running.turn()
        await running.minute(0)
        await running.sent("bureau", 1)
        write(tmp_path, TWO + "[[destination]\n")
        await running.minute(1)
        await running.sent("bureau", 2)
        assert "is not valid TOML" in running.forwarding.fault
        # what waited for one that was away is sent when it is not any more; a new one begins here
        new = '[[destination]]\nname = "new"\nkind = "memory"\n'
        broken = '[[destination]]\nname = "broken"\nkind = "memory"\nbroken = true\n'
        write(tmp_path, TWO.replace("away = true", "") + new + broken)
        await running.turn()
        await running.sent("office", 2)
        await running.minute(2)
        await running.sent("new", 1)
        await running.sent("bureau", 3)
        assert running.forwarding.fault == ""
        assert running.shown()["broken"][1] == "this one cannot be made"
        (tmp_path / "forward.toml").unlink()
        await running.turn()
        running.steady += SAVED_SECONDS
        of_platform = kept_file(tmp_path, "office")
        of_platform.write_text("{}")
        await running.minute(3)
        assert running.shown() == {}
        assert not of_platform.exists()

    running.runs(changes)
    assert len(forward_to_memory.taken["bureau"]) == 3
    assert len(forward_to_memory.taken["new"]) == 1


def test_a_file_read_while_it_is_saved_loses_nothing_that_waits(tmp_path: Path):
    running = Running(tmp_path)
    write(tmp_path, TWO)

    async def saved() -> None:
        await running.turn()
        await running.minute(0)
        for half in ("", TWO[: TWO.index("[[", 5)]):
            write(tmp_path, half)
            await running.turn()
            running.steady += SAVED_SECONDS - 1
        (tmp_path / "forward.toml").unlink()
        await running.minute(1)
        write(tmp_path, TWO.replace("away = true", ""))
        await running.turn()
        await running.sent("office", 2)

    running.runs(saved)


def test_a_clock_that_is_set_lets_go_of_nothing_and_time_that_passes_does(tmp_path: Path):
    running = Running(tmp_path)
    write(tmp_path, TWO)

    async def clocks() -> None:
        await running.turn()
        await running.minute(0)
        for days in (20, -40, 20):
            running.hub.now += days * 86400
            await running.turn()
            assert running.shown()["office"][0] == 1
        running.hub.now += 20 * 86400
        running.steady += 20 * 86400
        await running.turn()

    running.runs(clocks)
    assert running.shown()["office"][0] == 0
    assert [one.key for one in running.forwarding.troubles()][-1] == "forward_lost"


def test_the_page_shows_each_destination_and_tries_it_now(tmp_path: Path):
    running = Running(tmp_path)
    write(tmp_path, TWO + 'enabled = false\nsquares = ["东门广场"]\n')
    console = Console(tmp_path)
    console.app.state.forwarding = running.forwarding
    browser = logged_in(console)
    # as in a city, where one hub forwards and all have pages
    assert "Another hub of this city" in browser.get("/forward?lang=en").text
    running.runs(running.turn)
    told = browser.get("/forward", headers={"Accept-Language": "en"}).text
    assert "bureau" in told
    assert "Switched off" in told
    assert told.count("Try now</button>") == 1
    assert logged_in(console, "operator").get("/forward").status_code == 403
    assert browser.post("/forward/nobody/try").status_code == 404
    assert browser.post("/forward/bureau/try").status_code == 303
    assert [one.target for one in console.people.log.entries(what="forward_tried")] == ["bureau"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("[[destination]\n", "不是正确的 TOML"), (TWO + "awey = 1\n", "awey")],
    ids=["no table", "a key that is none"],
)
def test_what_is_wrong_is_told_in_the_reader_s_language(text: str, sentence: str, tmp_path: Path):
    running, console = Running(tmp_path), Console(tmp_path)
    console.app.state.forwarding = running.forwarding
    write(tmp_path, text)
    running.runs(running.turn)
    told = logged_in(console).get("/forward", headers={"Accept-Language": "zh"}).text
    assert sentence in told and " is no" not in told
    console.health.found = [*running.forwarding.troubles()]
    (said,) = health.told(console.app.state.context, "zh", of_district=False)
    assert sentence in said and " is no" not in said


def test_show_says_what_waits_and_what_was_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    running = Running(tmp_path)
    write(tmp_path, TWO)

    async def two_minutes() -> None:
        await running.turn()
        await running.minute(0)
        await running.sent("bureau", 1)

    running.runs(two_minutes)
    assert cli.run(["forward", "show", "--data", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "bureau  (memory)\n  waiting 0\n  sent 1" in told
    assert "office  (memory)\n  waiting 1, the oldest of" in told


def test_what_cannot_be_gathered_now_keeps_nothing_from_being_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    running = Running(tmp_path)
    write(tmp_path, TWO)

    async def fault() -> None:
        await running.turn()
        running.hub.minute(0, 1)
        going = asyncio.create_task(running.forwarding.run())
        with monkeypatch.context() as patched:
            patched.setattr(Gatherer, "turn", _fails)
            running.forwarding.on_stored(Stored())
            while not list(running.forwarding.troubles()):
                await asyncio.sleep(0.01)
        (trouble,) = running.forwarding.troubles()
        assert (trouble.key, trouble.ill) == ("forward_gathering", True)
        assert running.shown()["bureau"][1] == ""
        running.forwarding.on_stored(Stored())
        async with asyncio.timeout(DEADLINE):
            # what was gathered before goes out too, maybe first
            while not forward_to_memory.taken.get("bureau") or [*running.forwarding.troubles()]:
                await asyncio.sleep(0.01)
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)

    running.runs(fault)


def _fails(*_: object) -> None:
    raise OSError("the disk is spoilt here")


def test_of_a_file_that_has_a_fault_from_the_start_the_rest_is_at_work(tmp_path: Path):
    running = Running(tmp_path)
    write(tmp_path, "[[destination]\n")

    async def mended_in_part() -> None:
        await running.turn()
        write(tmp_path, TWO + '\n[[destination]]\nname = "third"\nkind = "memroy"\n')
        await running.turn()
        await running.minute(0)
        await running.sent("bureau", 1)

    running.runs(mended_in_part)
    assert "'memroy' is none" in running.forwarding.fault
    assert [one.key for one in running.forwarding.troubles()] == ["forward_settings"]
