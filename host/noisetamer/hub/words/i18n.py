"""The words for people, in each language: one JSON file a concern; Chinese first."""

import json
import re
from functools import cache
from pathlib import Path

WORDS = Path(__file__).parent
LANGUAGES = ("zh", "en")

Texts = dict[str, str]

_WEIGHT = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*")


def read_texts() -> dict[str, Texts]:
    """{language: {key: text}}, the asker's own. Raises ValueError for a key that stands twice."""
    return {language: dict(_read(WORDS / language)) for language in LANGUAGES}


@cache
def _read(folder: Path) -> Texts:
    texts: Texts = {}
    for file in sorted(folder.glob("*.json")):
        more = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_once)
        if twice := texts.keys() & more.keys():
            raise ValueError(f"{file}: {', '.join(sorted(twice))} stands in another file too")
        texts.update(more)
    return texts


def _once(pairs: list[tuple[str, str]]) -> Texts:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{', '.join({key for key in keys if keys.count(key) > 1})} stands twice")
    return found


def preferred(accepted: str) -> str:
    """Which of ours an Accept-Language header asks for (RFC 9110, 12.5.4): Chinese where it asks
    for nothing, English where it asks for others only.
    """
    best, weight = "en" if accepted.strip(" *") else "zh", 0.0
    for each in accepted.split(","):
        name, _, rest = each.partition(";")
        language = name.strip().lower().split("-")[0]
        given = _WEIGHT.fullmatch(rest)
        q = float(given[1]) if given else 0.0 if rest else 1.0
        if language in LANGUAGES and q > weight:
            best, weight = language, q
    return best


def duration(seconds: int, texts: Texts) -> str:
    """'1 h 5 min' in the page's language."""
    minutes, s = divmod(seconds, 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return texts["duration_h"].format(h=hours, min=minutes_left)
    if minutes:
        return texts["duration_min"].format(min=minutes, s=s)
    return texts["duration_s"].format(s=s)
