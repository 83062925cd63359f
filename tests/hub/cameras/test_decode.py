import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image
from snapshot_camera import jpeg

from noisetamer.hub.cameras.decode import LONGEST_EDGE, decode, encode
from noisetamer.hub.cameras.no_picture import NoPictureError


def test_nothing_of_the_bytes_comes_through_but_what_is_seen():
    behind = jpeg() + b"<script>SECRET</script>"
    assert b"SECRET" in behind
    found = encode(decode(behind))
    assert b"SECRET" not in found.jpeg
    with Image.open(io.BytesIO(found.jpeg)) as image:
        assert image.format == "JPEG" and not image.getexif()


def test_a_large_picture_is_made_smaller():
    found = encode(decode(jpeg(4000, 2250)))
    assert (found.width, found.height) == (LONGEST_EDGE, 1080)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16", "1"])
def test_a_png_of_any_kind_becomes_a_jpeg(mode: str):
    written = io.BytesIO()
    Image.new(mode, (64, 48)).save(written, "PNG")
    assert encode(decode(written.getvalue())).jpeg[:2] == b"\xff\xd8"


@settings(max_examples=60, deadline=None)
@given(some.data())
def test_no_bytes_whatever_do_anything_but_give_a_picture_or_a_reason(data: some.DataObject):
    body = bytearray(jpeg(64, 48))
    for _ in range(data.draw(some.integers(1, 6))):
        body[data.draw(some.integers(0, len(body) - 1))] = data.draw(some.integers(0, 255))
    body = body[: data.draw(some.integers(0, len(body)))]
    try:
        decode(bytes(body))
    except NoPictureError as error:
        assert error.reason
