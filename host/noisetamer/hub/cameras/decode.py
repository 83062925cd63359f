"""What a camera answered, as a picture that is really one: decoded, and encoded anew by us.

Nothing of its bytes goes further: no EXIF, no comment, no second file behind the picture.
"""

import io
import warnings
from dataclasses import dataclass

from PIL import Image

from noisetamer.hub.cameras import no_picture
from noisetamer.hub.cameras.no_picture import NoPictureError

MOST_PIXELS = 60_000_000
LEAST_EDGE = 32
LONGEST_EDGE = 1920
QUALITY = 85

_FORMATS = ("JPEG", "PNG")


@dataclass(frozen=True)
class Picture:
    """jpeg: baseline JPEG, width x height pixels; blur: what was done to it, one of blur.DONE."""

    jpeg: bytes
    width: int
    height: int
    blur: str = "none"


def decode(body: bytes) -> Image.Image:
    """RGB, at most LONGEST_EDGE pixels long. Takes some tenths of a second of CPU. Raises
    NoPictureError.
    """
    try:
        with warnings.catch_warnings():
            # pillow's own limit is higher than ours
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(body), formats=_FORMATS)
        with image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise NoPictureError(no_picture.TOO_MANY_PIXELS, f"{width} × {height}")
            if min(width, height) < LEAST_EDGE:
                raise NoPictureError(no_picture.TOO_SMALL, f"{width} × {height}")
            # a JPEG is decoded at a half or a quarter where that is enough
            image.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
            image.load()
            whole = image.convert("RGB")
    except NoPictureError:
        raise
    except Image.DecompressionBombError:
        raise NoPictureError(no_picture.TOO_MANY_PIXELS) from None
    except Image.UnidentifiedImageError:
        raise NoPictureError(_what_else(body)) from None
    except Exception as error:
        # a decoder's ways to stumble over bad bytes are many, and none is ours to mend
        cut_off = "truncated" in str(error)
        raise NoPictureError(no_picture.CUT_OFF if cut_off else no_picture.UNREADABLE) from None
    whole.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    return whole


def encode(image: Image.Image, blur: str = "none") -> Picture:
    """blur: what was done to it before."""
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY)
    return Picture(written.getvalue(), *image.size, blur)


def _what_else(body: bytes) -> str:
    """Which reason says best what this is."""
    if not body:
        return no_picture.CUT_OFF
    if body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return no_picture.WEB_PAGE
    return no_picture.UNREADABLE
