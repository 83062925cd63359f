"""Home Assistant next door: units as devices with their levels, stage, incident, spotlight, mute.

Found by MQTT discovery (`home_assistant_config.py`). Levels come by the queue, the newest only:
there is no past to be told there. What it is like now comes from the hub as it runs, and so do
live seconds, where they are wished for.

Commands are off unless forward.toml names them, and an account in whose name they are given: its
role and squares say what is allowed, the audit log has each before it goes out, and the box's own
limits hold besides. A retained command is none: a broker would repeat it after each connection.
"""

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.hub.forward import facts
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Around, Asked, Format, Key, Sent, Unit
from noisetamer.hub.forward.home_assistant_config import Topics, discovery
from noisetamer.hub.forward.mqtt import KEYS as BROKER
from noisetamer.hub.forward.mqtt import OFFLINE, ONLINE, Link, Message
from noisetamer.hub.forward.plain import moment
from noisetamer.hub.live import UnitState
from noisetamer.hub.orders.verbs import VERBS
from tamer.record.orders import is_message
from tamer.record.reading import VALID

WANTS = (facts.MINUTE,)

COMMANDS = ("spotlight", "mute", "say")

KEYS: Mapping[str, Key] = {
    **BROKER,
    "discovery": Key("text", "homeassistant", least=1, most=100, what="prefix of discovery"),
    "by_device": Key("yes", True, what="false: for a Home Assistant older than 2024.11"),
    "language": Key("text", "zh", among=("zh", "en"), what="of the entities' names"),
    "live": Key("yes", False, what="true: a level each second, 86,400 messages a day and unit"),
    "commands": Key("texts", [], what="what may be ordered from there, of " + ", ".join(COMMANDS)),
    "account": Key("text", "", what="name of the account in whose name it is ordered"),
    "messages": Key("texts", [], what="which messages a unit may be told to say"),
    "spotlight_for": Key("whole", 300, least=10, most=3600, what="s, then it is automatic again"),
    "mute_for": Key("whole", 900, least=60, most=7200, what="s"),
    "say_pause": Key("whole", 60, least=20, most=3600, what="s between two messages of a unit"),
}

LOOK_SECONDS = 1.0
DEBOUNCE_SECONDS = 2.0

_log = logging.getLogger("noisetamer.hub")


