"""The page's words, one JSON file a language; Chinese first."""

import json
import re
from pathlib import Path

PAGES = Path(__file__).with_name("pages")
LANGUAGES = ("zh", "en")

Texts = dict[str, str]

_WEIGHT = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*")


def read_texts() -> dict[str, Texts]:
    """{language: {key: text}}"""
    return {
        language: json.loads((PAGES / f"{language}.json").read_text(encoding="utf-8"))
        for language in LANGUAGES
    }


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
