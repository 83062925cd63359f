"""QR codes for pages."""

import segno


def qr_code(text: str, redundancy: str = "m") -> str:
    """An SVG element, as large as its place, of attributes only (no style: the pages' policy).
    redundancy: "l", for what is long, to "h"."""
    code = segno.make(text, error=redundancy, micro=False)
    width, height = code.symbol_size(border=4)
    drawn = code.svg_inline(border=4, omitsize=True, dark="#000", light="#fff")
    return (
        drawn
        if "viewBox" in drawn
        else drawn.replace("<svg", f'<svg viewBox="0 0 {width} {height}"', 1)
    )


def standing_alone(svg: str) -> str:
    """Within a page it needs no name space, in a file of its own it does."""
    if "xmlns=" in svg:
        return svg
    return svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
