"""A plan of calls as a form has it: rows of fields, and the setting that they mean. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from noisetamer.hub.incidents.plan import ON_CALL, SHIPPED
from noisetamer.hub.people.roles import ROLES
from noisetamer.hub.words.i18n import Texts

MEANT = (*(role for role in ROLES if role != "viewer"), ON_CALL)
"""What is ticked; whoever else is meant is named."""

KINDS = {
    "noise": ("noise",),
    "sudden": ("sudden",),
    "fault": ("silent", "microphone", "undelivered"),
}
"""What a step is for: {word of the form: kinds of incidents}."""

DAYS = {"every": (), "workday": ("workday",), "free": ("sat", "sun", "holiday")}
OWN = "own"
"""Days that are none of those: they stay as they are."""

BLANK_STEPS, BLANK_SHIFTS = 1, 1
MOST = 12
_SECONDS = ("calm", "cool_down", "acknowledged_for", "repeat", "silent_after")
_DEFAULTS = {
    "calm": 3,
    "cool_down": 1800,
    "acknowledged_for": 900,
    "repeat": 1800,
    "silent_after": 300,
}


@dataclass(frozen=True)
class Row:
    """A step or a shift. after, every: min; people: names, as one text; days: of DAYS, or OWN;
    own_days, channels: as they are, with spaces between."""

    name: str = ""
    who: frozenset[str] = frozenset()
    people: str = ""
    after: str = "0"
    follow_ups: str = "0"
    every: str = "2"
    kinds: frozenset[str] = frozenset({"noise"})
    days: str = "every"
    own_days: str = ""
    since: str = "00:00"
    until: str = "24:00"
    wakes: bool = False
    channels: str = ""


@dataclass(frozen=True)
class Filled:
    """steps, shifts: with blank ones at the end; general: {key of the plan: min, as text}; calm is
    in s; dates: as text, a line each."""

    steps: tuple[Row, ...]
    shifts: tuple[Row, ...]
    begins: str
    general: Mapping[str, str]
    holidays: str
    workdays: str


def filled(body: Mapping[str, Any]) -> Filled:
    """The form for a body that `plan.read` takes."""
    steps = [_step(one) for one in body.get("step", ())]
    shifts = [_shift(one) for one in body.get("on_call", ())]
    general = {
        key: str(body.get(key, _DEFAULTS[key]))
        if key == "calm"
        else _minutes(body.get(key, _DEFAULTS[key]))
        for key in _SECONDS
    }
    return Filled(
        (*steps, *(Row() for _ in range(BLANK_STEPS))),
        (*shifts, *(Row() for _ in range(BLANK_SHIFTS))),
        str(body.get("begins", "hand-over")),
        general,
        "\n".join(body.get("holidays", ())),
        "\n".join(body.get("workdays", ())),
    )


def unworded(form: Mapping[str, Sequence[str]], texts: Texts) -> dict[str, Sequence[str]]:
    """The form with the names of the shipped steps, which the page shows in words."""
    shipped = [step["name"] for step in SHIPPED["step"]]
    names = {texts[f"calls_step_{name}"]: name for name in shipped}
    return {
        field: [names.get(one.strip(), one) for one in given]
        if field.startswith("name_")
        else given
        for field, given in form.items()
    }


def body(form: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The setting that a form means; what is wrong in it, `plan.read` says. form: {field: what
    was given for it}."""

    def one(name: str, default: str = "") -> str:
        return next(iter(form.get(name, ())), default).strip()

    steps = []
    for n in range(MOST):
        who = [word for word in form.get(f"who_{n}", ()) if word in MEANT]
        who += _names(one(f"people_{n}"))
        if not who:
            continue  # emptied: taken out
        step: dict[str, Any] = {"who": who, "after": _seconds(one(f"after_{n}", "0"))}
        if name := one(f"name_{n}"):
            step["name"] = name
        step["follow_ups"] = _number(one(f"follow_ups_{n}", "0"))
        step["every"] = _seconds(one(f"every_{n}", "2"))
        step["kinds"] = [
            kind for word in form.get(f"kinds_{n}", ()) for kind in KINDS.get(word, ())
        ]
        if "officer" not in who:
            step["wakes"] = bool(form.get(f"wakes_{n}"))
        if channels := one(f"channels_{n}").split():
            step["channels"] = channels
        steps.append({**step, **_hours(one, n, "")})
    steps.sort(key=lambda step: step["after"] if isinstance(step["after"], int) else 0)
    shifts = [
        {"who": people, **_hours(one, n, "shift_")}
        for n in range(MOST)
        if (people := _names(one(f"shift_people_{n}")))
    ]
    found: dict[str, Any] = {"begins": one("begins", "hand-over"), "step": steps}
    if shifts:
        found["on_call"] = shifts
    for key in _SECONDS:
        given = one(key, str(_DEFAULTS[key]))
        found[key] = _number(given) if key == "calm" else _seconds(given)
    for key in ("holidays", "workdays"):
        if dates := one(key).replace(",", " ").replace("，", " ").split():
            found[key] = dates
    return found


def _step(step: Mapping[str, Any]) -> Row:
    who = step["who"]
    kinds = step.get("kinds", ["noise"])
    return Row(
        name=step.get("name", who[0]),
        who=frozenset(word for word in who if word in MEANT),
        people="，".join(word for word in who if word not in MEANT),
        after=_minutes(step.get("after", 0)),
        follow_ups=str(step.get("follow_ups", 0)),
        every=_minutes(step.get("every", 120)),
        kinds=frozenset(word for word, meant in KINDS.items() if set(meant) & set(kinds)),
        wakes=step.get("wakes", "officer" in who),
        channels=" ".join(step.get("channels", ())),
        **_hours_of(step),
    )


def _shift(shift: Mapping[str, Any]) -> Row:
    return Row(people="，".join(shift["who"]), **_hours_of(shift))


def _hours_of(part: Mapping[str, Any]) -> dict[str, Any]:
    days = tuple(part.get("days", ()))
    word = next((word for word, meant in DAYS.items() if set(meant) == set(days)), OWN)
    return {
        "days": word,
        "own_days": " ".join(days),
        "since": part.get("from", "00:00"),
        "until": part.get("to", "24:00"),
    }


def _hours(one: Any, n: int, prefix: str) -> dict[str, Any]:
    word = one(f"{prefix}days_{n}", "every")
    days = one(f"{prefix}own_days_{n}").split() if word == OWN else list(DAYS.get(word, ()))
    hours: dict[str, Any] = {"days": days} if days else {}
    return {
        **hours,
        "from": one(f"{prefix}since_{n}", "00:00"),
        "to": one(f"{prefix}until_{n}", "24:00"),
    }


def _names(text: str) -> list[str]:
    for separator in "，、;；":
        text = text.replace(separator, ",")
    return [name.strip() for name in text.split(",") if name.strip()]


def _seconds(minutes: str) -> Any:
    """s; the text itself where it is no number, for a sentence about it."""
    try:
        seconds = round(60 * float(minutes.replace(",", ".")))
    except (ValueError, OverflowError):
        return minutes
    return seconds


def _number(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text


def _minutes(seconds: Any) -> str:
    return f"{seconds / 60:g}" if isinstance(seconds, int) else str(seconds)
