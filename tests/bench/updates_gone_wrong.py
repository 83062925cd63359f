"""Boxes whose update is cut or poisoned: `python tests/bench/updates_gone_wrong.py`.

A thousand in all: the power cut at every write of an update that is good, one that reaches no hub
and one that crashes, on a small firmware; releases with a byte or a word another, or cut off; and
whole boxes, with signed releases that crash in some way, hear nothing, never reach the hub or
never end their trial, and with the power cut at any second. Prints by kind how many there were,
how many boxes measure and can be ordered something afterwards, and which firmware they have. --of:
so many whole boxes of each kind; --poisoned: so many; --seed. Takes some ten minutes.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import releases
import updates
from ordered_box import OrderedBox, told
from releases import changed
from stand import START

from noisetamer.virtual.firmware_process import BoxDiedError, ResetCause

_IMPATIENT = {"_LOOK = 600": "_LOOK = 30"}
_NEXT = {"/tamer/__init__.mpy": changed("tamer/__init__.py", **{'"0.1.0"': '"0.2.0"'})}
_TRIAL = {"/tamer/trial.mpy": changed("tamer/trial.py", **_IMPATIENT)}
_FOR_EVER = {"_LOOK = 600": "_LOOK = 900000"}
_DEAF = "\ndef passes(kernel):\n    return False\n"
_HANGS = "\nimport time\nwhile True:\n    time.sleep(1)\n"

# A release, and the settings of its box.
_KINDS: dict[str, tuple[dict[str, bytes], dict[str, Any]]] = {
    "power cut": ({}, {}),
    "at import": ({"/tamer/act/panel.mpy": changed("tamer/act/panel.py", end="\n1 / 0\n")}, {}),
    "at start": (
        {"/tamer/start.mpy": changed("tamer/start.py", **{"    gc.collect()": "    x()"})},
        {},
    ),
    "no code": ({"/tamer/start.mpy": b"M", "/tamer/hear/ear.mpy": b""}, {}),
    "hangs": ({"/tamer/unit.mpy": changed("tamer/unit.py", end=_HANGS)}, {}),
    "no memory": (
        {"/tamer/unit.mpy": changed("tamer/unit.py", end="\nx = bytearray(10**7)\n")},
        {},
    ),
    "hears nothing": (
        {
            **_TRIAL,
            "/tamer/hear/kernel/self_test.mpy": changed(
                "tamer/hear/kernel/self_test.py", end=_DEAF
            ),
        },
        {},
    ),
    "no hub": (_TRIAL, {"reached": False}),
    "never proves": (
        {"/tamer/trial.mpy": changed("tamer/trial.py", **_FOR_EVER)},
        {"reached": False},
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--of", type=int, default=5, help="so many whole boxes of each kind")
    parser.add_argument("--poisoned", type=int, default=450)
    parser.add_argument("--step", type=int, default=1, help="writes between two cuts")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as place:
        small = Path(place) / "small"
        updates.lay_out(small)
        for how in updates.HOWS:
            _, old, new = updates.cut_short(small, how, 0, arguments.step)
            kind = f"{how}, cut at each write"
            print(f"{kind:34} {old + new:5} well: {old} old, {new} new", flush=True)
        whys = updates.poisoned(small, arguments.seed, arguments.poisoned)
        print(f"{'poisoned':34} {sum(whys.values()):5} refused: {whys}", flush=True)
        for kind in _KINDS:
            ends = Counter(
                whole_box(Path(place) / f"{kind}{i}", kind, chance) for i in range(arguments.of)
            )
            print(f"{kind:34} {arguments.of:5} {dict(ends)}", flush=True)


def whole_box(folder: Path, kind: str, chance: random.Random) -> str:
    """How it ended, in words."""
    fault, settings = _KINDS[kind]
    folder.mkdir()
    box = OrderedBox(folder / "box", releases.root_key(), **settings)
    files = releases.files_of(folder / "box" / "content")
    made = releases.made({**files, **_NEXT, **fault}, START)
    box.send(4, 1, "update", made.whole, 300, **made.told)
    cause, last = ResetCause.POWER_ON, None
    for _ in range(12):
        seconds = chance.randrange(1, 40) if kind == "power cut" and not last else 700
        try:
            ran = box.run(seconds if kind in ("power cut", "never proves") else 45, cause=cause)
        except BoxDiedError:
            # It stands at the interpreter's prompt, and nobody feeds the watchdog.
            cause, last = ResetCause.WATCHDOG, None
            continue
        cut = kind == "power cut" and not last
        last = ran
        if ran.reset is None and not cut:
            break
        cause = ran.reset or ResetCause.POWER_ON
    box.order(5, 2, "examine")
    box.look(20)
    ran = box.run(25)
    measures = len(ran.seconds()) >= 20 and ran.samples_lost() == 0
    is_reached = (2, "examine", "done", None) in told(ran)
    if not (measures and is_reached):
        return "NOT WELL"
    return f"well, {ran.events('boot')[0]['firmware']}"


if __name__ == "__main__":
    main()
