"""Squares too loud again and again, phones that listen, and a hub and a broker killed at random.

Real hub, broker and ntfy stream; the boxes are journals that send until they are acknowledged.
"""

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub_process import HubProcess, until
from ntfy_phone import NtfyPhone, somebody_with_phone
from scripted_unit import Box, event

from noisetamer.base.errors import UserError
from noisetamer.hub.incidents.book import Book
from noisetamer.hub.incidents.incident import Effect, Entry
from noisetamer.hub.squares.squares import Squares
from noisetamer.hub.store.queries import Queries

PLAN = {
    "begins": "red",
    "calm": 1,
    "cool_down": 0,
    "step": [{"who": ["leader"]}, {"who": ["property"], "after": 3}],
}
"""So short that a kill falls into every part of it. Each time red is an incident of its own."""


@dataclass
class Outcome:
    """What came of one evening. reds: how often a box went red; incidents: what that became;
    kills: of the hub and of the broker alone; calls, all_clears: that phones have had; withdrawn:
    not wanted any more before they went out; late: incidents that were over before the hub heard
    of them, which call nobody; doubles: had more than once; lost: sentences."""

    reds: int = 0
    incidents: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    all_clears: int = 0
    withdrawn: int = 0
    late: int = 0
    doubles: int = 0
    lost: list[str] = field(default_factory=list)


class JournalBox(threading.Thread):
    """Keeps what it has to say until the hub has it."""

    def __init__(self, hub: HubProcess, id: str) -> None:
        super().__init__(daemon=True)
        self.hub, self.id = hub, id
        self.records: list[bytes] = []
        self.acknowledged = 0
        self.reds: list[int] = []
        self.ending = threading.Event()

    def stage(self, before: str, after: str) -> None:
        t = int(time.time())
        change: dict[str, Any] = {"from": before, "to": after, "limit": 650, "level": 671}
        if after == "red":
            self.reds.append(t)
        self.records.append(event(len(self.records) + 1, t, "stage", **change))

    @property
    def told(self) -> bool:
        return self.acknowledged == len(self.records)

    def run(self) -> None:
        while not self.ending.is_set():
            try:
                self._serve()
            except (OSError, AssertionError, IndexError, UserError):
                time.sleep(0.2)

    def _serve(self) -> None:
        box = Box(self.hub.unit(self.id), seconds=10)
        with box.mqtt:
            status = {"v": 1, "online": True, "b": 1, "t": int(time.time())}
            box.mqtt.publish(f"dev/{self.id}/status", json.dumps(status).encode(), retain=True)
            box.mqtt._socket.settimeout(0.1)
            sent, since = self.acknowledged, time.monotonic()
            while not self.ending.is_set():
                for message in self.records[sent:]:
                    box.record(message)
                    sent += 1
                try:
                    topic, body = box.mqtt.receive()
                except TimeoutError:
                    if not self.told and time.monotonic() - since > 3:
                        return  # and again, from the oldest on
                    continue
                if topic.endswith("/ack"):
                    self.acknowledged = max(self.acknowledged, json.loads(body)["s"])
                    since = time.monotonic()


def play(folder: Path, seed: int, squares: int, reds: int, kills: int) -> Outcome:
    """One evening; several may not run at once in one folder."""
    chance = random.Random(seed)
    units = {f"SIM-000{n}": f"广场{n}" for n in range(1, squares + 1)}
    topics = _prepared(folder, units)
    hub = HubProcess(folder, *(w for one in units.items() for w in ("--enrol", "=".join(one))))
    boxes = [JournalBox(hub, id) for id in units]
    phones = {person: NtfyPhone(hub.url, topic) for person, topic in topics.items()}
    for box in boxes:
        box.start()
    outcome = Outcome()
    moves = [
        threading.Thread(target=_move, args=(box, reds, random.Random(f"{seed} {box.id}")))
        for box in boxes
    ]
    for move in moves:
        move.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.3, 3.0))
        _kill(hub, chance.choice(("hub", "hub", "broker")), outcome)
    for move in moves:
        move.join()
    until(lambda: all(box.told for box in boxes), "all that the boxes have to say")
    with closing(Book(folder / "incidents.sqlite")) as book:
        queries = Queries(folder / "hub.sqlite")
        until(lambda: _over(book, queries), "its end")
        until(lambda: _arrived(book, phones), "phones that have it all")
        for thread in (*boxes, *phones.values()):
            thread.ending.set()
        hub.stop()
        _look(book, boxes, units, phones, outcome)
    return outcome


