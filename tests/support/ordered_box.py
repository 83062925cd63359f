"""A box on the stand that is given orders: signed as a hub signs, at times of its own."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from folders import ON_BOX
from stand import START, Ran, Stand

from tamer.record import orders

UNIT, KEY = "SIM-0001", "aPeR7-0kz1yX_mQ5r3Jv9tWc2LsB8dHfGhN4uEoIiCk"

_HUB = {"host": "10.0.0.1", "port": 8883, "name": "hub", "ca": "/hub.der", "command": KEY}
_WIFI = {"ssid": "square", "key": ""}


def signed(
    n: int, verb: str, *, until: int, unit: str = UNIT, key: str = KEY, **fields: Any
) -> bytes:
    """As the hub does. for_: the field `for`."""
    named = {name.rstrip("_"): value for name, value in fields.items()}
    order = {"n": n, "until": until, "verb": verb, **named}
    text = json.dumps(order, ensure_ascii=False, separators=(",", ":"))
    return orders.signed(key, unit, text)


_NO_FILES: Mapping[str, bytes] = {}


class OrderedBox:
    """What is planned comes at the next `run`."""

    def __init__(
        self, folder: Path, files: Mapping[str, bytes] = _NO_FILES, **settings: Any
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.stand = Stand(
            folder, ON_BOX / "main_orders.py", files, unit=UNIT, wifi=_WIFI, hub=_HUB, **settings
        )
        self._plan: list[tuple[int, str, str]] = []
        self._now = START

    def at(self, second: float, message: bytes, kind: str = "order") -> None:
        """A message at so many seconds after the power came."""
        self._plan.append((round(1000 * second), kind, message.hex()))

    def look(self, second: float) -> None:
        """It tells what is free then."""
        self.at(second, b"", "look")

    def order(self, second: float, n: int, verb: str, lasts: int = 60, **fields: Any) -> bytes:
        """An order at that time, which holds for so long."""
        until = self._now + int(second) + lasts
        message = signed(n, verb, until=until, **fields)
        self.at(second, message)
        return message

    def send(
        self, second: float, n: int, verb: str, whole: bytes, lasts: int = 60, **fields: Any
    ) -> bytes:
        """Likewise, with what comes in parts."""
        (self.stand.chip / f"parts.{n}").write_bytes(whole)
        digest = hashlib.sha256(whole).hexdigest()
        told = {"size": len(whole), "sha256": digest, **fields}
        return self.order(second, n, verb, lasts, **told)

    def run(self, seconds: int, **how: Any) -> Ran:
        """Turn the power on for so long; the plan is done with then."""
        self._plan.sort()
        (self.stand.chip / "orders.json").write_text(json.dumps(self._plan))
        self._plan.clear()
        ran = self.stand.run(seconds, **how)
        self._now = self.stand.now
        return ran


def told(ran: Ran) -> list[tuple[Any, ...]]:
    """(n, verb, result, why) of each event."""
    return [
        (said.get("n"), said.get("verb"), said["result"], said.get("why"))
        for said in ran.events("order")
    ]
