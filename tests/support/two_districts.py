"""A town of two districts, every store of both full of words that are nobody else's."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from console import Console
from logged_in import log_in
from permits_of_tests import EAST, EVENING
from PIL import Image
from scripted_unit import START, event, seconds, stage

from noisetamer.hub.cameras.album import Asked as PictureAsked
from noisetamer.hub.cameras.decode import encode
from noisetamer.hub.cameras.take import Taken
from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.complaints.desk_reading import Reading
from noisetamer.hub.complaints.desk_tables import table_of
from noisetamer.hub.complaints.public import SETTING as PUBLIC
from noisetamer.hub.complaints.public import Public, code_of
from noisetamer.hub.health import Trouble
from noisetamer.hub.live import UnitState
from noisetamer.hub.metrics import Metrics
from noisetamer.hub.open_day.question import Question
from noisetamer.hub.orders.speech import Message
from noisetamer.hub.patrols.check_in import Point, Round
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.roles import ROLES
from noisetamer.hub.people.secrets_kept import csrf_of
from noisetamer.hub.registry import Unit
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.store.writer import Store, Stored
from noisetamer.hub.updates import loads
from noisetamer.hub.updates.loads import Body, Load
from noisetamer.hub.web.runs import Run
from noisetamer.hub.wire import Now, Record, read_report

CSV = "编号,时间,地点,内容\n1,2026-11-23 20:00,{canary} 门口,{canary} 太吵\n"


@dataclass
class Side:
    """One district. canary: in every word of it, and in no other; ids: {what: its id there}, as
    they stand in addresses; admin: an account; sessions: {role: (cookie, word of its forms)}."""

    canary: str
    district: int = 0
    admin: int = 0
    ids: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def square(self) -> str:
        return f"{self.canary}广场"

    @property
    def unit(self) -> str:
        return f"{self.canary}-1"


class Town:
    """sides: two districts; nowhere: ids of what does not exist, as a side's; city: the session of
    its admin."""

    def __init__(self, folder: Path) -> None:
        self.console = console = Console(folder)
        self.sides = (Side("KINGFISHER"), Side("WATERBUCK"))
        self.city = console.secret, csrf_of(console.secret)
        console.app.state.metrics = Metrics(), "token"
        for side in self.sides:
            self._people(side)
        units = [
            Unit(f"{one.canary}-{n}", f"{one.canary} 北", one.square, "")
            for one in self.sides
            for n in (1, 2)
        ]
        console.live.states.update({unit.id: UnitState(unit, online=True) for unit in units})
        console.incidents.know({unit.id: square_of(unit) for unit in units})
        console.incidents.turn()
        for side in self.sides:
            self._evening(side)
        console.incidents.turn()
        for side in self.sides:
            self._around(side)
        self._rolled_out()
        console.around.facts.refresh()
        first, second = self.sides
        console.health.found = [Trouble("flood", {"unit": one.unit}) for one in self.sides] + [
            Trouble("chain", {"units": f"{first.unit}, {second.unit}"}, ill=False)
        ]
        self.nowhere = self._nowhere(first.ids)

    def _people(self, side: Side) -> None:
        people = self.console.people
        side.district = people.districts.make(f"{side.canary}区", HUB).id
        people.districts.put(side.district, [side.square], HUB)
        for role in ROLES:
            name = f"{side.canary} {role}"
            one = people.accounts.add(
                name, role, HUB, f"{side.canary} 先生", district=side.district
            )
            secret = log_in(people, name=name)
            side.sessions[role] = secret, csrf_of(secret)
            if role in ("officer", "leader"):
                contact = people.contacts.add(one.id, "ntfy", HUB)
                side.ids |= {"contact": str(contact.id), "topic": contact.address}
                people.contacts.add(one.id, "duty", HUB)
            if role == "guard":
                side.ids["person"] = str(one.id)
            side.admin = one.id  # the last of them
        side.ids |= {
            "square": side.square,
            "unit": side.unit,
            "district": str(side.district),
            "code": code_of(side.square),
        }

    def _evening(self, side: Side) -> None:
        console = self.console
        told = [
            *(seconds(n, START + 10 * n, [600 + n] * 10) for n in range(1, 30)),
            stage(60, START + 300, "red", "green", 600),
            stage(61, START + 301, "green", "red", 692),
            event(62, START + 303, "warning", message="polite_zh", number=1),
        ]
        reports = [read_report(f"dev.{side.unit}.record", message) for message in told]
        records = [one for one in reports if isinstance(one, Record)]
        store = Store(console.queries.file)
        store.append(START, records)
        store.close()
        console.live.on_stored(Stored(fresh=records))
        console.live.on_now(Now(side.unit, START + 305, 692, 0, "red", 650, False))

    def _around(self, side: Side) -> None:
        console, canary, ids = self.console, side.canary, side.ids
        around, square, now = console.around, side.square, time.time()
        (incident,) = console.incidents.list(square, kinds=["noise"])
        ids["incident"] = str(incident.id)
        console.incidents.note(incident.id, f"{canary} officer", f"{canary} 记录", now)
        console.incidents.silence(square, now + 3600, f"{canary} 维护", f"{canary} officer", now)
        asyncio.run(
            console.orders.give(
                *(side.unit, "mute", {"for": 300, "reason": f"{canary} 太吵"}),
                by=f"{canary} officer",
                role="officer",
                reason=f"{canary} 太吵",
            )
        )
        group = replace(
            EAST, square=square, name=f"{canary} 舞队", leader=f"{canary} 阿姨", contact=""
        )
        asked = replace(EVENING, square=square, place=f"{canary} 北侧")
        granted = around.permits.apply(asked, group)
        around.permits.decide(granted.id, "approved", f"{canary} officer")
        ids["permit"] = str(around.permits.apply(asked, group).id)
        around.complaints.add(
            [Complaint(0, square, int(now) - 60, "12345", canary, f"{canary} 门", "", f"{canary}")]
        )
        ids["complaint"] = str(around.complaints.between(0, 1 << 40, square)[0].id)
        around.complaints.keep_reading(
            table_of(f"{canary}.csv", CSV.format(canary=canary).encode()),
            Reading({"square": "地点"}, "12345", squares={square: (canary,)}, about=(canary,)),
            *(f"{canary} officer", side.district),
        )
        point = around.patrols.add_point(Point(0, square, f"{canary} 门岗", "weak"))
        walk = around.patrols.add_round(
            Round(0, square, f"{canary} 夜巡", (point.id,), (), 0, 1440), now - 86_400
        )
        ids |= {"point": str(point.id), "round": str(walk.id)}
        around.open_day.raise_question(
            Question(0, square, date(2026, 11, 15), f"{canary}?", canary, None), canary
        )
        ids["question"] = str(around.open_day.questions(square)[0].id)
        ids["saved"] = str(
            around.saved.add(
                *("sieve", f"{canary} 问题", {"subject": ["incidents"]}, f"{canary} officer", now),
                side.district,
            )
        )
        picture = encode(Image.new("RGB", (64, 48), "#888888"))
        taken = Taken(now, picture, "snapshot", 0.0, ())
        wanted = PictureAsked(f"{canary}-1", incident.id, square, "start", now)
        ids["picture"] = str(console.album.keep(wanted, taken, "none", 30).id)
        console.squares.put_plan(square, picture.jpeg, canary, 0.0)
        console.squares.put_plan(f"\ndistrict {side.district}", picture.jpeg, canary, 0.0)
        public = Public(True, ask=f"{canary} 物业").body()
        console.squares.put(square, PUBLIC, public, f"{canary} admin", now)
        plan = {
            "steps": [],
            "step": [{"name": f"{canary}", "who": ["officer", f"{canary} leader"]}],
        }
        console.squares.put(square, "escalation", plan, f"{canary} admin", now)
        self._made(side, incident.id)
        context = console.app.state.context
        voice = f"{canary.lower()}_voice"
        message = Message(b"RIFF", 1.0, -20.0, f"{canary} 请小声", canary)
        context.voices.of_district(side.district).add(voice, message, "zh")
        ids["voice"] = voice
        ids["draft"] = context.drafts.keep(side.admin, message)
        ids["token"] = console.phones.permit_links.of_own(1, console.now)
        console.people.audit(
            *(now, f"{canary} officer", "square_silenced", square, f"{canary} 因为"),
            {"note": f"{canary} 细节"},
        )

    def _made(self, side: Side, incident: int) -> None:
        """A bundle and a report, as if they had been made."""
        context = self.console.app.state.context
        for runs, what, subject in (
            (context.evidence, "bundle", incident),
            (context.month_reports, "report", side.square),
        ):
            key = f"{side.canary}0000000000000000"[:16]
            file = runs._data / runs._kind.folder / f"{key}{runs._kind.ending}"
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"{side.canary} in a file")
            runs._runs[key] = Run(
                key, subject, time.time(), file, made=(9, "00" * 32), named=side.canary
            )
            side.ids[what] = key

    def _rolled_out(self) -> None:
        """A message to the boxes of the second district only."""
        updates, side = self.console.updates, self.sides[1]
        with updates._book.transaction():
            digest = updates._book.keep(b"x")
        load = Load("policy", f"policy {side.canary}", (Body("", {}, digest, 1),))
        told: dict[str, Any] = {"load": loads.to_fields(load), "reason": f"{side.canary} 先试"}
        told |= {"sizes": (1,), "seed": 1, "squares": [side.square]}
        asyncio.run(updates.ask("city", "operator", "push", told))

    def _nowhere(self, like: Mapping[str, str]) -> dict[str, str]:
        """Ids of the same form, of nothing."""
        own = {
            "square": "NOWHERE广场",
            "unit": "NOWHERE-1",
            "code": code_of("NOWHERE广场"),
            "bundle": "NOWHERE000000000",
            "report": "NOWHERE000000000",
            "voice": "nowhere_voice",
            "draft": "N" * len(like["draft"]),
            "topic": "n" * 26,
        }
        return {what: own.get(what, "99999999") for what in like}
