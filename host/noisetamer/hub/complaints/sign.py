"""The sign for a pole: a QR to the square's page for everybody, Chinese first."""

from dataclasses import dataclass
from pathlib import Path

from noisetamer.hub.words.i18n import read_texts

SIZES = ("a4", "a5")

_TEMPLATE = Path(__file__).with_name("sign.typ")
_LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Pole:
    """name: of its box, "" where the square has one; address: of its page, in full."""

    name: str
    address: str


@dataclass(frozen=True)
class Sign:
    """ask: whom to ask; button: whether "too loud now" is on the page; poles: a page each."""

    square: str
    ask: str
    button: bool
    poles: tuple[Pole, ...]


def pdf(sign: Sign, size: str) -> bytes:
    """size: of SIZES; blocks."""
    # a hub that starts need not wait for it
    from noisetamer.base.paper import pages, qr

    texts = read_texts()
    data = {
        "size": size,
        "square": sign.square,
        "ask": sign.ask,
        "poles": [
            {"name": one.name, "address": one.address, "code": qr.rows(one.address)}
            for one in sign.poles
        ],
        "languages": [
            {
                key: texts[language][f"sign_{key}"]
                for key in ("title", "records", "ask", "look", "button")
            }
            for language in _LANGUAGES
        ],
        "button": sign.button,
    }
    return pages.pdf(_TEMPLATE, data)