def _prepared(folder: Path, units: dict[str, str]) -> dict[int, str]:
    """{person: their topic}"""
    folder.mkdir(parents=True)
    settings = Squares(folder / "squares.sqlite")
    for square in units.values():
        settings.put(square, "escalation", PLAN, "test", time.time())
    return dict(somebody_with_phone(folder, f"a {role}", role) for role in ("leader", "property"))


def _move(box: JournalBox, reds: int, chance: random.Random) -> None:
    time.sleep(chance.uniform(0.0, 2.0))
    for _ in range(reds):
        box.stage("green", "red")
        time.sleep(chance.uniform(1.0, 5.0))
        box.stage("red", "green")
        time.sleep(chance.uniform(1.5, 3.0))


def _kill(hub: HubProcess, whom: str, outcome: Outcome) -> None:
    outcome.kills[whom] += 1
    if whom == "broker":
        os.kill(hub.broker_pid(), signal.SIGKILL)
        return
    hub.kill()
    try:
        hub.start()
    except AssertionError:
        hub.start()  # somebody took the port that was free


def _over(book: Book, queries: Queries) -> bool:
    """All that is stored is seen to, nothing goes on, and nothing is left to be sent."""
    mark = book.mark()
    if mark is None or mark[0] < queries.feed_end():
        return False
    found = book.incidents(kinds=["noise"])
    return not any(one.living for one in found) and not book.due(time.time() + 3600)


def _delivered(book: Book) -> list[Effect]:
    found = [one for case in book.incidents(kinds=["noise"]) for one in book.effects(case.id)]
    return [one for one in found if one.state == "delivered"]


def _arrived(book: Book, phones: dict[int, NtfyPhone]) -> bool:
    had = sum(len(phone.had) for phone in phones.values())
    return had >= len(_delivered(book))


def _look(
    book: Book,
    boxes: list[JournalBox],
    units: dict[str, str],
    phones: dict[int, NtfyPhone],
    outcome: Outcome,
) -> None:
    incidents = book.incidents(kinds=["noise"])
    outcome.incidents = len(incidents)
    told: dict[tuple[str, int], list[int]] = {}
    for incident in incidents:
        outcome.late += incident.late
        _look_at_effects(book.effects(incident.id), incident.late, outcome)
        for entry in book.timeline(incident.id):
            if _is_red(entry):
                told.setdefault((entry.by, int(entry.t)), []).append(incident.id)
    for box in boxes:
        outcome.reds += len(box.reds)
        for t in box.reds:
            found = told.get((box.id, t), [])
            if len(found) != 1:
                outcome.lost.append(f"{box.id} was red at {t}, in the incidents {found}")
    delivered = _delivered(book)
    outcome.calls = sum(one.kind != "all-clear" for one in delivered)
    outcome.all_clears = sum(one.kind == "all-clear" for one in delivered)
    for person, phone in phones.items():
        sent = sum(one.person == person for one in delivered)
        if len(phone.had) < sent:
            outcome.lost.append(f"of {sent} messages that went out {len(phone.had)} arrived")
        outcome.doubles += sum(count - 1 for count in phone.had.values())
        outcome.doubles += max(0, len(phone.had) - sent)


def _look_at_effects(effects: list[Effect], late: bool, outcome: Outcome) -> None:
    calls = [one for one in effects if one.kind == "call"]
    outcome.withdrawn += sum(one.state == "withdrawn" for one in calls)
    if not calls and not late:
        outcome.lost.append("an incident that called nobody")
    for one in calls:
        if one.state not in ("delivered", "withdrawn"):
            outcome.lost.append(f"call {one.key} is {one.state}: {one.detail}")
    called = [one for one in effects if one.kind != "all-clear" and one.state == "delivered"]
    owed = Counter({one.contact: 1 for one in called})
    clear = Counter(one.contact for one in effects if one.kind == "all-clear")
    if clear != owed:
        outcome.lost.append(f"called were {list(owed)}, the all-clear came to {list(clear)}")


def _is_red(entry: Entry) -> bool:
    return entry.what == "stage" and entry.fields["to"] == "red"
