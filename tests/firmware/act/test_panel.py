"""What the panel shows, LED by LED: '#' is lit."""

from itertools import pairwise
from pathlib import Path

import pytest
from panel_states import SIZES, STAGES, Shown, Size, drawn_mA, frames
from stand import Stand

pytestmark = pytest.mark.device

SMALL = SIZES["8x32"]

UNKNOWN_IN_GREEN = """
..........................###...
.........................#...#..
........................#.....#.
......#####.#####.......#.....#.
........................#.....#.
.........................#...#..
..........................###...
................................
"""

NUMBER_IN_AMBER = """
....##...###....#####......#....
...#....#...#.......#......#....
..#.....#...#......#......###...
..####...###......#.......###...
..#...#.#...#....#.......#####..
..#...#.#...#....#.......#####..
...###...###..#..#......#######.
................................
"""

NUMBER_IN_RED = """
..#####...#......###....#######.
......#..##.....#...#...#######.
.....#....#.........#...#######.
....#.....#........#....#######.
...#......#.......#.....#######.
...#......#......#......#######.
...#.....###..#.#####...#######.
................................
"""

NUMBER_IN_POLITE = """
...###...###.......#.......#....
..#...#.#...#.....##......##.#..
..#...#.#...#....#.#....####..#.
...####..####...#..#....####..#.
......#.....#...#####...####..#.
.....#.....#.......#......##.#..
...##....##...#....#.......#....
................................
"""

NUMBER_IN_FIRM = """
...###...###....#####......#..#.
..#...#.#...#...#.........##..#.
..#...#.#...#...####....####..#.
...####..####.......#...####..#.
......#.....#.......#...####..#.
.....#.....#....#...#.....##....
...##....##...#..###.......#..#.
................................
"""

NUMBER_FROM_100 = """
.....#....###..#####......###...
....##...#...#.#.........#####..
.....#...#...#.####.....#######.
.....#...#...#.....#....#######.
.....#...#...#.....#....#######.
.....#...#...#.#...#.....#####..
....###...###...###.......###...
................................
"""


DIMS = (256, 128, 64, 16, 4, 1)
EVERY: list[Shown] = [
    *(("60.0", stage, True, dim) for stage in STAGES for dim in DIMS),
    *((text, stage, True, 256) for stage in STAGES for text in ("88.8", "--", "11.1")),
    ("--", "green", False, 256),
    ("68.7", "amber", False, 256),
    ("71.2", "red", False, 256),
    ("99.4", "polite", False, 256),
    ("99.5", "firm", False, 256),
    ("50.0", "green", False, 256),
    ("50.0", "green", True, 256),
]


@pytest.fixture(scope="module", params=SIZES)
def size(request: pytest.FixtureRequest) -> Size:
    return SIZES[request.param]


@pytest.fixture(scope="module")
def frame_of(size: Size, tmp_path_factory: pytest.TempPathFactory) -> dict[Shown, bytes]:
    """What the LEDs were sent, all of it shown one after the other."""
    shown = frames(tmp_path_factory.mktemp("panel"), size, EVERY)
    return dict(zip(EVERY, shown, strict=True))


@pytest.fixture(scope="module")
def on_small(tmp_path_factory: pytest.TempPathFactory) -> dict[Shown, bytes]:
    return dict(zip(EVERY, frames(tmp_path_factory.mktemp("small"), SMALL, EVERY), strict=True))


def art(frame: bytes) -> str:
    lit = [any(frame[3 * place : 3 * place + 3]) for place in SMALL.order]
    rows = (lit[y * SMALL.width : (y + 1) * SMALL.width] for y in range(SMALL.height))
    return "\n" + "".join("".join(".#"[on] for on in row) + "\n" for row in rows)


def colour(frame: bytes) -> tuple[int, int, int]:
    """Red, green, blue of all LEDs that are lit."""
    sent = {(frame[i + 1], frame[i], frame[i + 2]) for i in range(0, len(frame), 3)}
    (lit,) = sent - {(0, 0, 0)}
    return lit


@pytest.mark.parametrize(
    ("text", "stage", "picture"),
    [
        ("--", "green", UNKNOWN_IN_GREEN),
        ("68.7", "amber", NUMBER_IN_AMBER),
        ("71.2", "red", NUMBER_IN_RED),
        ("99.4", "polite", NUMBER_IN_POLITE),
        ("99.5", "firm", NUMBER_IN_FIRM),
    ],
)
def test_number_and_shape_led_by_led(
    on_small: dict[Shown, bytes], text: str, stage: str, picture: str
):
    # Each comes after another: nothing of that one is left.
    assert art(on_small[text, stage, False, 256]) == picture


