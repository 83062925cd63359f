"""What is written can be read: contrast of the style sheet's colours, light and dark."""

import re

import pytest

from noisetamer.hub.web.app import STATIC

CSS = (STATIC / "base.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
)

WRITTEN = ("text", "quiet-text", "green", "amber", "red", "unknown", "level", "voice", "lamp")


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_arithmetic_is_that_of_the_standard():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_lines_stand_out_enough(colours: dict[str, str]):
    assert colours.keys() == LIGHT.keys()
    for name in WRITTEN:
        for behind in ("card", "ground"):
            assert contrast(colours[name], colours[behind]) >= 4.5, (name, behind)
    assert contrast(colours["on-alarm"], colours["alarm"]) >= 4.5
    for kind in ("voice", "invalid", "missing"):
        # WCAG 1.4.11; the pattern tells them apart besides
        assert contrast(colours[f"{kind}-lines"], colours["card"]) >= 3, kind
