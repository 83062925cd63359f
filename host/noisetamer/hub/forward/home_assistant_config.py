"""What Home Assistant is told of a unit, once: its device and its entities (MQTT discovery). Pure.

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery. One retained message a unit, as
Home Assistant has known since 2024.11; or one an entity, as older ones want it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from noisetamer import __version__
from noisetamer.hub.forward.format import Unit
from tamer.record.events import STAGES

NAMES = {
    "zh": {
        "LAeq": "声级 LAeq,1min",
        "LAFmax": "最大声级 LAFmax",
        "L10": "L10",
        "L90": "L90",
        "coverage": "有效率",
        "now": "当前声级",
        "stage": "阶段",
        "limit": "限值",
        "incident": "噪声事件",
        "spotlight": "聚光灯",
        "mute": "静音",
        "say": "播放",
    },
    "en": {
        "LAeq": "Sound level LAeq,1min",
        "LAFmax": "Highest level LAFmax",
        "L10": "L10",
        "L90": "L90",
        "coverage": "Coverage",
        "now": "Sound level now",
        "stage": "Stage",
        "limit": "Limit",
        "incident": "Incident",
        "spotlight": "Spotlight",
        "mute": "Mute",
        "say": "Say",
    },
}

LIVE_EXPIRES = 10
"""s after which a live level that does not come any more is none."""


@dataclass(frozen=True)
class Topics:
    """Of one destination. prefix: of our topics; discovery: Home Assistant's; name: the
    destination's."""

    prefix: str
    discovery: str
    name: str

    def unit(self, unit: str, what: str) -> str:
        return f"{self.prefix}/units/{unit}/{what}"

    def object(self, unit: str) -> str:
        """Its name in topics and in ids, for ever; with "" what all of this destination begin
        with."""
        return f"{re.sub('[^a-zA-Z0-9_-]', '_', self.prefix)}_{self.name}_{unit}"

    @property
    def hub(self) -> str:
        return f"{self.prefix}/hub"

    @property
    def commands(self) -> str:
        """What is subscribed to."""
        return self.unit("+", "set/+")


def discovery(
    unit: Unit,
    topics: Topics,
    *,
    language: str,
    live: bool,
    commands: tuple[str, ...],
    messages: tuple[str, ...],
    by_device: bool,
) -> dict[str, str]:
    """{topic: payload} that is retained. commands: what may be ordered, of "spotlight", "mute" and
    "say"; messages: which of the unit's it may be told to say."""
    entities = _entities(unit, topics, language, live, commands, messages)
    device = {
        "identifiers": [topics.object(unit.id)],
        "name": " ".join(filter(None, (unit.square, unit.name))) or unit.id,
        "manufacturer": "Noise Tamer",
        "model": "indicative, no class claimed",
        "serial_number": unit.id,
        "suggested_area": unit.square,
    }
    origin = {"name": "Noise Tamer", "sw_version": __version__}
    shared = {
        "availability": [
            {"topic": topics.hub},
            {"topic": topics.unit(unit.id, "online")},
        ],
        "availability_mode": "all",
        "qos": 1,
    }
    root = topics.object(unit.id)
    if by_device:
        told = {"dev": device, "o": origin, "cmps": entities, **shared}
        return {f"{topics.discovery}/device/{root}/config": _text(told)}
    return {
        f"{topics.discovery}/{entity['platform']}/{root}/{key}/config": _text(
            {name: value for name, value in entity.items() if name != "platform"}
            | {"device": device, "origin": origin, **shared}
        )
        for key, entity in entities.items()
    }


def _entities(
    unit: Unit,
    topics: Topics,
    language: str,
    live: bool,
    commands: tuple[str, ...],
    messages: tuple[str, ...],
) -> dict[str, dict[str, Any]]:
    names = NAMES[language]
    root = topics.object(unit.id)
    found: dict[str, dict[str, Any]] = {}

    def add(key: str, platform: str, topic: str, **more: Any) -> None:
        place = {} if platform == "button" else {"state_topic": topics.unit(unit.id, topic)}
        name = {"name": names[key]} if key in names else {}
        found[key] = {"platform": platform, "unique_id": f"{root}_{key}", **place, **name, **more}

    for key in ("LAeq", "LAFmax", "L10", "L90"):
        add(key, "sensor", "minute", value_template=_value(key), **_LEVEL)
    add(
        *("coverage", "sensor", "minute"),
        value_template="{{ (value_json.coverage * 100) | round(0) }}",
        unit_of_measurement="%",
        entity_category="diagnostic",
        state_class="measurement",
    )
    if live:
        add(
            "now",
            "sensor",
            "now",
            value_template=_value("LAeq"),
            expire_after=LIVE_EXPIRES,
            **_LEVEL,
        )
    add(
        *("stage", "sensor", "state"),
        value_template=_value("stage"),
        device_class="enum",
        options=list(STAGES),
    )
    add(
        *("limit", "sensor", "state"),
        value_template=_value("limit"),
        entity_category="diagnostic",
        **_LEVEL,
    )
    add(
        "incident",
        "binary_sensor",
        "state",
        value_template=_value("incident"),
        device_class="sound",
    )
    for key in ("spotlight", "mute"):
        if key in commands:
            to = {"command_topic": topics.unit(unit.id, f"set/{key}")}
            add(key, "switch", "state", value_template=_value(key), **to)
        else:
            add(key, "binary_sensor", "state", value_template=_value(key))
    if "say" in commands:
        for message in messages:
            add(
                *(f"say_{message}", "button", ""),
                name=f"{names['say']} {message}",
                command_topic=topics.unit(unit.id, "set/say"),
                payload_press=message,
            )
    return found


_LEVEL: Mapping[str, Any] = {
    "device_class": "sound_pressure",
    "unit_of_measurement": "dBA",
    "state_class": "measurement",
    "suggested_display_precision": 1,
}


def _value(key: str) -> str:
    """None is told as "None", which Home Assistant takes for unknown."""
    return f"{{{{ value_json.{key} }}}}"


def _text(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)
