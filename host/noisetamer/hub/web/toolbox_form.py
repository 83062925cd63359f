"""The forms of the toolbox: what is ticked and chosen, as a question. Pure.

A form's values are {field: [values]}, as they stand in the page's address; whatever is not of the
tables of hub/toolbox is refused in one sentence.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from noisetamer.base.errors import UserError
from noisetamer.hub.toolbox.associate import WHEN, Associate
from noisetamer.hub.toolbox.classify import LIMITS, MOST_KINDS, RULES, Classify
from noisetamer.hub.toolbox.collide import BY, SHOWN, Collide
from noisetamer.hub.toolbox.compare import EPOCH, MEASURES, Compare
from noisetamer.hub.toolbox.pick import Pick
from noisetamer.hub.toolbox.scope import Scope
from noisetamer.hub.toolbox.sieve import Sieve
from noisetamer.hub.toolbox.things import CONDITIONS, SUBJECTS, THINGS

Given = Mapping[str, Sequence[str]]
Question = Sieve | Associate | Collide | Compare | Classify
Allowed = frozenset[str] | None

MINUTES = (15, 30, 60, 120, 360, 1440)

USUAL: dict[str, dict[str, list[str]]] = {
    "sieve": {"subject": ["incidents"]},
    "associate": {"a_thing": ["complaint"], "b_thing": ["noise"], "when": ["before"]},
    "collide": {"a_thing": ["complaint"], "b_thing": ["playing"]},
    "compare": {"measure": ["level"], "since": ["18"], "until": ["22"]},
    "classify": {"how": ["rules"], "rule": [*RULES]},
}
"""What is asked before anybody has chosen anything."""


class RefusedError(UserError):
    """key: of the words; value: what was given."""

    def __init__(self, key: str, value: str) -> None:
        super().__init__(f"{value!r}: {key}")
        self.key, self.value = key, value


def usual(way: str, today: date) -> dict[str, list[str]]:
    """The form before anybody has chosen anything. Of the comparison four weeks and those
    before."""
    found = {field: list(values) for field, values in USUAL[way].items()}
    if way == "compare":
        last, middle = today - timedelta(1), today - timedelta(28)
        found |= {"a_first": [str(middle - timedelta(28))], "a_last": [str(middle - timedelta(1))]}
        found |= {"b_first": [str(middle)], "b_last": [str(last)]}
    return found


def question(way: str, given: Given, allowed: Allowed) -> Question:
    """allowed: squares that may be seen, None: all. Raises RefusedError."""
    return _READERS[way](_Form(given, allowed))


class _Form:
    def __init__(self, given: Given, allowed: Allowed) -> None:
        self.given = given
        self._allowed = allowed

    def text(self, field: str, usual: str = "") -> str:
        values = self.given.get(field, ())
        return values[0].strip() if values and values[0].strip() else usual

    def of(self, field: str, known: Sequence[str] | Mapping[str, object], usual: str) -> str:
        value = self.text(field, usual)
        if value not in known:
            raise RefusedError("toolbox_no_choice", value)
        return value

    def number(self, field: str) -> float | None:
        text = self.text(field).replace(",", ".")
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            raise RefusedError("toolbox_no_number", text) from None
        if not -1e6 < value < 1e6:
            raise RefusedError("toolbox_no_number", text)
        return value

    def whole(self, field: str, usual: int, most: int) -> int:
        text = self.text(field, str(usual))
        if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= most):
            raise RefusedError("toolbox_no_number", text)
        return int(text)

    def day(self, field: str) -> int | None:
        text = self.text(field)
        if not text:
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError:
            raise RefusedError("toolbox_no_date", text) from None
        return (found - EPOCH).days

    def scope(self, side: str = "") -> Scope:
        """side: of its squares and dates, "a_"; weekdays and hours are of the whole form."""
        squares = tuple(one for one in self.given.get(f"{side}square", ()) if one)
        first, last = self.day(f"{side}first"), self.day(f"{side}last")
        if first is not None and last is not None and first > last:
            raise RefusedError("toolbox_dates_cross", self.text(f"{side}first"))
        weekdays = []
        for text in self.given.get("weekday", ()):
            if text not in {"0", "1", "2", "3", "4", "5", "6"}:
                raise RefusedError("toolbox_no_choice", text)
            weekdays.append(int(text))
        scope = Scope(
            *(squares or None, first, last, tuple(sorted(set(weekdays)))),
            *(self.whole("since", 0, 23), self.whole("until", 24, 24)),
        )
        return scope.within(self._allowed)

    def pick(self, side: str) -> Pick:
        thing = self.of(f"{side}thing", THINGS, "noise")
        kind, _, value = self.text(f"{side}by").partition(":")
        if kind and kind != THINGS[thing].by:
            raise RefusedError("toolbox_no_part", value)
        if kind == "group" and not (value.isascii() and value.isdigit() and len(value) < 16):
            raise RefusedError("toolbox_no_choice", value)
        squares = tuple(one for one in self.given.get(f"{side}square", ()) if one)
        return Pick(thing, value, squares or None)


def _sieve(form: _Form) -> Sieve:
    subject = form.of("subject", SUBJECTS, "incidents")
    asked: dict[str, object] = {}
    for name, condition in CONDITIONS.items():
        if subject not in condition.subjects:
            continue
        if condition.unit:
            number = form.number(name)
            if number is not None:
                asked[name] = number
        elif condition.choices is not None:
            if form.text(name):
                asked[name] = form.of(name, condition.choices, "")
        elif value := form.text(name):
            if name == "group" and not (value.isascii() and value.isdigit() and len(value) < 16):
                raise RefusedError("toolbox_no_choice", value)
            asked[name] = value
    return Sieve(form.scope(), subject, asked)


def _associate(form: _Form) -> Associate:
    minutes = form.whole("minutes", 30, 7 * 1440)
    if minutes < 1:
        raise RefusedError("toolbox_no_number", str(minutes))
    return Associate(
        *(form.scope(), form.pick("a_"), form.pick("b_"), minutes, form.of("when", WHEN, "after"))
    )


def _collide(form: _Form) -> Collide:
    by, shown = form.of("by", BY, "hour"), form.of("shown", SHOWN, "both")
    return Collide(form.scope(), form.pick("a_"), form.pick("b_"), by, shown)


def _compare(form: _Form) -> Compare:
    measure = form.of("measure", MEASURES, "level")
    return Compare(form.scope("a_"), form.scope("b_"), measure)


def _classify(form: _Form) -> Classify:
    if form.of("how", ("rules", "alike"), "rules") == "alike":
        kinds = form.whole("kinds", 4, MOST_KINDS)
        if kinds < 2:
            raise RefusedError("toolbox_no_number", str(kinds))
        return Classify(form.scope(), kinds=kinds)
    rules = tuple(rule for rule in RULES if rule in form.given.get("rule", ())) or tuple(RULES)
    limits = {rule: form.number(rule) for rule in LIMITS}
    return Classify(
        form.scope(), rules, {rule: value for rule, value in limits.items() if value is not None}
    )


_READERS = {
    "sieve": _sieve,
    "associate": _associate,
    "collide": _collide,
    "compare": _compare,
    "classify": _classify,
}
