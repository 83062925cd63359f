import asyncio
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw
from snapshot_camera import PASSWORD, USER, SnapshotCamera

from noisetamer.hub.cameras import blur, detector
from noisetamer.hub.cameras.blur import Place, blurred, cover, mosaic
from noisetamer.hub.cameras.logins import Login
from noisetamer.hub.cameras.settings import BLURS, Camera
from noisetamer.hub.cameras.take import take
from noisetamer.hub.words.i18n import read_texts

needs_detector = pytest.mark.skipif(
    detector.missing(), reason=f"{', '.join(detector.PACKAGES)} are not installed"
)


def page(word: str, size: int = 36) -> Image.Image:
    image = Image.new("RGB", (1280, 720), "white")
    ImageDraw.Draw(image).text((400, 300), word, "black", font_size=size)
    return image


def grey(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L"), float)


def test_under_the_mosaic_a_word_cannot_be_told_from_another():
    first, second = page("B0X831"), page("8OX381")
    sharp = np.abs(grey(first) - grey(second)).max()
    assert sharp > 150
    under = grey(mosaic(first))
    assert np.abs(under - grey(mosaic(second))).max() < sharp / 4
    assert under.reshape(36, 20, 64, 20).std(axis=(1, 3)).max() < 1


@pytest.mark.parametrize(
    ("size", "place"), [(36, (390, 290, 550, 350)), (90, (370, 270, 790, 420))]
)
def test_over_a_place_a_word_cannot_be_told_from_another_and_nothing_else_changes(
    size: int, place: tuple[int, int, int, int]
):
    first, second = page("B0X831", size), page("8OX381", size)
    at = Place("text", *place)
    one, other = grey(cover(first, [at])), grey(cover(second, [at]))
    assert np.abs(grey(first) - grey(second)).max() > 150
    assert np.abs(one - other).max() < 20
    # a block is as high as its line: it holds several letters
    assert not np.ptp(one[place[1] : place[3], place[0] + 1], axis=0)
    assert (np.delete(one, slice(place[1], place[3]), 0) == 255).all()


def test_a_face_becomes_so_few_blocks_whatever_its_size():
    rough = Image.effect_noise((600, 600), 90).convert("RGB")
    for edge in (40, 400):
        place = Place("face", 100, 100, 100 + edge, 100 + edge * 1.2)
        part = grey(cover(rough, [place]))[100 : 100 + int(edge * 1.2), 100 : 100 + edge]
        assert len(np.unique(part)) <= 4 * 5


def test_a_place_beyond_the_edge_is_blurred_as_far_as_there_is_a_picture():
    rough = Image.effect_noise((200, 100), 90).convert("RGB")
    places = [Place("face", -30, -30, 40, 50.5), Place("text", 300, 0, 400, 20)]
    shown = cover(rough, places)
    assert shown.size == rough.size
    assert len(np.unique(grey(shown)[:50, :40])) <= 30
    assert (grey(shown)[:, 41:] == grey(rough)[:, 41:]).all()


FAULTS = {
    blur.FAILED: "raise SystemExit(1)",
    blur.NOT_INSTALLED: f"raise SystemExit({detector.MISSING})",
    blur.TOO_SLOW: "import sys, time; sys.stdin.buffer.read(); time.sleep(600)",
}


@pytest.mark.tools
@pytest.mark.parametrize("why", FAULTS)
def test_where_faces_cannot_be_looked_for_all_is_blurred_and_that_is_told(
    why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshots: SnapshotCamera
):
    program = tmp_path / "program.py"
    program.write_text(FAULTS[why])
    monkeypatch.setattr(blur, "PROGRAM", str(program))
    if why == blur.TOO_SLOW:
        monkeypatch.setattr(blur, "SECONDS", 0.2)
    camera = Camera(on=True, snapshot=snapshots.address("snap.jpg"), blur="faces")

    def seen(camera: Camera) -> tuple[str, bytes]:
        picture = asyncio.run(take(camera, Login(USER, PASSWORD))).picture
        assert picture
        return picture.blur, picture.jpeg

    assert seen(camera) == (why, seen(replace(camera, blur="all"))[1])


@pytest.mark.tools
@pytest.mark.parametrize("said", ["", "[", "7", '[["face", 1, 2, 3]]', '[["face", 1, 2, 3, "x"]]'])
def test_what_is_no_list_of_places_is_not_believed(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    program = tmp_path / "program.py"
    program.write_text(f"print({said!r})")
    monkeypatch.setattr(blur, "PROGRAM", str(program))
    assert asyncio.run(blurred(page("x"), "faces"))[1] == blur.FAILED


@needs_detector
@pytest.mark.tools
def test_faces_and_a_number_plate_are_found_and_the_rest_stays_as_it_is():
    # a photograph that is there with what we need anyway
    file = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
    with Image.open(file) as photograph:
        person = photograph.convert("RGB").crop((60, 30, 480, 470))
    square = Image.linear_gradient("L").resize((640, 360)).convert("RGB")
    faces = []
    for left, high in ((20, 60), (300, 30), (500, 16)):
        small = person.resize((round(420 * high / 206), round(440 * high / 206)))
        square.paste(small, (left, 40))
        middle = (left + round(206 * high / 206), 40 + round(201 * high / 206))
        faces.append((*middle, high / 2))
    draw = ImageDraw.Draw(square)
    draw.rectangle((380, 280, 500, 320), "#0033aa")
    draw.text((390, 287), "A B0X831", "white", font_size=22)

    shown, done = asyncio.run(blurred(square, "faces"))
    assert done == blur.FACES
    changed = np.asarray(shown) != np.asarray(square)
    changed = changed.any(axis=2)
    for x, y, half in faces:
        around = (
            slice(int(y - half / 2), int(y + half / 2)),
            slice(int(x - half / 2), int(x + half / 2)),
        )
        assert changed[around].mean() > 0.8, (x, y)
    assert changed[290:308, 392:488].mean() > 0.9
    assert changed.mean() < 0.25


def test_every_choice_and_all_that_may_be_done_has_its_words():
    for texts in read_texts().values():
        assert {f"blur_{choice}" for choice in BLURS} < set(texts)
        assert {f"blurred_{done}" for done in blur.DONE - {blur.NONE}} < set(texts)
