"""All that the two pages say, as they say it: one in Chinese, one in English. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from noisetamer.hub.evidence.account import Words
from noisetamer.hub.evidence.facts import Facts
from noisetamer.hub.evidence.records import Told
from noisetamer.hub.evidence.tables import level

# Of each so many have room on a page; the tables of the bundle have all.
UNITS, WARNINGS, POLICIES = 2, 6, 3
# characters of a message
_LONGEST = 60


@dataclass(frozen=True)
class About:
    """square; incident: its number, None of a span; origin: of the log; made: Unix s."""

    square: str
    incident: int | None
    since: int
    until: int
    origin: str
    made: int


@dataclass(frozen=True)
class Quality:
    """clocks: {unit: its last word of the clock}; checks: {unit: its last self-check}; policies:
    {first digits of a hash: name, None where its text is not here}; findings: kinds, of the
    units' chains; chained: whether every unit makes one; pictures: how many are here, None where
    they were withheld."""

    clocks: Mapping[str, Told]
    checks: Mapping[str, Told]
    policies: Mapping[str, str | None]
    findings: Sequence[str]
    chained: bool
    pictures: int | None


def page(
    words: Words,
    about: About,
    found: Sequence[Facts],
    quality: Quality,
    ordered: Mapping[tuple[str, int], str],
) -> dict[str, Any]:
    """One page. ordered: {(unit, number of an order): the words that people had it say}."""
    say = words.say
    shown = found[:UNITS]
    warnings = sorted(
        [
            *((w.t, one.unit, words.warning(w)) for one in found for w in one.warnings),
            *(
                (t, one.unit, _by_hand(words, ordered, one, t, n))
                for one in found
                for t, n in one.ordered
            ),
        ]
    )
    several = len(found) > 1
    made = words.times.local(about.made)
    return {
        "lang": words.texts["language"][:2],
        "title": say("report"),
        "below": _below(words, about),
        "headline": words.headline(found),
        "story": [*filter(None, [words.simulated(found)]), *_story(words, shown)],
        "curve": say("curve"),
        "more": say("units_more", count=len(found) - UNITS) if found[UNITS:] else "",
        "unit-heads": [
            say(f"column_{name}") for name in ("unit", "over", "loudest", "limit", "valid")
        ],
        "units": [_unit(words, one) for one in shown],
        "warning-heads": [say(f"column_{name}") for name in ("when", "words", "achieved")],
        "warnings": [
            (f"{when} {unit}" if several else when, _short(what), achieved)
            for _, unit, (when, what, achieved) in warnings[:WARNINGS]
        ],
        "warnings-more": say("warnings_more", count=len(warnings) - WARNINGS)
        if warnings[WARNINGS:]
        else "",
        "no-warnings": say("no_warnings"),
        "quality": say("quality"),
        "facts": _facts(words, shown, quality),
        "proves": (
            say("proves"),
            [say(f"proves_{number}", origin=about.origin) for number in range(1, 5)],
        ),
        "proves-not": (say("proves_not"), [say(f"proves_not_{number}") for number in range(1, 5)]),
        "foot": say("foot", origin=about.origin, made=made),
        "page": "",
    }


def report(pages: Sequence[dict[str, Any]], words: Sequence[Words], loud: bool) -> dict[str, Any]:
    """The document."""
    for number, (page, of) in enumerate(zip(pages, words, strict=True), 1):
        page["page"] = of.say("page", at=number, of=len(pages))
    return {"title": pages[0]["title"], "loud": loud, "pages": list(pages)}


def _below(words: Words, about: About) -> str:
    if about.incident is not None:
        return words.say(
            "report_incident",
            square=about.square,
            number=about.incident,
            day=words.times.local(about.since)[:10],
        )
    return words.say(
        "report_span",
        **{"square": about.square, "from": words.times.local(about.since)},
        until=words.times.local(about.until),
    )


def _story(words: Words, found: Sequence[Facts]) -> list[str]:
    said = []
    for one in found:
        if one.spells:
            told = [words.spells(one)]
            if one.over is not None:
                told.append(words.over(one))
            told.append(words.ended(one))
            text = words.texts["evidence_sentences"].join(told)
            said.append(words.of_unit(one, text))
    return said


def _unit(words: Words, one: Facts) -> list[str]:
    spells = [
        "–".join(
            (
                words.times.clock(spell.since),
                words.times.clock(spell.until) if spell.until is not None else "…",
            )
        )
        for spell in one.spells
    ]
    more = f" (+{len(spells) - 2})" if spells[2:] else ""
    limits = ", ".join(dict.fromkeys(level(limit) for _, limit in one.limits))
    none = words.texts["evidence_none"]
    return [
        words.place(one.unit),
        (", ".join(spells[:2]) + more) or none,
        words.loudest(one),
        limits or none,
        f"{100 * one.valid / max(1, one.seconds):.1f} %",
    ]


def _by_hand(
    words: Words, ordered: Mapping[tuple[str, int], str], one: Facts, t: int, n: int
) -> tuple[str, str, str]:
    text = ordered.get((one.unit, n), "")
    what = words.say("by_hand", text=text) if text else words.say("by_hand_unknown")
    return words.times.clock(t), what, words.say("not_judged")


def _facts(words: Words, found: Sequence[Facts], quality: Quality) -> list[tuple[str, str]]:
    say = words.say
    none = words.texts["evidence_none"]
    policies = [
        say("policy_here", hash=hash, name=name or words.texts["evidence_policy_unnamed"])
        if name is not None
        else say("policy_missing", hash=hash)
        for hash, name in quality.policies.items()
    ]
    if quality.pictures is None:
        pictures = say("pictures_withheld")
    elif quality.pictures:
        pictures = say("pictures_count", count=quality.pictures)
    else:
        pictures = say("pictures_none")
    return [
        (say("fact_heard"), " ".join(words.of_unit(one, words.heard(one)) for one in found)),
        (say("fact_clock"), _together(words, found, quality, _clock) or none),
        (say("fact_calibration"), _together(words, found, quality, _check) or none),
        (say("fact_policy"), "; ".join(_few(policies, POLICIES)) or say("policy_none")),
        (say("fact_chain"), _chain(words, quality)),
        (say("fact_pictures"), pictures),
    ]


def _together(
    words: Words,
    found: Sequence[Facts],
    quality: Quality,
    say_of: Callable[[Words, str, Quality], str],
) -> str:
    """Of units of which the same is to be said, it is said once."""
    units: dict[str, list[str]] = {}
    for one in found:
        units.setdefault(say_of(words, one.unit, quality), []).append(one.unit)
    return " ".join(
        words.say("of_unit", unit=words.texts["evidence_list"].join(names), text=text)
        for text, names in units.items()
    )


def _few(texts: Sequence[str], most: int) -> list[str]:
    return [*texts[:most], *([f"(+{len(texts) - most})"] if texts[most:] else [])]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _clock(words: Words, unit: str, quality: Quality) -> str:
    told = quality.clocks.get(unit)
    if told is None:
        return words.say("clock_none")
    source = str(told.fields.get("source", "?"))
    step = told.fields.get("step")
    return words.say(
        "clock_told",
        source=words.texts.get(f"evidence_source_{source}", source),
        at=words.times.local(told.t),
        step=words.say("clock_step", step=f"{step / 1000:+.3f}") if step is not None else "",
    )


def _check(words: Words, unit: str, quality: Quality) -> str:
    told = quality.checks.get(unit)
    if told is None:
        return words.say("calibration_unknown")
    verdict = str(told.fields.get("verdict", "?"))
    return words.say(
        "calibration_check",
        at=words.times.local(told.t)[:10],
        verdict=words.texts.get(f"verdict_{verdict}", verdict),
    )


def _chain(words: Words, quality: Quality) -> str:
    kinds = Counter(quality.findings)
    if kinds:
        named = words.texts["evidence_list"].join(
            words.texts.get(f"evidence_chain_{kind}", kind) for kind in kinds
        )
        return words.count("chain_found", kinds.total(), kinds=named)
    return words.say("chain_whole" if quality.chained else "chain_none")
