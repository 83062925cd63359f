"""`noisetamer demo --headless`: a whole square that tells its story and leaves nothing behind."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from program import Running, run, until

from noisetamer.base.errors import UserError
from noisetamer.hub.bus import ports
from noisetamer.hub.people import page_address

pytestmark = pytest.mark.e2e

Begin = Callable[..., Running]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """begin(options): a demo that is under way."""
    begun: list[Running] = []

    def one(*options: object) -> Running:
        begun.append(Running("demo", "--headless", "--port", 0, *options))
        return begun[-1]

    yield one
    for demo in begun:
        demo.kill_family()


def are_free(used: set[int]) -> bool:
    """A process that ends has no environment any more, and for a moment still its ports."""
    with suppress(UserError):
        return all(ports.free("127.0.0.1", port, "") == port for port in used)
    return False


def told(demo: Running) -> list[str]:
    """What happened to SIM-0001, without times and levels."""
    kinds = ("awake", "amber", "red, spotlight on", "speaks, warning 1", "speaks, warning 2")
    kinds += ("turn down", "quiet again")
    return [kind for line in demo.out for kind in kinds if kind in line and "SIM-0001" in line]


def test_it_tells_the_whole_story_in_order_and_ends_by_itself(begin: Begin, tmp_path: Path):
    demo = begin("--until", "2m", "--speed", 20, "--data", tmp_path / "hub")
    assert demo.end() == 0
    assert demo.wrong == []
    assert demo.out[0].startswith("Watch the square at http://127.0.0.1:")
    links = page_address.noted(tmp_path / "hub")
    assert demo.out[0].startswith(f"Watch the square at {links}/"), "a login holds for one host"
    assert demo.out[-1] == "The story is over."
    assert told(demo) == [
        *("awake", "amber", "red, spotlight on", "speaks, warning 1", "speaks, warning 2"),
        *("turn down", "quiet again"),
    ]
    until(lambda: not demo.family(), "no orphan")


def test_ctrl_c_ends_everything_and_frees_the_ports(begin: Begin):
    demo = begin("--units", 2)
    demo.wait_for("SIM-0002 is awake")
    assert len(demo.family()) >= 7  # itself, hub, broker, two units and their two boxes
    used = demo.listening()
    assert len(used) >= 3  # page, broker for units, broker for the hub
    demo.ctrl_c()
    assert demo.end() == 0
    assert demo.wrong == []
    until(lambda: not demo.family(), "no orphan")
    until(lambda: are_free(used), "its ports free")


def test_ended_from_outside_while_the_parts_are_still_starting_is_as_clean(begin: Begin):
    demo = begin("--units", 2)
    demo.wait_for("Watch the square")
    demo.process.terminate()
    assert demo.end() == 0
    assert demo.wrong == []
    until(lambda: not demo.family(), "no orphan")


def test_the_users_own_music_is_too_loud_and_killed_in_the_middle_nothing_lives_on(
    begin: Begin, tmp_path: Path
):
    song = tmp_path / "song.wav"
    soundfile.write(song, 0.2 * np.random.default_rng(1).standard_normal(44_100), 22_050)
    demo = begin("--speed", 20, "--wav", song)
    demo.wait_for("red, spotlight on")
    used = demo.listening()
    os.kill(demo.process.pid, signal.SIGKILL)
    assert demo.process.wait() == -signal.SIGKILL
    until(lambda: not demo.family(), "no orphan")
    until(lambda: are_free(used), "its ports free")


def test_a_taken_port_is_one_sentence_and_nothing_stays(begin: Begin):
    with ports.listen("127.0.0.1", 0, "") as taken:
        port = taken.getsockname()[1]
        demo = begin("--port", port)
        assert demo.end() == 2
    assert demo.out == []
    assert demo.wrong == [
        f"noisetamer demo: the hub did not start: Port {port} on 127.0.0.1 cannot be opened "
        "(address already in use): end what uses it, or choose another with --port."
    ]
    until(lambda: not demo.family(), "no orphan")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--wav", "no song.wav"], "no song.wav: does not exist (looked in .); check the name"),
        (["--story", "windy_nigt"], "There is no scenario windy_nigt; did you mean windy_night?"),
        (["--speed", "100"], "--speed 100: give a factor from 0.1 to 20."),
        (["--history", "99"], "--history 99: give 0 to 60 days."),
        (["--data", "."], "--data .: holds something already; name a new folder."),
        (["--units", "0"], "--units 0: give a number from 1 to 999."),
        (
            ["--until", "soon"],
            '--until: "soon" is not a time span: write it like "20m", "45s" or ',
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_the_user_can_mend_is_one_sentence(options: list[str], sentence: str):
    ran = run("demo", "--headless", *options)
    (said,) = ran.wrong
    assert (ran.code, ran.out) == (2, "")
    assert said.startswith(f"noisetamer demo: {sentence}")


@pytest.mark.usefixtures("without_semaphores")
def test_where_its_processes_cannot_talk_to_each_other_it_says_so_before_it_starts_any():
    ran = run("demo", "--headless")
    assert (ran.code, len(ran.wrong)) == (2, 1)
    assert "/dev/shm is missing or read-only" in ran.wrong[0]
