"""QR codes on paper."""

import segno


def rows(text: str) -> list[str]:
    """ "#" where a module is dark, without a margin: what `qr-code` of style.typ draws. A quarter
    of it may be scratched."""
    code = segno.make(text, error="q", micro=False)
    return ["".join(".#"[bool(dark)] for dark in row) for row in code.matrix]
