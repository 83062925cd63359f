"""A square's picture as a user uploads it: drawn anew, so that nothing but its dots is kept. Pure.

What a file may hold besides (scripts in SVG, where a photograph was taken, bytes that another
program would run) does not come through.
"""

import warnings
from io import BytesIO

from PIL import Image, ImageOps

from noisetamer.base.errors import UserError

MOST_BYTES = 12_000_000
MOST_DOTS = 50_000_000
# longest edge of what is kept: more than a phone or a desktop shows
EDGE = 2000
QUALITY = 85


class PictureError(UserError):
    """Why a picture is not taken. key: 'many_bytes', 'many_dots' or 'no_picture'; fields: of the
    sentence in any language.
    """

    def __init__(self, key: str, sentence: str, **fields: int) -> None:
        super().__init__(sentence)
        self.key, self.fields = key, fields


def drawn_anew(uploaded: bytes) -> bytes:
    """The picture as PNG or JPEG, as it came, upright, its longest edge at most EDGE dots.

    Raises PictureError for what is no PNG or JPEG, is too large, or is spoilt.
    """
    if len(uploaded) > MOST_BYTES:
        has, most = -(-len(uploaded) // 1_000_000), MOST_BYTES // 1_000_000
        raise PictureError(
            "many_bytes",
            f"This picture has {has} MB, more than {most}: make it smaller.",
            has=has,
            most=most,
        )
    try:
        with warnings.catch_warnings():
            # its own limit on dots is higher than ours
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(uploaded), formats=("PNG", "JPEG")) as picture:
                return _redrawn(picture)
    except Image.DecompressionBombError:
        raise _too_many_dots() from None
    except (OSError, SyntaxError, ValueError):
        raise PictureError(
            "no_picture",
            "This file is no picture that can be shown: upload a PNG or JPEG.",
        ) from None


def _too_many_dots() -> PictureError:
    most = MOST_DOTS // 1_000_000
    return PictureError(
        "many_dots",
        f"This picture has more than {most} million dots: make it smaller.",
        most=most,
    )


def _redrawn(picture: Image.Image) -> bytes:
    format = picture.format
    if picture.width * picture.height > MOST_DOTS:
        raise _too_many_dots()
    picture.draft("RGB", (EDGE, EDGE))  # a JPEG is read no larger than needed
    upright = ImageOps.exif_transpose(picture)
    see_through = format == "PNG" and upright.has_transparency_data
    drawn = upright.convert("RGBA" if see_through else "RGB")
    drawn.thumbnail((EDGE, EDGE))
    # a picture of its own carries nothing of the file's
    clean = Image.new(drawn.mode, drawn.size)
    clean.paste(drawn)
    to = BytesIO()
    clean.save(to, format, quality=QUALITY)
    return to.getvalue()


def media_type(picture: bytes) -> str:
    """Of what `drawn_anew` made."""
    return "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
