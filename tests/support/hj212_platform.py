"""A destination of kind hj212 as forward.toml has it, with the defaults of the rest."""

from typing import Any

from evening import EAST
from hj212_device import MN

from noisetamer.hub.forward.format import Asked
from noisetamer.hub.forward.hj212 import KEYS, WANTS


def asked(port: int, name: str = "bureau", **keys: Any) -> Asked:
    settled = {
        "host": "127.0.0.1",
        "port": port,
        "mn": {EAST: MN},
        "password_file": "123456",
        "heartbeat": 0,
        "started": False,
    }
    plain = {name: key.default for name, key in KEYS.items() if name not in settled}
    return Asked(name, "hj212", WANTS, keys={**plain, **settled, **keys})
