"""The style for a page in a browser: its font has every letter of the page, and few others."""

import base64
import io
import re

from fontTools.ttLib import TTFont

from noisetamer.base.paper import style, web

TEXT = "<p>治噪者：数字部分，±0.3 dB</p>"


def fonts(css: str) -> list[TTFont]:
    found = re.findall(r"data:font/woff;base64,([A-Za-z0-9+/=]+)", css)
    return [TTFont(io.BytesIO(base64.b64decode(one))) for one in found]


def test_every_letter_is_in_both_weights():
    regular, bold = fonts(web.css(TEXT))
    for one in (regular, bold):
        assert {chr(code) for code in one.getBestCmap() or ()} == set(TEXT)
    assert [one["name"].getDebugName(2) for one in (regular, bold)] == ["Regular", "Bold"]


def test_colours_are_variables():
    css = web.css("")
    assert f"--ink: {style.INK};" in css
    assert f"--good-pale: {style.GOOD_PALE};" in css


def test_the_same_text_is_the_same_sheet():
    assert web.css(TEXT) == web.css(TEXT)
