from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from noisetamer.hub.squares.plan import EDGE, PictureError, drawn_anew, media_type

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def picture(format: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object):
    to = BytesIO()
    Image.new(mode, size, "white").save(to, format, **options)  # pyright: ignore
    return to.getvalue()


def shape(made: bytes) -> tuple[str | None, tuple[int, int], str]:
    with Image.open(BytesIO(made)) as read:
        read.load()
        return read.format, read.size, read.mode


def test_what_is_kept_is_drawn_anew_in_the_format_it_came_in():
    assert shape(drawn_anew(picture("JPEG"))) == ("JPEG", (40, 30), "RGB")
    assert shape(drawn_anew(picture("PNG", mode="RGBA"))) == ("PNG", (40, 30), "RGBA")
    assert shape(drawn_anew(picture("PNG", mode="P"))) == ("PNG", (40, 30), "RGB")
    assert media_type(drawn_anew(picture("JPEG"))) == "image/jpeg"
    assert media_type(drawn_anew(picture("PNG"))) == "image/png"


def test_it_is_no_larger_than_a_screen_shows():
    assert shape(drawn_anew(picture("JPEG", (8000, 4000))))[1] == (EDGE, EDGE // 2)
    assert shape(drawn_anew(picture("PNG", (100, 5000))))[1] == (EDGE // 50, EDGE)


def test_a_photograph_stands_upright_and_does_not_say_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010E] = "a secret"
    made = drawn_anew(picture("JPEG", exif=exif))
    assert shape(made)[1] == (30, 40)
    assert b"Exif" not in made
    assert b"a secret" not in made


def test_what_follows_the_picture_is_not_kept():
    assert b"<script>" not in drawn_anew(picture("PNG") + b"<script>alert(1)</script>")


@pytest.mark.parametrize(
    ("uploaded", "key"),
    [
        (lambda: SVG, "no_picture"),
        (lambda: b"", "no_picture"),
        (lambda: picture("GIF"), "no_picture"),
        (lambda: picture("PNG")[:60], "no_picture"),
        (lambda: picture("JPEG")[:300], "no_picture"),
        (lambda: picture("PNG", (20_000, 3_000), "1"), "many_dots"),
        (lambda: picture("PNG", (20_000, 20_000), "1"), "many_dots"),
        (lambda: bytes(12_000_001), "many_bytes"),
    ],
    ids=["SVG", "nothing", "GIF", "cut PNG", "cut JPEG", "large", "bomb", "bytes"],
)
def test_what_cannot_be_shown_is_refused_in_one_sentence(uploaded: Callable[[], bytes], key: str):
    with pytest.raises(PictureError) as refused:
        drawn_anew(uploaded())
    assert refused.value.key == key
    assert str(refused.value).endswith((": make it smaller.", ": upload a PNG or JPEG."))
