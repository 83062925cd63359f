"""From this firmware to a box that runs it by the air, and to one that goes back by itself:
`python tests/bench/over_the_air.py [RUNS]`.

A real box (the unix port, 20 times as fast as life) in a simulated square, a real hub with its
broker, and what an operator types. Each run: a release is built, signed, stamped, pushed, taken
and proven; then one that never hears enough, which the box tries and goes back from.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import some_releases
from hub_process import HubProcess
from live_box import STORY, LiveBox
from releases import changed

from noisetamer import cli
from noisetamer.proof import rsa
from noisetamer.simulate.unit_run import BOARD
from noisetamer.unit.files import release_file
from noisetamer.virtual.firmware_process import Tier
from noisetamer.workshop.release.make import Wanted, made
from tamer.record import release

PATIENCE = 700.0
"""Seconds for each release: a box that had no memory for it gets it again after 300."""

# In place of what a release wants to hear, and for how long it waits, s: a minute, not ten.
_DEAF = {"_HEARD = 20 ": "_HEARD = 10**6 ", "_TIME, _LOOK = 600,": "_TIME, _LOOK = 60,"}


def built(number: int, **other: bytes) -> bytes:
    """A release of this firmware for a simulated box, signed. other: files in place of its own."""
    key = some_releases.key("stamp").public
    found = release_file.unpacked(made(BOARD, Wanted(number, key, simulated=True)))
    files = found.files | {f"/tamer/{name}.mpy": content for name, content in other.items()}
    text = release_file.manifest(found.header, files)
    return release_file.packed(text, files, some_releases.key("root").sign(text))


def run(folder: Path) -> tuple[float, float]:
    """Seconds from the push until the page says how it ended, of each of the two releases."""
    hub = HubProcess(folder / "hub", "--enrol", "SIM-0001=东门广场")
    some_releases.root_file(hub.data)
    root = release.modulus_text(rsa.modulus(some_releases.key("root").public)) + "\n"
    # its clock and the hub's agree, or no stamp would do for both
    story = replace(STORY, start=int(time.time()), duration_s=24 * 3600)
    box = LiveBox(folder / "box", hub, Tier.LEVELS, story=story, root=root)
    try:
        box.wait_for_second(20)
        first = _pushed(hub, folder / "one", built(1), "Release 1: done", "0.1.0 · Release 1")
        back = "it did not prove itself: the old firmware is back; The box says: it heard"
        wrong = built(2, trial=changed("tamer/trial.py", **_DEAF))
        second = _pushed(hub, folder / "two", wrong, "Release 2: stopped by itself", back)
        heard = len(box.seconds())
        _wait(lambda: len(box.seconds()) > heard + 20, "seconds of a box that went back")
        return first, second
    finally:
        box.stop()
        hub.stop()


def _pushed(hub: HubProcess, file: Path, whole: bytes, *words: str) -> float:
    """Until the page says all these words."""
    some_releases.stamped(file, whole)
    begin = time.monotonic()
    with redirect_stdout(StringIO()):
        # the demo's square is loud in its first two minutes: so long it waits
        assert cli.run(["update", "push", str(file), "--data", str(hub.data)]) == 0
    _wait(lambda: words[0] in hub.get("updates?lang=en").text, words[0])
    page = hub.get("updates?lang=en").text
    assert all(each in page for each in words), page[page.find("<main") :][:3000]
    return time.monotonic() - begin


def _wait(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.2)


def main(runs: int = 5) -> None:
    for number in range(1, runs + 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                first, second = run(Path(folder))
            except AssertionError as wrong:
                print(f"{number}: {wrong}", flush=True)
                continue
        print(f"{number}: proven after {first:.0f} s, went back after {second:.0f} s", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
