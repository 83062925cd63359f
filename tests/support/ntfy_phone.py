"""A phone with ntfy's app, which rings from the hub, and the person who has it."""

import json
import threading
from collections import Counter
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from hub_process import until
from waiting import DEADLINE

from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.people import People


def somebody_with_phone(
    data: Path, name: str, role: str, squares: Collection[str] | None = None
) -> tuple[int, str]:
    """(the account's number, the phone's topic) of somebody new in a hub's data folder."""
    with closing(People(data / "people.sqlite")) as people:
        account = people.accounts.add(name, role, HUB, squares=squares)
        return account.id, people.contacts.add(account.id, "ntfy", HUB).address


class NtfyPhone(threading.Thread):
    """Listens until it is `ending`, and comes back for what it has missed. rung: every message, as
    it came."""

    def __init__(self, url: str, topic: str) -> None:
        """url: the hub's."""
        super().__init__(daemon=True)
        self._stream = f"{url}{topic}/json"
        # One for all its tries, and no authorities: to read them takes 20 ms each time.
        self._client = httpx.Client(timeout=DEADLINE, verify=False)
        self._newest = "all"
        self.rung: list[dict[str, Any]] = []
        self.ending = threading.Event()
        self.start()

    @property
    def had(self) -> Counter[str]:
        """How often it had each message, by its name."""
        return Counter(told["id"] for told in list(self.rung))

    def ring(self, number: int) -> dict[str, Any]:
        """Its so manieth message, from 1 on, when it has come."""
        until(lambda: len(self.rung) >= number, f"message {number}")
        return self.rung[number - 1]

    def run(self) -> None:
        with self._client:
            while not self.ending.is_set():
                try:
                    self._listen()
                except httpx.HTTPError:
                    self.ending.wait(0.1)

    def _listen(self) -> None:
        asked = {"since": self._newest}
        with self._client.stream("GET", self._stream, params=asked) as answer:
            # while the hub is down, somebody else may have its port
            answer.raise_for_status()
            for line in answer.iter_lines():
                told = json.loads(line)
                if told["event"] == "message":
                    self._newest = told["id"]
                    self.rung.append(told)
                if self.ending.is_set():
                    return
