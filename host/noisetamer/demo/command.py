"""The command line of the demo: `noisetamer demo`, `./flash.sh demo`."""

import argparse
import os
import signal
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Any

from noisetamer.base.child_processes import pools_work
from noisetamer.base.errors import UserError
from noisetamer.demo.processes import HubProcess, UnitProcesses, with_music
from noisetamer.simulate.command import plan, until
from noisetamer.square import scenario
from noisetamer.square.ground_truth import WorldEventKind
from noisetamer.square.scenario import Scenario
from noisetamer.square.world import MUSIC
from noisetamer.virtual.firmware_process import Tier
from tamer.judge import schema

_STORY = "demo_square"

_MOST_DAYS = 60

# Faster than this the network cannot keep up with simulated time.
_FASTEST = 20


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    names = ", ".join(scenario.shipped())
    parser.add_argument(
        "--story",
        default=_STORY,
        metavar="SCENARIO",
        help=f"a file, or a shipped one: {names}; default {_STORY}",
    )
    parser.add_argument("--units", type=int, default=1, metavar="N", help="default 1")
    parser.add_argument(
        "--speed", type=float, default=1.0, metavar="X", help="default 1, at most 20"
    )
    parser.add_argument("--wav", type=Path, metavar="FILE", help="the dancers' music")
    parser.add_argument(
        "--history",
        type=int,
        default=0,
        metavar="DAYS",
        help="simulated days before the story, to look back on; some minutes for 14",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="keep what the hub stores, for export and backtests; a new folder",
    )
    parser.add_argument("--port", type=int, default=8080, help="of the page; 0: a free one")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="default 1")
    parser.add_argument("--headless", action="store_true", help="open no browser, end by itself")
    parser.add_argument(
        "--until", metavar="TIME", help="simulated time: 5s, 20m; default: to the story's end"
    )


def run_command(arguments: argparse.Namespace) -> int:
    """0 when it ended as it should, 1 when a part failed. Raises UserError."""
    if not 0.1 <= arguments.speed <= _FASTEST:
        raise UserError(f"--speed {arguments.speed:g}: give a factor from 0.1 to {_FASTEST}.")
    story = scenario.load(arguments.story)
    if arguments.wav:
        story = with_music(story, arguments.wav)
    end = until(arguments.until, story)
    wanted = dict(seed=arguments.seed, units=arguments.units, until_s=end)
    playing = dict(tier=Tier.AUDIO, pace=arguments.speed, reporting=True)
    names = [run.name for run in plan(story, **playing, **wanted)]
    # Ended from outside, the demo still ends everything it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not 0 <= arguments.history <= _MOST_DAYS:
        raise UserError(f"--history {arguments.history}: give 0 to {_MOST_DAYS} days.")
    if arguments.data and arguments.data.exists() and any(arguments.data.iterdir()):
        raise UserError(f"--data {arguments.data}: holds something already; name a new folder.")
    if not pools_work():
        raise UserError(
            "/dev/shm is missing or read-only, by which the demo's boxes tell the page what they "
            "do: mount it, or play a scenario with `noisetamer simulate`."
        )
    with tempfile.TemporaryDirectory() as folder:
        data = arguments.data or Path(folder) / "hub"
        units = None
        if arguments.history:
            _look_back(data, story, arguments.history, names)

        def turn_music(dB: float) -> None:
            if units:
                units.turn_music(dB)

        hub = HubProcess(data, arguments.port, names, turn_music)
        try:
            address = hub.address()
            hubs = [hub.for_unit(name) for name in names]
            runs = plan(story, hubs=hubs, **playing, **wanted)
            hub.show(_about(story, arguments.speed))
            units = UnitProcesses(runs, Path(folder) / "units")
            print(
                f"Watch the square at {address}{hub.login()}   (Ctrl-C ends everything)",
                flush=True,
            )
            if not arguments.headless:
                _open(address + hub.login())
            return _follow(hub, units, not arguments.headless, own_music=bool(arguments.wav))
        except KeyboardInterrupt:
            print("\nended", flush=True)
            return 0
        finally:
            # A second Ctrl-C must not leave half of it running.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if units:
                units.end()
            hub.end()