def judge(keys: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for number, command in enumerate(keys["commands"], 1):
        if command not in COMMANDS:
            yield f"commands[{number}]", f"{command!r} is none; known are {', '.join(COMMANDS)}"
    if keys["commands"] and not keys["account"]:
        yield "account", "commands are given in the name of an account: say whose"
    if "say" in keys["commands"] and not keys["messages"]:
        yield "messages", 'name the messages that may be said, such as ["polite_zh"]'
    for number, message in enumerate(keys["messages"], 1):
        if not is_message(message):
            yield f"messages[{number}]", "is no name of a message"


def make(asked: Asked, around: Around) -> "HomeAssistant":
    return HomeAssistant(asked, around)


class HomeAssistant(Format):
    """One broker that a Home Assistant listens to."""

    def __init__(self, asked: Asked, around: Around) -> None:
        self._asked, self._around = asked, around
        self._keys = asked.keys
        self._link = Link(asked.name, asked.keys, around.data)
        self._topics = Topics(asked.keys["prefix"], asked.keys["discovery"], asked.name)
        # {topic: what is retained there now}, of this connection
        self._told: dict[str, str] = {}
        self._found: set[str] = set()
        self._newest: dict[str, int] = {}
        self._ordered: dict[tuple[str, str], float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # commands are done in the order in which they came
        self._one_by_one = asyncio.Lock()
        self._configs: dict[Unit, dict[str, str]] = {}

    async def send(self, facts: Sequence[Fact]) -> Sent:
        """The newest minute of each unit; what is older has no use there."""
        newest: dict[str, Fact] = {}
        for fact in facts:
            is_new = fact.since >= self._newest.get(fact.unit, 0) and not fact.late
            if fact.kind == "minute" and is_new:
                newest[fact.unit] = fact
        await self._link.publish(
            [
                Message(self._topics.unit(unit, fact.kind), _text(_minute(fact)), retain=True)
                for unit, fact in newest.items()
            ]
        )
        self._newest.update({unit: fact.since for unit, fact in newest.items()})
        return Sent(len(facts))

    async def check(self) -> str:
        said = await self._link.check()
        return f"{said}; {len(self._units())} units would be devices there"

    async def run(self) -> None:
        """Tell what it is like now, whenever it changes; take commands."""
        self._told, self._found = {}, set()
        await self._link.subscribe(self._topics.commands, self._command)
        for topic in (
            f"{self._topics.discovery}/device/+/config",
            f"{self._topics.discovery}/+/+/+/config",
        ):
            await self._link.subscribe(topic, self._discovered)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tell())
            if self._keys["live"] and self._around.live:
                tasks.create_task(self._tell_live())
            tasks.create_task(self._link.lost())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self._link.close()

    # -- what is told

    async def _tell(self) -> None:
        while True:
            wanted = await self._wanted()
            news = {topic: text for topic, text in wanted.items() if self._told.get(topic) != text}
            # a unit that is here no more, or was told in the other form, is none there either;
            # what it was like goes after it, or its templates would read nothing
            gone = [topic for topic in (self._found | self._told.keys()) if topic not in wanted]
            if devices := [one for one in gone if one.startswith(f"{self._topics.discovery}/")]:
                gone = devices
            await self._link.publish(
                [Message(topic, text, retain=True) for topic, text in news.items()]
                + [Message(topic, "", retain=True) for topic in gone]
            )
            left = {topic: text for topic, text in self._told.items() if topic not in gone}
            self._told = left | wanted
            self._found -= set(gone)
            await asyncio.sleep(LOOK_SECONDS)

    async def _wanted(self) -> dict[str, str]:
        """{topic: what is to be retained there}."""
        found: dict[str, str] = {}
        states = self._around.live.states if self._around.live else {}
        incidents = self._around.incidents
        loud: set[str] = set()
        if incidents:
            for incident in await asyncio.to_thread(incidents.open):
                loud.update(incident.units)
        for unit in self._units():
            if unit not in self._configs:
                self._configs[unit] = self._discovery(unit)
            found |= self._configs[unit]
            state = states.get(unit.id)
            online = state is not None and state.online is True
            found[self._topics.unit(unit.id, "online")] = ONLINE if online else OFFLINE
            if state:
                found[self._topics.unit(unit.id, "state")] = _text(_state(state, unit.id in loud))
        return found

    def _discovery(self, unit: Unit) -> dict[str, str]:
        return discovery(
            unit,
            self._topics,
            language=self._keys["language"],
            live=self._keys["live"],
            commands=tuple(self._keys["commands"]),
            messages=tuple(self._keys["messages"]),
            by_device=self._keys["by_device"],
        )

    async def _tell_live(self) -> None:
        live = self._around.live
        assert live
        listener = live.listen(
            lambda unit: self._asked.wants_unit(unit.id, unit.square or unit.id)
        )
        if listener is None:
            raise UserError("too many listen to live seconds already")
        last: dict[str, int] = {}
        try:
            async for news in listener.news():
                messages = []
                for _, unit in news:
                    state = live.states.get(unit)
                    if state and state.now and last.get(unit) != state.now.t:
                        last[unit] = state.now.t
                        is_valid = state.now.flags & 0x0F == VALID
                        level = state.now.LAeq / 10 if is_valid else None
                        topic = self._topics.unit(unit, "now")
                        messages.append(Message(topic, _text({"LAeq": level}), qos=0))
                if messages:
                    await self._link.publish(messages)
        finally:
            live.leave(listener)

    def _discovered(self, topic: str, payload: bytes, retained: bool) -> None:
        """What is retained of ours, maybe since an earlier life of this hub."""
        if (
            payload
            and retained
            and any(level.startswith(self._topics.object("")) for level in topic.split("/"))
        ):
            self._found.add(topic)

    def _units(self) -> list[Unit]:
        return [
            unit
            for unit in self._around.units().values()
            if self._asked.wants_unit(unit.id, unit.square)
        ]

    # -- what is ordered

    def _command(self, topic: str, payload: bytes, retained: bool) -> None:
        if retained:
            return
        task = asyncio.get_running_loop().create_task(self._obey(topic, payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _obey(self, topic: str, payload: bytes) -> None:
        try:
            async with self._one_by_one:
                await self._order(topic, payload.decode(errors="replace")[:100])
        except UserError as error:
            _log.warning("%s: %s is not done: %s", self._asked.name, topic, error)
        except Exception:
            _log.exception("%s: a fault of ours at %s", self._asked.name, topic)

    async def _order(self, topic: str, said: str) -> None:
        """Raises UserError where it is not allowed."""
        *_, id, _, what = topic.split("/")
        unit = next((one for one in self._units() if one.id == id), None)
        orders, account_of = self._around.orders, self._around.account
        if unit is None or orders is None or account_of is None:
            raise UserError("there is no such unit")
        if what not in self._keys["commands"]:
            raise UserError(f"{what} may not be ordered from there (commands in forward.toml)")
        fields = self._fields(what, said)
        name = self._keys["account"]
        account = await asyncio.to_thread(account_of, name)
        if account is None:
            raise UserError(f"there is no account {name}, or it is disabled")
        if not account.may(VERBS[what].permission, unit.square):
            raise UserError(f"the account {name} may not {what} in {unit.square}")
        now = self._around.clock()
        pause = self._keys["say_pause"] if what == "say" else DEBOUNCE_SECONDS
        # whoever switches on and off again at once means it
        again = (id, what) if what == "say" else (id, f"{what} {said}")
        if now - self._ordered.get(again, float("-inf")) < pause:
            raise UserError(f"the last one was less than {pause:g} s ago")
        self._ordered[again] = now
        reason = f"Home Assistant ({self._asked.name})"
        if what == "mute":
            fields["reason"] = reason
        await orders.give(
            id, what, fields, by=account.name, role=account.role, reason=reason, note={}
        )

    def _fields(self, what: str, said: str) -> dict[str, Any]:
        """Of the order. Raises UserError."""
        if what == "say":
            if said not in self._keys["messages"]:
                raise UserError(f"{said!r} is none of the messages that may be said")
            return {"message": said}
        if said not in ("ON", "OFF"):
            raise UserError(f"{said!r} is neither ON nor OFF")
        on = said == "ON"
        if what == "spotlight":
            seconds = self._keys["spotlight_for"] if on else 0
            return {"state": "on" if on else "auto", "for": seconds}
        return {"for": self._keys["mute_for"] if on else 0}


def _minute(fact: Fact) -> dict[str, Any]:
    levels = {name: fact.dB(name) for name in ("LAeq", "LAFmax", "L10", "L90")}
    return levels | {"coverage": round(fact.coverage, 3), "at": moment(fact.since)}


def _state(state: UnitState, loud: bool) -> dict[str, Any]:
    limit = state.limits[-1][1] / 10 if state.limits else None
    return {
        "stage": state.stage,
        "limit": limit,
        "incident": _on(loud),
        "spotlight": _on(state.spotlight),
        "mute": _on(_is_mute(state)),
    }


def _is_mute(state: UnitState) -> bool:
    """By what the unit told last of such an order, and its own clock."""
    for event in reversed(state.events):
        if event.kind == "order" and event.fields.get("verb") == "mute":
            if event.fields.get("result") != "done":
                continue
            until = event.fields.get("until") or 0
            return until > (state.last or event.t)
        if event.kind == "boot":
            return False
    return False


def _on(is_on: bool) -> str:
    return "ON" if is_on else "OFF"


def _text(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)
