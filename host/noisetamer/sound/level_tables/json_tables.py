"""JSON that holds a table: records, parallel lists, a GeoJSON track, lines of records."""

import json
from itertools import islice
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.sound.level_tables.sheets import JOINT, Sheet

_MOST_COLUMNS = 400


def sheets(path: Path, text: str) -> list[Sheet]:
    """Empty where it only begins like JSON. Raises UserError where it is JSON and no table."""
    try:
        content = json.loads(text)
    except RecursionError:
        raise UserError(f"{path}: is JSON nested too deeply to be a table") from None
    except ValueError:
        content = _of_lines(text)
        if not content:
            return []
    records = _records(content)
    if not records:
        raise UserError(f"{path}: is JSON without records; give a list of readings with times")
    names: dict[str, None] = {}
    for record in records:
        names.update(dict.fromkeys(record))
    columns = list(islice(names, _MOST_COLUMNS))
    lines = [JOINT.join(_text(name) for name in columns)]
    lines += [JOINT.join(_text(record.get(name)) for name in columns) for record in records]
    return [Sheet("", "\n".join(lines), JOINT, "record")]


def _of_lines(text: str) -> list[object]:
    found = []
    for line in text.splitlines():
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):
            continue
    return found


def _records(content: object) -> list[dict[str, object]]:
    """Of a list of records, lists of lists of them, a FeatureCollection or parallel lists."""
    if isinstance(content, list):
        # Home Assistant's API: a list for each entity.
        flat = [one for item in content for one in (item if isinstance(item, list) else [item])]
        return [_flat(one) for one in flat if isinstance(one, dict)]
    if not isinstance(content, dict):
        return []
    if isinstance(features := content.get("features"), list):
        return [
            one["properties"]
            for one in features
            if isinstance(one, dict) and isinstance(one.get("properties"), dict)
        ]
    lists = {name: value for name, value in content.items() if isinstance(value, list)}
    longest = max((len(value) for value in lists.values()), default=0)
    if all(isinstance(one, dict) for value in lists.values() for one in value):
        return [_flat(one) for value in lists.values() for one in value]
    columns = {name: value for name, value in lists.items() if len(value) == longest}
    return [{name: value[at] for name, value in columns.items()} for at in range(longest)]


def _flat(record: dict[str, object]) -> dict[str, object]:
    """sensor.community's API hangs its values in a list of type and value."""
    values = record.get("sensordatavalues")
    if not isinstance(values, list):
        return record
    named = {
        str(one.get("value_type")): one.get("value") for one in values if isinstance(one, dict)
    }
    return {**record, **named}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return ""
    return str(value).replace(JOINT, " ").replace("\n", " ").strip()
