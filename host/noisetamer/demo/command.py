"""The command line of the demo: `noisetamer demo`, `./flash.sh demo`."""

import argparse
import os
import signal
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.demo.processes import HubProcess, UnitProcesses, with_music
from noisetamer.simulate.command import plan, until
from noisetamer.square import scenario
from noisetamer.square.ground_truth import WorldEventKind
from noisetamer.virtual.firmware_process import Tier

_STORY = "demo_square"

# Faster than this the network cannot keep up with simulated time.
_FASTEST = 20


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("--units", type=int, default=1, metavar="N", help="default 1")
    parser.add_argument(
        "--speed", type=float, default=1.0, metavar="X", help="default 1, at most 20"
    )
    parser.add_argument("--wav", type=Path, metavar="FILE", help="the dancers' music")
    parser.add_argument("--port", type=int, default=8080, help="of the page; 0: a free one")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="default 1")
    parser.add_argument("--headless", action="store_true", help="open no browser, end by itself")
    parser.add_argument("--until", metavar="TIME", help="simulated time: 5s, 20m; default 1h")


def run_command(arguments: argparse.Namespace) -> int:
    """0 when it ended as it should, 1 when a part failed. Raises UserError."""
    if not 0.1 <= arguments.speed <= _FASTEST:
        raise UserError(f"--speed {arguments.speed:g}: give a factor from 0.1 to {_FASTEST}.")
    story = scenario.load(_STORY)
    if arguments.wav:
        story = with_music(story, arguments.wav)
    end = until(arguments.until, story)
    wanted = dict(seed=arguments.seed, units=arguments.units, until_s=end)
    names = [run.name for run in plan(story, tier=Tier.AUDIO, pace=arguments.speed, **wanted)]
    # Ended from outside, the demo still ends everything it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        hub = HubProcess(Path(folder) / "hub", arguments.port, names)
        units = None
        try:
            address = hub.address()
            hubs = [hub.for_unit(name) for name in names]
            runs = plan(story, tier=Tier.AUDIO, pace=arguments.speed, hubs=hubs, **wanted)
            units = UnitProcesses(runs, Path(folder) / "units")
            print(f"Watch the square at {address}   (Ctrl-C ends everything)", flush=True)
            if not arguments.headless:
                _open(address)
            return _follow(hub, units, wait=not arguments.headless)
        except KeyboardInterrupt:
            print("\nended", flush=True)
            return 0
        finally:
            # A second Ctrl-C must not leave half of it running.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if units:
                units.end()
            hub.end()


def _follow(hub: HubProcess, units: UnitProcesses, wait: bool) -> int:
    """Print the story here too, until it is over; the exit code."""
    while units.running():
        for event in units.events(0.5):
            text = sentence(event)
            if text:
                print(text, flush=True)
        if hub.ended():
            print("the hub has stopped; the boxes went on without it", file=sys.stderr)
            return 1
    for event in units.events(0.5):
        if text := sentence(event):
            print(text, flush=True)
    if units.failed():
        return 1
    print("The story is over." + (" Ctrl-C ends the page." if wait else ""), flush=True)
    while wait and not hub.ended():
        signal.pause()
    return 0


def sentence(event: dict[str, Any]) -> str | None:
    """One event as a line for people; None where another one says it."""
    if "error" in event:
        return f"{event['unit']}: {event['error']}"
    start = f"{event['at'][11:]} {event['unit']} "
    kind = event.get("event")
    if kind == "stage":
        what = {
            "green": "green: quiet again",
            "amber": f"amber: {event['level']:.1f} dB, near the limit of {event['limit']:g}",
            "red": f"red, spotlight on: {event['level']:.1f} dB, limit {event['limit']:g}",
        }.get(event["to"])
        return what and start + what
    if kind == "warning":
        return f"{start}speaks, warning {event['number']}"
    if kind == "boot":
        return f"{start}is awake"
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
