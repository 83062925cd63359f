"""A catalogue of gettext's form (.po): English sentences with named places, and what they are
in another language."""

import re
from functools import cache, cached_property
from pathlib import Path
from string import Formatter

import polib

_FOLDER = Path(__file__).parent
# Places that hold a number, by name: what comes before one is another sentence.
_NUMBERS = re.compile("n[0-9]?|of")
_NUMBER = r"[-+±]?[0-9][0-9.e+-]*"
# Places of what is typed or named, and no sentence of ours.
_VERBATIM = frozenset(
    [
        "batch",
        "file",
        "given",
        "key",
        "keys",
        "known",
        "ledger",
        "meant",
        "name",
        "option",
        "options",
        "path",
        "place",
        "port",
        "program",
        "serial",
        "square",
    ]
)
_TELLS = 8  # letters that a sentence must have which begins and ends with a place
# What joins sentences that were made apart.
_JOINTS = {". ": "。", "; ": "；", ": ": "：", ", ": "，"}
_AT_JOINTS = re.compile("(\\. |; |: |, )")


class Pattern:
    """One sentence, by which a filled one is known again."""

    def __init__(self, text: str, translated: str) -> None:
        self.text = text
        self.translated = translated
        self.places = [
            (literal, name) for literal, name, *_ in Formatter().parse(text) if literal or name
        ]
        literals = [literal for literal, _ in self.places]
        self.weight = sum(len(literal.strip()) for literal in literals)
        self._longest = max(literals, key=len)
        open_at_both_ends = not literals[0] and bool(self.places[-1][1])
        # "{count} on {day}" would know far too many sentences again.
        self.tells = self.weight >= (_TELLS if open_at_both_ends else 1)

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        seen: set[str] = set()
        parts = []
        for literal, name in self.places:
            parts.append(re.escape(literal))
            if name:
                what = _NUMBER if _NUMBERS.fullmatch(name) else ".+?"
                parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{what})")
                seen.add(name)
        return re.compile("".join(parts), re.DOTALL)

    def values(self, filled: str) -> dict[str, str] | None:
        """What fills its places; None where it is another sentence."""
        if self._longest not in filled:
            return None
        found = self._regex.fullmatch(filled)
        return found and found.groupdict()


class Catalogue:
    """All sentences of one language."""

    def __init__(self, entries: dict[str, str]) -> None:
        self.entries = entries
        patterns = [Pattern(text, said) for text, said in entries.items() if "{" in text]
        # The one that says the most of it is the one that was meant.
        self._patterns = sorted(
            (one for one in patterns if one.tells), key=lambda one: -one.weight
        )

    @property
    def plain(self) -> dict[str, str]:
        """Those without places."""
        return {text: said for text, said in self.entries.items() if "{" not in text}

    def say(self, text: str, values: dict[str, object] | None = None) -> str:
        """As `language.say`."""
        if values:
            filled = {
                name: self._value(name, value) if isinstance(value, str) else value
                for name, value in values.items()
            }
            return self.entries.get(text, text).format(**filled)
        found = self._known(text)
        return text if found is None else found

    def _value(self, name: str, value: str) -> str:
        return value if name in _VERBATIM else self.say(value)

    def _known(self, text: str) -> str | None:
        found = self._one(text)
        return self._joined(text) if found is None else found

    def _one(self, text: str) -> str | None:
        """One sentence; None where it is not known."""
        if text in self.entries:
            return self.entries[text]
        for pattern in self._patterns:
            values = pattern.values(text)
            if values is not None:
                said = {name: self._value(name, value) for name, value in values.items()}
                return pattern.translated.format(**said)
        if text.endswith("."):
            # A clause that stands alone.
            clause = text[:-1]
            known = self._one(clause) or self._one(clause[:1].lower() + clause[1:])
            return known and f"{known}。"
        return None

    def _joined(self, text: str) -> str | None:
        """Sentences that were joined, the longest that is known first; None where none is."""
        pieces = _AT_JOINTS.split(text)
        said, at, any_known = "", 0, False
        while at < len(pieces):
            end = len(pieces)
            while (known := self._one("".join(pieces[at:end]))) is None and end > at + 1:
                end -= 2
            any_known |= known is not None
            said += pieces[at] if known is None else known
            said += _JOINTS[pieces[end]] if end < len(pieces) else ""
            at = end + 1
        return said if any_known else None


@cache
def of(language: str) -> Catalogue:
    """Read when the first sentence is said."""
    entries = {}
    for entry in polib.pofile(str(_FOLDER / f"{language}.po")):
        if entry.msgid_plural:
            many = entry.msgstr_plural[max(entry.msgstr_plural)]
            one = many if "{n}" in entry.msgid else many.replace("{n}", "1")
            entries |= {entry.msgid: one, entry.msgid_plural: many}
        else:
            entries[entry.msgid] = entry.msgstr
    return Catalogue({text: said for text, said in entries.items() if said})
