"""What a backtest found: as JSON has it, as one sentence, and what it does not mean. Pure."""

from collections import Counter
from typing import Any

from noisetamer.base.language import say
from noisetamer.hub.backtest import doings, remarks
from noisetamer.hub.backtest.backtest import ReplayedUnit
from noisetamer.hub.backtest.replay import Did, Done
from noisetamer.hub.wire import reason_of
from tamer.judge.ladder import STAGES
from tamer.judge.policy import Policy
from tamer.record.events import CALLED

CAVEAT = (
    "A replay cannot answer: nobody turned down because of a word that was never said, and what "
    "was recorded already holds what people did after the words that were. So incidents are "
    "what it would have found; words and calls after the first of an incident are at most these."
)

THE_BOX = "the box itself"

_COMPLETE = 0.995  # so much heard is all
_HOUR, _DAY = 3600, 86400


def report(
    units: list[ReplayedUnit],
    names: list[str],
    policies: list[Policy],
    asked: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """As JSON has it. names: how the policies are called; asked: since, until, Unix s."""
    since, until = asked or span(units)
    clock = policies[0].clock
    return {
        "since": doings.when(clock, since),
        "until": doings.when(clock, until),
        "days": round((until - since) / _DAY, 6),
        "heard_hours": round(sum(unit.heard.judged for unit in units) / _HOUR, 3),
        "seconds": sum(len(unit.heard.t) for unit in units),
        "valid": sum(unit.heard.valid for unit in units),
        "policies": [
            {
                "policy": name,
                "name": policy.name,
                "hash": policy.hash,
                "whole": judged([unit.did[place] for unit in units], policy),
                "units": {unit.name: judged([unit.did[place]], policy) for unit in units},
                "remarks": [
                    said
                    for unit in units
                    for said in remarks.remarks(unit, unit.did[place], name, policy)
                ],
                "incidents": doings.incidents(units, place, clock),
                "done": doings.rows(units, place, clock),
                "hours": doings.hours(units, place, clock),
            }
            for place, (name, policy) in enumerate(zip(names, policies, strict=True))
        ],
        "box": box(units, policies[0]),
        "caveat": CAVEAT,
    }


def span(units: list[ReplayedUnit]) -> tuple[int, int]:
    """From the first second to the last of all units, whatever their clocks did."""
    return min(min(unit.heard.t) for unit in units), max(max(unit.heard.t) for unit in units) + 1


def box(units: list[ReplayedUnit], policy: Policy) -> dict[str, Any] | None:
    """What the boxes really did; None where none of them told."""
    told = {unit.name: unit.told for unit in units if unit.told and unit.told.events}
    if not told:
        return None
    return {
        "whole": counts(list(told.values())),
        "units": {name: counts([one]) for name, one in told.items()},
        "incidents": doings.incidents(units, None, policy.clock),
        "done": doings.rows(units, None, policy.clock),
    }


def counts(done: list[Any]) -> dict[str, Any]:
    """Of one unit, or of several together."""
    each: list[Done] = done
    called = Counter(to for one in each for _, to in one.escalations)
    return {
        "incidents": sum(len(one.incidents) for one in each),
        "spoken": sum(len(one.spoken) for one in each),
        "called": {to: called[to] for to in CALLED},
        "sudden": sum(len(one.sudden) for one in each),
    }


def judged(did: list[Did], policy: Policy) -> dict[str, Any]:
    """Counts with what cannot be judged left empty; stages and judged in s.

    cannot: why, of the stages and of sudden noises; "" where they can.
    """
    found = counts(did)
    stages = sum((each.stages for each in did), Counter())
    found["stages"] = {stage: stages[stage] for stage in STAGES}
    found["judged"] = sum(each.judged for each in did)
    found["cannot"] = {"stages": "", "sudden": ""}
    if not found["judged"]:
        found["cannot"]["stages"] = f"the data hold no {policy.trigger.quantity}"
        found |= dict.fromkeys(("incidents", "spoken"), None)
        found["called"] = dict.fromkeys(CALLED)
        found["stages"] = dict.fromkeys(STAGES)
    if not sum(each.nights_judged for each in did):
        found["sudden"] = None
        if sum(each.nights for each in did):
            found["cannot"]["sudden"] = "the data hold no LAFmax"
        elif policy.sudden.on:
            found["cannot"]["sudden"] = "no night was heard"
        else:
            found["cannot"]["sudden"] = "the policy judges none"
    return found


def nothing_to_judge(units: list[ReplayedUnit]) -> str:
    """Why, where no second of any unit can be judged; else ""."""
    if any(unit.heard.judged for unit in units):
        return ""
    seconds = sum(len(unit.heard.t) for unit in units)
    invalid = sum((unit.heard.invalid for unit in units), Counter())
    why = ", ".join(f"{reason_of(code)} {count}" for code, count in invalid.most_common())
    return f"there is nothing to judge: not one of {seconds} seconds is valid ({why})"


def sentence(found: dict[str, Any]) -> str:
    """What a manager wants to know, of what `report` gives; in the reader's language."""
    units = len(found["policies"][0]["units"])
    said = []
    for place, one in enumerate(found["policies"]):
        name, whole = one["policy"], one["whole"]
        if cannot := whole.get("cannot", {}).get("stages"):
            said.append(say("{name} cannot be judged: {why}", name=name, why=cannot))
        elif place == 0:
            done = {"done": _would(whole), "span": _span(found, units)}
            said.append(say("With {name} you would have {done} in {span}", name=name, **done))
        else:
            said.append(say("with {name}: {done}", name=name, done=_would(whole)))
    return say("; ").join(said) + say(".")


def box_sentence(found: dict[str, Any]) -> str:
    """What the boxes really did, of what `report` gives, in the reader's language; "" where none
    told."""
    if not found["box"]:
        return ""
    done = _would(found["box"]["whole"])
    return say("In that time the box itself has {done}.", done=done)


def _would(whole: dict[str, Any]) -> str:
    spoken, police = whole["spoken"], whole["called"]["police"]
    return say(
        "{spoken} and {called}",
        spoken=_often("spoken", spoken),
        called=_often("called the police", police),
    )


def _often(what: str, count: int) -> str:
    if count > 2:
        return say(f"{what} {{n}} times", n=count)
    return say((f"never {what}", f"{what} once", f"{what} twice")[count])


def _span(found: dict[str, Any], units: int) -> str:
    """ "7 days", or "2.0 hours heard of 11 days"; several units' times are added up."""
    heard, asked = found["heard_hours"], found["days"] * 24 * units
    if heard >= _COMPLETE * asked:
        span = _length(found["days"] * 24)
    else:
        of = {"heard": _length(heard, exact=True), "asked": _length(asked)}
        span = say("{heard} heard of {asked}", **of)
    return say("{span} with {n} units", span=span, n=units) if units > 1 else span


def _length(hours: float, exact: bool = False) -> str:
    if hours < 1:
        text = f"{60 * hours:.1f}" if exact else f"{60 * hours:.1f}".removesuffix(".0")
        return say("{n} minutes", n=text)
    if hours < 48:
        text = f"{hours:.1f}" if exact else f"{hours:.1f}".removesuffix(".0")
        return say("{n} hour" if text in ("1", "1.0") else "{n} hours", n=text)
    return say("{n} days", n=f"{hours / 24:.1f}".removesuffix(".0"))
