"""What a real Home Assistant makes of us: `python tests/bench/home_assistant.py [FOLDER]`.

Installs it into an environment of its own in FOLDER (a temporary one; 200 MB), connects it and a
hub's destination to a broker, and looks at entities, units, availability, commands, and what is
left when a unit goes. Exit code 0: all as it should be; 1: not; 2: it does not install here.

Python 3.11 has 2024.3.3 as its newest, which knows no discovery by device: so it is told of each
entity by itself (`by_device = false`); the entities are the same.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from home_assistant_beside import HomeAssistantBeside, NotToBeHadError, environment
from mqtt_broker import mqtt_broker
from neighbour import EAST, SQUARE, Home, minute, ordered

from noisetamer.hub.people.audit import COMMAND_LINE

Check = tuple[str, bool]


def main(folder: Path) -> int:
    try:
        python = environment(folder / "environment")
    except NotToBeHadError as error:
        print(f"Home Assistant does not install here: {error}")
        return 2
    parts = [folder / time.strftime("%H%M%S") / name for name in ("broker", "hub", "config")]
    for part in parts:
        part.mkdir(parents=True)
    with mqtt_broker(parts[0]) as broker:
        home = Home(
            *(broker, parts[1]),
            by_device=False,
            live=True,
            language="en",
            commands=["mute", "spotlight", "say"],
            messages=["polite_zh"],
            account="neighbour",
        )
        home.console.people.accounts.add("neighbour", "property", COMMAND_LINE, squares=[SQUARE])
        beside = HomeAssistantBeside(python, parts[2], broker)
        found: list[Check] = []
        try:
            home.runs(lambda: _look(home, beside, found))
            found.append(("the hub is away: nothing is available", _all_away(beside)))
            verbs = [verb for verb, *_ in ordered(home)]
            orders_given = sorted(verbs) == ["mute", "say", "spotlight"]
            found.append((f"three orders were given: {' '.join(verbs)}", orders_given))
        finally:
            beside.close()
    for what, is_so in found:
        print(f"{'as it should' if is_so else 'NOT SO      '}  {what}")
    return int(not all(is_so for _, is_so in found))


async def _look(home: Home, beside: HomeAssistantBeside, found: list[Check]) -> None:
    level = "sensor.dong_men_yan_chang_box_1_sound_level_laeq_1min"

    def entity(end: str) -> tuple[str, dict[str, Any]]:
        states = beside.states()
        return next((told for name, told in states.items() if name.endswith(end)), ("none", {}))

    async def becomes(what: str, is_so: Callable[[], bool]) -> None:
        for _ in range(50):
            if await asyncio.to_thread(is_so):
                break
            await asyncio.sleep(0.2)
        else:
            raise AssertionError(f"not so: {what}: {beside.states()}")
        found.append((what, True))

    state = home.console.live.states[EAST]
    await becomes("the level is there", lambda: entity("sound_level_laeq_1min")[0] != "none")
    found.append(("a unit that is away is unavailable", entity("1min")[0] == "unavailable"))
    state.online = True
    await home.format.send([minute(0, 612)])
    await becomes("61.2 dBA of the minute", lambda: entity("1min")[0] == "61.2")
    told = entity("1min")[1]
    found.append(
        (
            "as sound pressure in dBA",
            (told.get("device_class"), told.get("unit_of_measurement"))
            == ("sound_pressure", "dBA"),
        )
    )
    state.stage = "red"
    await becomes("stage red", lambda: entity("_stage")[0] == "red")
    state.spotlight = True
    await becomes("spotlight on", lambda: entity("_spotlight")[0] == "on")
    for name, (told_state, _) in sorted(beside.states().items()):
        if "box_1" in name:
            print(f"    {name:70} {told_state}")
    print(json.dumps(beside.ask(do="devices"), ensure_ascii=False))
    for domain, service, end in (
        ("switch", "turn_on", "_mute"),
        ("switch", "turn_on", "_spotlight"),
        ("button", "press", "polite_zh"),
    ):
        name = next((one for one in beside.states() if one.endswith(end)), level)
        await asyncio.to_thread(beside.ask, do="call", domain=domain, service=service, entity=name)
    await asyncio.sleep(2)
    units, home.units = home.units, {}
    await becomes("a unit that is gone is no device", lambda: entity("1min")[0] == "none")
    home.units = units
    await becomes("and is one again", lambda: entity("1min")[0] != "none")


def _all_away(beside: HomeAssistantBeside) -> bool:
    for _ in range(50):
        told = [state for name, (state, _) in beside.states().items() if "box_1" in name]
        if told and all(state == "unavailable" for state in told):
            return True
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(Path(temporary)))
