"""A real Home Assistant with its MQTT integration, run by its own Python: what it makes of what it
is told. Not imported: `home_assistant_beside.py` starts it as a program.

    home_assistant.py CONFIG_FOLDER    # lines in: JSON; lines out: JSON

A line {"do": "states"} answers {entity: [state, attributes]}; {"do": "call", "domain", "service",
"entity"} presses or switches; {"do": "devices"} answers the device registry.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path


async def main(folder):
    from homeassistant import bootstrap, core, loader  # pyright: ignore
    from homeassistant.helpers import device_registry  # pyright: ignore

    logging.basicConfig(level=logging.INFO)
    hass = core.HomeAssistant(folder)
    hass.config.skip_pip = True
    loader.async_setup(hass)
    # without what needs the frontend: not as a whole, which would go into recovery mode
    settings = json.loads(Path(folder, "configuration.yaml").read_text())
    if await bootstrap.async_from_config_dict(settings, hass) is None:
        raise SystemExit("Home Assistant does not begin")
    await hass.async_start()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    print(json.dumps({"ready": True}), flush=True)
    while line := await reader.readline():
        asked = json.loads(line)
        if asked["do"] == "call":
            target = {"entity_id": asked["entity"]}
            await hass.services.async_call(
                asked["domain"], asked["service"], target, blocking=True
            )
            answer = {}
        elif asked["do"] == "devices":
            found = device_registry.async_get(hass).devices.values()
            answer = [[one.name, one.manufacturer, one.sw_version] for one in found]
        else:
            answer = {
                one.entity_id: [one.state, dict(one.attributes)] for one in hass.states.async_all()
            }
        print(json.dumps(answer, default=str), flush=True)
    await hass.async_stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
