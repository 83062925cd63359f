"""What happened, in plain words of one language: what the report and the claims say. Pure.

No word beyond what was measured: too loud is what the unit's own ladder called so, by the limit it
told; a warning achieved what its unit told of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from noisetamer.hub.evidence.facts import Facts, Spell, Warned
from noisetamer.hub.evidence.tables import Times, level
from noisetamer.hub.registry import SIMULATED
from noisetamer.hub.words.i18n import Texts, duration
from tamer.judge.warning_outcomes import LIGHT


@dataclass(frozen=True)
class Words:
    """Of one language. messages: {name: what is said}; places: {unit: as people know it}."""

    texts: Texts
    times: Times
    messages: Mapping[str, str]
    places: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        return self.texts[f"evidence_{key}"].format(**values)

    def count(self, key: str, count: int, **values: object) -> str:
        """`say`, with words of their own for one."""
        return self.say(f"{key}_1" if count == 1 else key, count=count, **values)

    def headline(self, found: Sequence[Facts]) -> str:
        """ "Over the limit · warned 3 times · quiet after the 3rd" """
        loud = [one for one in found if one.spells]
        if not loud:
            return self.say("head_not_over" if any(one.valid for one in found) else "head_nothing")
        count = sum(len(one.spoken) for one in found)
        warned = self.count("head_warned", count) if count else self.say("head_not_warned")
        last = max(loud, key=lambda one: (one.spells[-1].until or one.until, one.unit))
        return self.texts["evidence_and"].join(
            (self.say("head_over"), warned, self.say(f"head_{_end(last)}"))
        )

    def claims(self, found: Sequence[Facts]) -> list[str]:
        """What is claimed, a sentence each: the headline, which units are simulated, then of
        every unit what it did and how much it heard."""
        said = [self.headline(found)]
        if simulated := self.simulated(found):
            said.append(simulated)
        for one in found:
            said += [self.of_unit(one, text) for text in (*self._spells(one), self.heard(one))]
        return said

    def simulated(self, found: Sequence[Facts]) -> str:
        """Which units there are of whose square no sound is real; "" of none."""
        units = [self.place(one.unit) for one in found if one.unit.startswith(SIMULATED)]
        if not units:
            return ""
        return self.say("simulated", units=self.texts["evidence_list"].join(units))

    def of_unit(self, one: Facts, text: str) -> str:
        return self.say("of_unit", unit=self.place(one.unit), text=text)

    def place(self, unit: str) -> str:
        place = self.places.get(unit)
        return self.say("place", place=place, unit=unit) if place else unit

    def _spells(self, one: Facts) -> list[str]:
        if not one.spells:
            return [self.say("not_over" if one.valid else "nothing")]
        said = [self.spell(one, spell) for spell in one.spells]
        if one.over is not None:
            said.append(self.over(one))
        warned = one.spoken
        said.append(self.count("warned", len(warned)) if warned else self.say("not_warned"))
        said.append(self.ended(one))
        return said

    def spell(self, one: Facts, spell: Spell) -> str:
        since = self.times.local(spell.since)
        if spell.since == one.since:
            since += self.texts["evidence_before"]
        values = {"since": since, "limit": self._limit(one, spell)}
        if spell.until is None:
            return self.say("spell_open", **values)
        return self.say("spell", **values, until=self.times.clock(spell.until))

    def _limit(self, one: Facts, spell: Spell) -> str:
        # the first word of a limit is told when something changes, and held before
        limits = [limit for t, limit in one.limits if t <= spell.since] or [
            limit for _, limit in one.limits[:1]
        ]
        return level(limits[-1]) if limits else "?"

    def spells(self, one: Facts) -> str:
        """`spell` of a single one; else how many there were, and the last."""
        last = one.spells[-1]
        if len(one.spells) == 1:
            return self.spell(one, last)
        return self.say(
            "spells",
            count=len(one.spells),
            limit=self._limit(one, last),
            since=self.times.clock(last.since),
            until="…" if last.until is None else self.times.clock(last.until),
        )

    def over(self, one: Facts) -> str:
        """How much of the valid time was louder than the limit that held."""
        return self.say(
            "over",
            over=duration(one.over or 0, self.texts).strip(),
            valid=duration(one.valid, self.texts).strip(),
        )

    def ended(self, one: Facts) -> str:
        """How the last time it was too loud came to its end."""
        which = _end(one)
        by = _obeyed(one)
        last = one.spells[-1].until
        return self.say(
            f"end_{which}",
            number=by.number if by else "",
            after=duration(by.after or 0, self.texts).strip() if by else "",
            until=self.times.clock(last) if last is not None else "",
        )

    def heard(self, one: Facts) -> str:
        share = f"{100 * one.valid / max(1, one.seconds):.1f}"
        if not one.not_valid:
            return self.say("heard_all", share=share)
        return self.say("heard", share=share, reasons=self.reasons(one))

    def reasons(self, one: Facts) -> str:
        return self.texts["evidence_list"].join(
            self.say(
                "reason",
                reason=self.texts.get(f"reason_{reason}", reason),
                duration=duration(seconds, self.texts).strip(),
            )
            for reason, seconds in one.not_valid.items()
        )

    def loudest(self, one: Facts) -> str:
        if one.loudest is None:
            return self.texts["evidence_none"]
        return self.say(
            "loudest", level=level(one.loudest.level), at=self.times.clock(one.loudest.t)
        )

    def warning(self, one: Warned) -> tuple[str, str, str]:
        """(when, what, what it achieved)"""
        if one.message == LIGHT:
            what = self.say("light")
        elif text := self.messages.get(one.message):
            what = self.say("message", text=text)
        else:
            what = self.say("message_unknown", name=one.message)
        return self.times.clock(one.t), what, self.achieved(one)

    def achieved(self, one: Warned) -> str:
        if one.failed:
            return self.say("failed", why=one.failed)
        if one.effective is None:
            return self.say("achieved_unknown")
        key = "achieved" if one.effective else "achieved_nothing"
        return self.say(key, after=duration(one.after or 0, self.texts).strip())


def _end(one: Facts) -> str:
    """Of the last spell: "goes_on", "blind", "obeyed" or "quiet"."""
    spell = one.spells[-1]
    if spell.until is None:
        return "goes_on"
    if not spell.heard:
        return "blind"
    return "obeyed" if _obeyed(one) else "quiet"


def _obeyed(one: Facts) -> Warned | None:
    """The warning of the last spell after which the unit let go."""
    spell = one.spells[-1]
    within = [w for w in one.warnings if w.t >= spell.since and w.effective]
    return within[-1] if within and spell.until is not None else None
