"""A unit on a page for people: where it stands, what it is, what was done to it."""

import re
from collections.abc import Iterator
from typing import Any

from rich.cells import set_cell_size

from noisetamer.base import language
from noisetamer.base.language import say
from noisetamer.workshop.ledger import entries
from noisetamer.workshop.ledger.ledger import BEGUN, FAILED, Entry, KeptChainKey, Ledger
from noisetamer.workshop.ledger.standing import DONE, Standing, Word, of_unit

_HASH = re.compile("[0-9a-f]{32,}")
_MOST_VALUES = 6
_CALIBRATION = (
    "method",
    "as_found",
    "offset",
    "U",
    "reference",
    "operator",
    "place",
    "certificate",
)


def page(ledger: Ledger, serial: str) -> list[str]:
    """Lines of text; before the unit itself those whose place it took. Raises UserError."""
    line = [ledger.unit(serial)]
    while line[0].replaces:
        line.insert(0, ledger.unit(line[0].replaces))
    lines: list[str] = []
    for one in line:
        if lines:
            lines.append("")
        history = ledger.history(one.serial)
        lines += _unit(of_unit(ledger, one), history, ledger.chain_keys(one.serial))
    return lines


def _unit(
    standing: Standing, history: list[Entry], chain_keys: list[KeptChainKey]
) -> Iterator[str]:
    unit, facts = standing.unit, standing.facts
    yield f"{unit.serial}  {say(standing.said)}"
    yield from _named("left", say("; ").join(map(say, standing.left)))
    yield from _named(
        "board", _listed(unit.mac, facts.get("chip"), say("since {day}", day=_when(unit.at)))
    )
    yield from _named("square", facts.get("square"))
    yield from _named("policy", facts.get("policy_name") or facts.get("policy"))
    yield from _named("Wi-Fi, hub", _listed(facts.get("ssid"), facts.get("hub")))
    yield from _named("root of its releases", facts.get("root"))
    versions = (("firmware", "firmware"), ("MicroPython", "micropython"), ("kernel", "kernel"))
    yield from _named(
        "software",
        _listed(*(f"{say(name)} {facts[key]}" for name, key in versions if facts.get(key))),
    )
    for one in chain_keys:
        link = say("first link {link}", link=one.first_link)
        yield from _named("seal", _listed(one.fingerprint, link, _when(one.at)))
    for word in standing.words:
        yield from _named(word.name, _word(word))
    yield f"  {say('history, UTC')}"
    for entry in history:
        step, outcome = set_cell_size(_step(entry.step), 17), set_cell_size(say(entry.outcome), 13)
        line = f"    {_when(entry.at)}  {step}  {outcome}  {_said(entry)}"
        yield line.rstrip()


def _named(name: str, value: str | None) -> Iterator[str]:
    if value:
        yield f"  {set_cell_size(say(name), 11)}  {value}"


def _word(word: Word) -> str:
    if word.state == DONE:
        return _listed(_when(word.at), say(word.remark))
    return _listed(say("failed" if word.state == FAILED else "no"), say(word.reason))


def _said(entry: Entry) -> str:
    facts = dict(entry.facts)
    if entry.step == entries.BURN_IN_CHECK:
        check = facts["burn_in"]["check"]
        return f"{say(check['name'])}{say(': ')}{say(check['verdict'])}"
    if entry.step == entries.BURN_IN and "burn_in_open" in facts:
        return say("open: {what}", what=_value(facts["burn_in_open"]) or "nothing")
    if entry.step in (entries.CALIBRATION, entries.CALIBRATION_CHECK) and "method" in facts:
        facts = {name: facts[name] for name in _CALIBRATION if name in facts}
    if entry.outcome == FAILED and "reason" in facts:
        reason = say(str(facts["reason"]))
        if "step" in facts:
            return say("at {step}: {reason}", step=_step(facts["step"]), reason=reason)
        return reason
    if entry.outcome == BEGUN and "what" in facts:
        return say(str(facts["what"]))
    shown = ((name.replace("_", " "), _value(value)) for name, value in facts.items())
    return say(", ").join(f"{say(name)} {value}" for name, value in shown if value)


def _step(name: str) -> str:
    # "flash" alone is burn-in's check of the flash chip.
    return say("flashing" if name == entries.FLASH and language.chosen() != "en" else name)


def _value(value: Any) -> str:
    """One word or a few; "" for what says nothing to people."""
    if isinstance(value, list):
        if len(value) > _MOST_VALUES:
            return f"({len(value)} values)"
        return ", ".join(map(_value, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_value(one)}" for name, one in value.items())
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return f"{text[:12]}..." if _HASH.fullmatch(text) else text


def _listed(*values: object) -> str:
    return say(", ").join(str(value) for value in values if value)


def _when(at: str) -> str:
    """ "2026-11-28T12:00:01Z" as people write it."""
    return at.replace("T", " ").removesuffix("Z")
