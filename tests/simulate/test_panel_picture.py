import numpy as np
import pytest
from PIL import Image

from noisetamer.simulate.panel_picture import LED, MARGIN, PITCH, draw, flat, sheet

WIDTH, HEIGHT = 5, 3
# Columns up and down in turn, as LED strips are laid.
SERPENTINE = [
    x * HEIGHT + (y if x % 2 == 0 else HEIGHT - 1 - y) for y in range(HEIGHT) for x in range(WIDTH)
]


def picture(tmp_path, lit, order=SERPENTINE):
    """A picture of a matrix where {place in the chain: (red, green, blue)} is lit."""
    pixels = bytearray(3 * WIDTH * HEIGHT)
    for place, (red, green, blue) in lit.items():
        pixels[3 * place : 3 * place + 3] = bytes([green, red, blue])
    draw(bytes(pixels), WIDTH, HEIGHT, order, tmp_path / "panel.png")
    return np.asarray(Image.open(tmp_path / "panel.png"))


def colour(image, x, y, off_centre=0.0):
    row, column = (MARGIN + int((place + 0.5) * PITCH) for place in (y, x))
    return image[row, column + round(off_centre)].tolist()


def test_bytes_are_green_red_blue_as_a_WS2812_takes_them(tmp_path):
    image = picture(tmp_path, {0: (40, 0, 0), 6: (0, 40, 0), 12: (0, 0, 40)})
    for x, strongest in ((0, 0), (2, 1), (4, 2)):
        shown = colour(image, x, 0, off_centre=LED * 0.4)
        assert shown.index(max(shown)) == strongest
        assert max(shown) > 2 * sorted(shown)[1]


def test_the_chain_is_unfolded_by_the_given_order(tmp_path):
    image = picture(tmp_path, {3: (255, 255, 255)})
    assert min(colour(image, 1, 2)) > 200
    assert all(
        max(colour(image, x, y)) < 120
        for x in range(WIDTH)
        for y in range(HEIGHT)
        if (x, y) != (1, 2)
    )


def test_a_dark_LED_can_still_be_seen_on_its_board(tmp_path):
    image = picture(tmp_path, {})
    board, dark_led = image[2, 2].tolist(), colour(image, 2, 1)
    assert max(board) < 25
    assert min(dark_led) > max(board)


def test_a_lit_LED_glows_into_its_surroundings(tmp_path):
    image = picture(tmp_path, {7: (255, 0, 0)})
    beside = colour(image, 2, 1, off_centre=PITCH / 2)
    far = image[2, 2].tolist()
    assert beside[0] > far[0] + 15


def test_a_dimmed_panel_is_readable_and_yet_darker_than_a_bright_one(tmp_path):
    levels = [
        colour(picture(tmp_path, {0: (0, drive, 0)}), 0, 0, off_centre=LED * 0.4)[1]
        for drive in (4, 40, 255)
    ]
    assert levels == sorted(levels)
    assert levels[0] > 80


def test_the_same_bytes_give_the_same_picture(tmp_path):
    first = picture(tmp_path, {1: (9, 8, 7)}).tobytes()
    assert picture(tmp_path, {1: (9, 8, 7)}).tobytes() == first


@pytest.mark.parametrize("order", [SERPENTINE[:-1], [0] * (WIDTH * HEIGHT)])
def test_an_order_that_misses_an_LED_is_a_mistake_in_the_program(tmp_path, order):
    with pytest.raises(ValueError, match="5 x 3 LEDs need 45 bytes and each LED once"):
        picture(tmp_path, {}, order)


def test_a_flat_picture_is_a_square_for_each_LED():
    pixels = bytearray(3 * WIDTH * HEIGHT)
    pixels[3 * 3 : 3 * 3 + 3] = bytes([0, 255, 0])
    image = np.asarray(flat(bytes(pixels), WIDTH, HEIGHT, SERPENTINE, 4)).astype(int)
    assert image.shape == (4 * HEIGHT, 4 * WIDTH, 3)
    red = image[..., 0] > image[..., 1] + 100
    assert red.sum() == 3 * 3
    assert red[8:11, 4:7].all()


def test_a_sheet_holds_every_picture_under_its_caption(tmp_path):
    pictures = []
    for name, lit in (("red", (255, 0, 0)), ("green", (0, 255, 0)), ("blue", (0, 0, 255))):
        picture(tmp_path, dict.fromkeys(range(15), lit))
        (tmp_path / "panel.png").rename(tmp_path / f"{name}.png")
        pictures.append((f"19:00  {name}", tmp_path / f"{name}.png"))
    sheet(pictures, tmp_path / "sheet.png", columns=2)
    one, page = (np.asarray(Image.open(path)) for path in (pictures[0][1], tmp_path / "sheet.png"))
    assert page.shape[0] > 2 * one.shape[0]
    assert page.shape[1] > 2 * one.shape[1]
    vivid = page[page.max(axis=2).astype(int) - page.min(axis=2) > 150]
    assert set(vivid.argmax(axis=1).tolist()) == {0, 1, 2}
