"""The page's words, one JSON file a language; Chinese first."""

import json
from pathlib import Path

PAGES = Path(__file__).with_name("pages")
LANGUAGES = ("zh", "en")

Texts = dict[str, str]


def read_texts() -> dict[str, Texts]:
    """{language: {key: text}}"""
    return {
        language: json.loads((PAGES / f"{language}.json").read_text(encoding="utf-8"))
        for language in LANGUAGES
    }