def test_each_stage_has_its_own_shape(frame_of: dict[Shown, bytes]):
    shown = [frame_of["60.0", stage, True, 256] for stage in STAGES]
    lit = {tuple(any(frame[i : i + 3]) for i in range(0, len(frame), 3)) for frame in shown}
    assert len(lit) == len(STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_the_colour_is_kept_down_to_the_least_light(frame_of: dict[Shown, bytes], stage: str):
    found = [colour(frame_of["60.0", stage, True, dim]) for dim in DIMS]
    hue = {"green": (0, 2, 0), "amber": (2, 1, 0)}.get(stage, (2, 0, 0))
    for sent in found:
        assert tuple(2 * part // max(sent) for part in sent) == hue
        assert [part > 0 for part in sent] == [part > 0 for part in hue]
    brightness = [max(sent) for sent in found]
    assert brightness == sorted(brightness, reverse=True)
    assert brightness[2] < brightness[0] / 3


def test_the_supply_is_never_asked_for_more_than_it_has_nor_left_unused(
    frame_of: dict[Shown, bytes], size: Size
):
    most = max(drawn_mA(frame) for frame in frame_of.values())
    assert 0.85 * size.supply < most <= size.supply


def test_brightness_does_not_flicker_with_the_digits(frame_of: dict[Shown, bytes]):
    shown = [frame_of[text, "red", True, 256] for text in ("88.8", "11.1", "--")]
    assert len(set(map(colour, shown))) == 1


def test_the_heartbeat_is_the_lowest_right_led_alone(frame_of: dict[Shown, bytes], size: Size):
    off, on = (frame_of["50.0", "green", beat, 256] for beat in (False, True))
    different = {at // 3 for at, (a, b) in enumerate(zip(off, on, strict=True)) if a != b}
    assert different == {size.order[-1]}


def test_on_other_sizes_all_is_in_the_middle(tmp_path: Path):
    size = Size(40, 20, 3000)
    (frame,) = frames(tmp_path, size, [("68.7", "amber", True, 256)])
    lit = {y for y in range(20) for x in range(40) if max(frame[3 * size.order[y * 40 + x] :][:3])}
    assert lit == set(range(6, 13)) | {19}


def test_the_running_box_beats_once_a_second_and_shows_no_number_before_it_has_one(
    tmp_path: Path,
):
    ran = Stand(tmp_path).run(8, tone_dB=105.4)
    shown = [art(frame) for frame in ran.frames]
    assert len(shown) >= 7
    beats = [picture[-2] for picture in shown]
    assert all(one != other for one, other in pairwise(beats))
    assert shown[0][:-2] == UNKNOWN_IN_GREEN[:-2]
    # From 100 dB on it is whole, for there is no room for its tenths.
    assert ran.seconds()[2].LAeq == 1054
    assert shown[2][:-2] == NUMBER_FROM_100[:-2]


DIGITS_OF_A_MINUTE = """
.....#...###.......#...#####....
....##..#...#.....##.......#....
...#.#......#......#......#.....
..#..#.....#.......#.....#......
..#####...#........#....#.......
.....#...#.........#....#.......
.....#..#####.....###...#.......
................................
"""


def test_digits_are_white_and_a_bar_is_in_the_lowest_row(tmp_path: Path):
    shown: list[Shown] = [("42 17", "digits", False, 256)]
    shown += [("60.0", "amber", False, 256, used) for used in (0.001, 0.5, 1, 7)]
    digits, *bars = frames(tmp_path, SMALL, shown, more=True)
    assert art(digits) == DIGITS_OF_A_MINUTE
    red, green, blue = colour(digits)
    assert red == green == blue > 30
    assert max(map(drawn_mA, (digits, *bars))) <= SMALL.supply
    rows = [art(frame).splitlines()[-1] for frame in bars]
    # The heartbeat keeps its LED.
    assert [row.count("#") for row in rows] == [1, 16, 31, 31]
    assert all(row.rstrip(".") == "#" * row.count("#") for row in rows)


def test_the_narrowest_panel_has_room_for_digits(tmp_path: Path):
    size = Size(29, 8, 1000)
    (frame,) = frames(tmp_path, size, [("88 88", "digits", False, 256)], more=True)
    lit = {at % 29 for at, place in enumerate(size.order) if any(frame[3 * place :][:3])}
    assert min(lit) > 0 and max(lit) < size.width - 1
