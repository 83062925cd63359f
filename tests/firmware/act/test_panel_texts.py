"""Texts that pass over the panel, and what they never cost."""

from itertools import pairwise
from pathlib import Path

import pytest
from folders import ON_BOX
from panel_states import SIZES, Size, drawn_mA, plan
from stand import Ran, Stand
from unix_port import run

from noisetamer.base.paths import FIRMWARE
from noisetamer.unit.files.glyph_sources import DRAWN, drawn
from noisetamer.unit.files.glyphs import pack

pytestmark = pytest.mark.device

# A block of sound lasts 125 ms; the integer kernel is the slowest, and takes 33 of them.
INTEGER_KERNEL_MS = 33

CHINESE = "音量已超过国家规定最大限值,为了他人正常生活,请降低音量"
ENGLISH = "The volume is above the national limit."


def passing(
    folder: Path,
    size: Size,
    texts: list[tuple[int, str]],
    numbers: tuple[tuple[str, str], ...] = (("71.2", "red"),),
    seconds: int = 30,
    **settings: object,
) -> Ran:
    """A box that measures, shows numbers, and lets texts pass at their second."""
    script = ON_BOX / "main_scrolling.py"
    told = {"texts": texts, "numbers": numbers, "busy": 0, **plan(size), **settings}
    return Stand(folder, script, **told).run(seconds)


def picture(frame: bytes, size: Size) -> list[str]:
    """Its rows, '#' for a lit LED; the heartbeat's is left out."""
    lit = "".join(".#"[any(frame[3 * place : 3 * place + 3])] for place in size.order)
    return [lit[y * size.width : (y + 1) * size.width] for y in range(size.height - 1)]


@pytest.fixture(scope="module", params=SIZES)
def size(request: pytest.FixtureRequest) -> Size:
    return SIZES[request.param]


@pytest.fixture(scope="module")
def ran(size: Size, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A whole sentence passes while the slowest kernel runs."""
    text = CHINESE if size.height >= 16 else ENGLISH
    return passing(tmp_path_factory.mktemp("text"), size, [(1, text)], busy=INTEGER_KERNEL_MS)


def test_no_sample_is_lost_while_a_text_passes(ran: Ran):
    assert len(ran.frames) > 150
    assert len(ran.captured) > 8 * 29
    assert ran.samples_lost() == 0


def test_it_is_known_beforehand_that_every_character_has_a_glyph(ran: Ran):
    assert ran.lines == ["whole"]


def test_sending_takes_a_third_of_the_time_at_most(ran: Ran, size: Size):
    sending_us = 30 * size.width * size.height
    between = [later - earlier for earlier, later in pairwise(ran.shown_at[5:100])]
    assert min(between) >= 3 * sending_us
    assert max(between) < 150_000


def test_the_number_comes_back_and_the_shape_never_goes(ran: Ran, size: Size):
    pictures = [picture(frame, size) for frame in ran.frames]
    assert pictures[-1] == pictures[0]
    assert len({str(each) for each in pictures}) > 100
    shape_at = size.width * 3 // 4
    assert len({tuple(row[shape_at:] for row in each) for each in pictures}) == 1


def test_the_heart_beats_while_a_text_passes(ran: Ran, size: Size):
    at = 3 * size.order[-1]
    beats = [max(frame[at : at + 3]) > 0 for frame in ran.frames[5:100]]
    seconds = (ran.shown_at[99] - ran.shown_at[5]) / 1e6
    assert abs(sum(one != other for one, other in pairwise(beats)) - seconds) <= 1


def test_a_new_stage_is_shown_at_once_and_ends_the_text(tmp_path: Path):
    numbers = (("60.0", "green"), ("60.0", "green"), ("60.0", "green"), ("71.2", "red"))
    size = SIZES["8x32"]
    ran = passing(tmp_path, size, [(1, "A long text that takes its time")], numbers, 12)
    # The text starts with the second second, red comes with the fourth.
    red = next(i for i, frame in enumerate(ran.frames) if max(frame[1::3]))
    assert ran.shown_at[red] // 1_000_000 == 4
    assert len({str(picture(frame, size)) for frame in ran.frames[red:]}) == 1
    assert len(ran.frames[red:]) < 10


def test_a_later_text_takes_the_place_of_an_earlier_one(tmp_path: Path):
    size = SIZES["8x32"]
    both = passing(tmp_path, size, [(1, "WWWWWWWWWWWWWWWWWWWW"), (3, "ii")], seconds=16)
    ends = [picture(frame, size) for frame in both.frames]
    assert ends[-1] == ends[0]
    moving = [at for at, (a, b) in enumerate(pairwise(ends)) if a != b]
    assert both.shown_at[moving[-1]] < 6_000_000


def test_a_character_without_a_glyph_is_a_box(tmp_path: Path, size: Size):
    ran = passing(tmp_path, size, [(0, "龘")], seconds=6)
    rows, width = (15, 9) if size.height >= 16 else (7, 5)
    box = ["#" * width, *["#" + "." * (width - 2) + "#"] * (rows - 2), "#" * width]
    assert ran.lines == ["with boxes"]
    assert any(
        [row[x : x + width] for row in picture(frame, size)[:rows]] == box
        for frame in ran.frames
        for x in range(size.width // 2)
    )


def test_all_leds_lit_together_keep_to_what_the_supply_has(tmp_path: Path, size: Size):
    name, glyphs = ("unifont", {}) if size.height >= 16 else ("small", drawn(DRAWN / "small.txt"))
    glyphs[ord("x")] = ["#" * 16] * size.height
    ran = passing(
        tmp_path,
        size,
        [(0, "x" * 8)],
        seconds=8,
        replaced=f"/fonts/{name}.glyphs",
        glyphs=pack(glyphs, 0, "").hex(),
    )
    most_lit = max(ran.frames, key=lambda frame: sum(map(bool, frame)))
    assert sum(map(bool, most_lit)) > 0.8 * size.width * size.height
    assert max(map(drawn_mA, ran.frames)) <= size.supply
    assert drawn_mA(most_lit) > 0.9 * size.supply


def test_without_its_font_no_text_passes_and_the_number_stays(tmp_path: Path):
    size = SIZES["16x64"]
    ran = passing(tmp_path, size, [(1, "Hello!")], seconds=6, without="/fonts/unifont.glyphs")
    assert len({str(picture(frame, size)) for frame in ran.frames}) == 1
    assert len(ran.frames) == 6


def test_a_frame_of_a_text_allocates_nothing():
    written = int(run("panel_under_heap_lock.py", FIRMWARE))
    assert written >= 10
