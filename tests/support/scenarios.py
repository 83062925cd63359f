"""Scenario files written on the spot."""

from pathlib import Path

from noisetamer.square import scenario
from noisetamer.square.scenario import Scenario

HEAD = """
title = "Test square"
start = 2026-11-24T19:00:00
duration = "1h"
"""

TONE = """
[[source]]
name = "tone"
sound = "tone"
level = "74 dB"
distance = "10 m"
"""


def write(folder: Path, text: str) -> str:
    """The text as a scenario file, and its path."""
    path = folder / "square.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def made(folder: Path, text: str) -> Scenario:
    """The scenario that follows a usual head."""
    return scenario.load(write(folder, HEAD + text))
