"""The sign of a point: the code that a guard scans, its name, and what he then does."""

from pathlib import Path

from noisetamer.hub.patrols.check_in import Point

_TEMPLATE = Path(__file__).with_name("sign.typ")
_SAYS = {
    "panel": (
        "扫码，再输入屏上这一分钟的四位数字",
        "Scan, then type the digits on the panel",
    ),
    "rotating": (
        "扫屏幕上的码，或输入四位数字",
        "Scan the screen, or type its digits",
    ),
    "weak": ("扫码打卡（弱证明：仅凭印刷码）", "Scan to check in (weak: a printed code only)"),
}


def sign(point: Point, address: str) -> bytes:
    """A5, as PDF. address: of the page that opens."""
    # a hub that starts need not wait for it
    from noisetamer.base.paper import pages, qr

    return pages.pdf(
        _TEMPLATE,
        {
            "name": point.name,
            "square": point.square,
            "weak": point.kind == "weak",
            "says": _SAYS[point.kind],
            "address": address,
            "code": qr.rows(address),
        },
    )