def _look_back(data: Path, story: Scenario, days: int, names: list[str]) -> None:
    """Put the days before the story into the store, with a bar."""
    # Loads what draws, too: not for a demo without it.
    from rich.console import Console
    from rich.progress import Progress

    from noisetamer.demo import history

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{days} simulated days", total=days * 86_400 * len(names))
        history.play(data, story, days, names, lambda done: bar.update(task, completed=done))


def _about(story: Scenario, speed: float) -> dict[str, Any]:
    """What the page is told of the story."""
    told, _ = schema.complete(story.box.policy)
    return {
        "view": "story",
        "title": story.title,
        "messages": [told[stage]["message"] for stage in ("polite", "firm")],
        "music": any(source.sound in MUSIC for source in story.sources),
        "live": speed <= 1,
    }


def _follow(hub: HubProcess, units: UnitProcesses, wait: bool, own_music: bool) -> int:
    """Show the story on the page and print it here too, until it is over; the exit code."""
    ends: list[dict[str, Any]] = []
    over = False
    while not over:
        # What a unit said last is read after it has ended.
        over = not units.running()
        for event in units.events(0.5):
            if "view" in event:
                hub.show(event)
            elif "ended" in event:
                ends.append(event)
            elif text := sentence(event):
                print(text, flush=True)
            if hub.ended():
                break
        if hub.ended():
            print("the hub has stopped; the boxes went on without it", file=sys.stderr)
            return 1
    if units.failed():
        return 1
    print("The story is over." + (" Ctrl-C ends the page." if wait else ""), flush=True)
    if own_music and (text := never_loud(ends)):
        print(text, flush=True)
    while wait and not hub.ended():
        signal.pause()
    return 0


def never_loud(ends: list[dict[str, Any]]) -> str | None:
    """Why nothing happened, where nothing did: the loudest second of all, and the limit."""
    heard = [end for end in ends if end["ended"] is not None]
    if not heard or any(end["red"] for end in ends):
        return None
    loudest = max(heard, key=lambda end: end["ended"] - end["limit"])
    return (
        f"It was not too loud for long enough: the loudest second had {loudest['ended']:.1f} dB, "
        f"the limit was {loudest['limit']:g}. Turn the music up on the page, or take louder "
        "music: a recording is played at the story's level, its quiet parts included."
    )


def sentence(event: dict[str, Any]) -> str | None:
    """One event as a line for people; None where another one says it."""
    if "error" in event:
        return f"{event['unit']}: {event['error']}"
    start = f"{event['at'][11:]} {event['unit']} "
    kind = event.get("event")
    if kind == "stage":
        above = event["to"] == "amber" and event["level"] > event["limit"]
        where = f"{'above' if above else 'near'} the limit of {event['limit']:g}"
        if above:
            where += ", not yet for long"
        what = {
            "green": "green: quiet again",
            "amber": f"amber: {event['level']:.1f} dB, {where}",
            "red": f"red, spotlight on: {event['level']:.1f} dB, limit {event['limit']:g}",
        }.get(event["to"])
        return what and start + what
    if kind == "warning":
        return f"{start}speaks, warning {event['number']}"
    if kind == "boot":
        return f"{start}is awake"
    if kind == "hand-over":
        return f"{start}calls the {event['to']}"
    if kind == "order":
        what = event.get("verb", "an order")
        said = {
            "begun": "speaks as somebody has ordered",
            "done": f"has done what somebody ordered: {what}",
            "refused": f"refuses what somebody ordered ({what}): {event.get('why')}",
        }.get(event["result"])
        return said and start + said
    if event.get("world") == WorldEventKind.COMPLY:
        return f"{start}(in the square: the {event['group']} turn down)"
    return None


def _open(address: str) -> None:
    """Open the page where there is a screen."""
    if sys.platform == "linux" and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return
    webbrowser.open(address)
