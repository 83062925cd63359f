"""The policy of a scenario's box: a file, a table of its own, and shorthand keys over either."""

from pathlib import Path
from typing import Any

from noisetamer.square import quantity
from noisetamer.square.table import Table
from noisetamer.unit.policy import file, messages
from noisetamer.unit.policy.file import PolicyFile


def read(table: Table, path: Path) -> dict[str, Any]:
    """The table of policy.json. `table`: [box] of the scenario at `path`. Raises UserError.

    `policy` in it is a table, the name of a shipped policy, or a file beside the scenario.
    """
    given = table.raw("policy", {})
    if isinstance(given, dict):
        policy_file = PolicyFile(path, given, {})
    else:
        name = table.text("policy")
        beside = path.parent / name
        policy_file = file.load(str(beside) if beside.suffix else name)
    policy = {**policy_file.table, **_shorthand(table, policy_file.table)}
    whole = PolicyFile(path, policy, {})
    for fault in whole.faults():
        table.wrong("policy", f"has {fault.key}, which {fault.reason}")
    for fault in messages.unspoken(whole):
        table.wrong("policy", f"has {fault.key}: {fault.reason}")
    return policy


def _shorthand(table: Table, policy: dict[str, Any]) -> dict[str, Any]:
    """What limit, night_limit, night and guard_band of [box] change in a policy."""
    changed: dict[str, Any] = {}
    limits = {"day": "limit", "night": "night_limit"}
    given = {key: table.level(name, None, 30, 120) for key, name in limits.items()}
    if any(level is not None for level in given.values()):
        usual = {} if "area" in policy else {"day": 65.0, "night": 55.0}
        own = {key: level for key, level in given.items() if level is not None}
        changed["limit"] = usual | policy.get("limit", {}) | own
    if table.has("night"):
        night = table.pair("night", None, 'night = ["22:00", "06:00"]')
        begin, end = (_clock(table.read("night", quantity.clock, text)) for text in night)
        changed["hours"] = {"night_from": begin, "day_from": end}
    guard_band = table.level("guard_band", None, 0, 10)
    if guard_band is not None:
        changed["guard_band"] = guard_band
    return changed


def _clock(seconds: float) -> str:
    minutes = int(seconds) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"
