"""An evening as a unit tells it: (s after the start, kind, fields)."""

from typing import Any


def stage(before: str, after: str, level: int) -> dict[str, Any]:
    return {"from": before, "to": after, "limit": 650, "level": level}


def outcome(number: int, *, effective: bool) -> dict[str, Any]:
    message = {"message": "warning_zh", "stage": "firm", "number": number}
    return {**message, "effective": effective, "after": 3}


EVENING = (
    (0, "boot", {"reset": "power on"}),
    (60, "stage", stage("green", "amber", 634)),
    (70, "stage", stage("amber", "red", 671)),
    (70, "spotlight", {"on": True}),
    (72, "stage", stage("red", "polite", 672)),
    (72, "warning", {"message": "polite_zh", "number": 1}),
    (76, "spoken", {"message": "polite_zh", "number": 1}),
    (80, "outcome", outcome(1, effective=False)),
    (80, "stage", stage("polite", "firm", 670)),
    (80, "warning", {"message": "warning_zh", "number": 2}),
    (84, "spoken", {"message": "warning_zh", "number": 2}),
    (100, "outcome", outcome(2, effective=True)),
    (100, "stage", stage("firm", "green", 610)),
    (100, "spotlight", {"on": False}),
)
