"""What the panel shows, LED by LED: '#' is lit."""

from itertools import pairwise
from pathlib import Path

import pytest
from stand import ON_BOX, Stand

from tamer.act.matrix import columns_there_and_back

WIDTH, HEIGHT = 32, 8
ORDER = columns_there_and_back(WIDTH, HEIGHT)

UNKNOWN_IN_GREEN = """
..........................###...
.........................#####..
........................#######.
#####.#####.............#######.
........................#######.
.........................#####..
..........................###...
................................
"""

NUMBER_IN_AMBER = """
..##...###....#####........#....
.#....#...#.......#........#....
#.....#...#......#........###...
####...###......#.........###...
#...#.#...#....#.........#####..
#...#.#...#....#.........#####..
.###...###..#..#........#######.
................................
"""

NUMBER_IN_RED = """
#####...#......###......#######.
....#..##.....#...#.....#######.
...#....#.........#.....#######.
..#.....#........#......#######.
.#......#.......#.......#######.
.#......#......#........#######.
.#.....###..#.#####.....#######.
................................
"""

NUMBER_IN_VOICE = """
.###...###.......#.........#..#.
#...#.#...#.....##........##.#..
#...#.#...#....#.#......#####...
.####..####...#..#......#####...
....#.....#...#####.....#####...
...#.....#.......#........##.#..
.##....##...#....#.........#..#.
................................
"""


NUMBER_FROM_100 = """
..#....###..#####.........###...
.##...#...#.#............#####..
..#...#...#.####........#######.
..#...#...#.....#.......#######.
..#...#...#.....#.......#######.
..#...#...#.#...#........#####..
.###...###...###..........###...
................................
"""


def frames(folder: Path, *show: tuple[str, str, bool]) -> list[bytes]:
    return Stand(folder, ON_BOX / "main_panel.py", show=show).run(60).frames


def art(frame: bytes) -> str:
    lit = [any(frame[3 * place : 3 * place + 3]) for place in ORDER]
    rows = (lit[y * WIDTH : (y + 1) * WIDTH] for y in range(HEIGHT))
    return "\n" + "".join("".join(".#"[on] for on in row) + "\n" for row in rows)


def colours(frame: bytes) -> set[tuple[int, int, int]]:
    """(red, green, blue) of the LEDs that are lit."""
    sent = {(frame[i + 1], frame[i], frame[i + 2]) for i in range(0, len(frame), 3)}
    return sent - {(0, 0, 0)}


@pytest.mark.parametrize(
    ("text", "stage", "picture"),
    [
        ("--", "green", UNKNOWN_IN_GREEN),
        ("68.7", "amber", NUMBER_IN_AMBER),
        ("71.2", "red", NUMBER_IN_RED),
        ("99.4", "voice", NUMBER_IN_VOICE),
    ],
)
def test_number_and_shape_led_by_led(tmp_path: Path, text: str, stage: str, picture: str):
    (frame,) = frames(tmp_path, (text, stage, False))
    assert art(frame) == picture


def test_each_stage_has_its_own_shape_and_one_colour(tmp_path: Path):
    stages = ("green", "amber", "red", "voice")
    shown = frames(tmp_path, *(("", stage, False) for stage in stages))
    assert len({art(frame) for frame in shown}) == 4
    green, amber, red, voice = (colours(frame) for frame in shown)
    assert (green, amber, red, voice) == ({(0, 40, 0)}, {(44, 22, 0)}, {(60, 0, 0)}, {(60, 0, 0)})


def test_the_heartbeat_is_the_lowest_right_led_alone(tmp_path: Path):
    off, on, off_again = frames(
        tmp_path, ("50.0", "green", False), ("50.0", "green", True), ("50.0", "green", False)
    )
    assert off == off_again
    different = [at for at, (a, b) in enumerate(zip(art(off), art(on), strict=True)) if a != b]
    assert different == [len(art(off)) - 2]


def test_nothing_of_an_earlier_number_is_left(tmp_path: Path):
    _, after = frames(tmp_path, ("88.8", "red", True), ("--", "green", False))
    assert art(after) == UNKNOWN_IN_GREEN


def test_the_running_box_beats_once_a_second_and_shows_no_number_before_it_has_one(
    tmp_path: Path,
):
    shown = [art(frame) for frame in Stand(tmp_path).run(8).frames]
    assert len(shown) >= 7
    beats = [picture[-2] for picture in shown]
    assert all(one != other for one, other in pairwise(beats))
    assert shown[0][:-2] == UNKNOWN_IN_GREEN[:-2]
    assert shown[1][:-2] != UNKNOWN_IN_GREEN[:-2]


def test_from_100_db_the_number_is_whole_for_there_is_no_room_for_its_tenths(tmp_path: Path):
    ran = Stand(tmp_path).run(4, tone_dB=105.4)
    assert ran.seconds()[-1].LAeq == 1054
    (whole,) = {art(frame)[:-2] for frame in ran.frames[-1:]}
    assert whole == NUMBER_FROM_100[:-2]
