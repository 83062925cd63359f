"""Dates whose month is a word, in the languages that meters' software speaks."""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from dateutil.parser import ParserError, parser, parserinfo

# Short and long forms (Polish: genitive, as in dates). Sources: Unicode CLDR 46, gregorian months.
_MONTHS = (
    "jan january sty stycznia ene enero janv janvier januar jänner gen gennaio januari janeiro",
    "feb february lut lutego febrero févr février februar febbraio februari fev fevereiro",
    "mar march marca marzo mars mär märz mrz maart março mrt",
    "apr april kwi kwietnia abr abril avr avril aprile",
    "may maj maja mayo mai maggio mag mei maio",
    "jun june cze czerwca junio juin juni giu giugno junho",
    "jul july lip lipca julio juil juillet juli lug luglio julho",
    "aug august sie sierpnia ago agosto août augustus",
    "sep september wrz września septiembre sept septembre set settembre setembro",
    "oct october paź października octubre octobre okt oktober ott ottobre out outubro",
    "nov november lis listopada noviembre novembre novembro",
    "dec december gru grudnia dic diciembre déc décembre dez dezember dicembre dezembro",
)
_WORDS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}


class _Languages(parserinfo):
    MONTHS: Any = [tuple(words.split()) for words in _MONTHS]  # noqa: RUF012 (dateutil's own way)
    JUMP: Any = [*parserinfo.JUMP, "de", "den", "del", "le", "il", "r"]  # noqa: RUF012


_PARSER = parser(_Languages(dayfirst=True))
_CLOCK = re.compile(
    r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[ap]\.?m\.?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?",
    re.IGNORECASE,
)


def date_and_rest(text: str) -> tuple[date, str] | None:
    """(the date, the clock time as text) of '19 maj 2026 11:29:47'; None where it is no date."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    if not any(word in _WORDS for word in words):
        return None
    clock = _CLOCK.search(text)
    rest = clock.group() if clock else ""
    day = _day(text.replace(rest, " ") if rest else text)
    return (day, rest) if day else None


@lru_cache(1024)
def _day(text: str) -> date | None:
    # What a text does not say dateutil takes from its default: said is what two defaults share.
    try:
        one = _PARSER.parse(text, default=datetime(2001, 1, 1))
        other = _PARSER.parse(text, default=datetime(2004, 2, 2))
    except (ParserError, OverflowError, ValueError, TypeError, IndexError):
        return None
    return one.date() if one.date() == other.date() else None
