"""A loop that was kept is the one that would be made; what is torn or spoilt is made again."""

import os
from dataclasses import fields

import numpy as np
import pytest

from noisetamer.square import kept_loops
from noisetamer.square.loop import Loop
from noisetamer.square.seeds import stream
from noisetamer.square.sounds.noise import tone


class Maker:
    """Makes a tone, and counts how often."""

    def __init__(self, hertz=440.0):
        self.hertz = hertz
        self.made = 0

    def __call__(self):
        self.made += 1
        return Loop.of(tone(stream(1, -1, "tone"), self.hertz))


def same(one, other):
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(Loop)
    )


def test_the_second_time_it_is_read_and_is_the_same(tmp_path):
    maker = Maker()
    made, read = (kept_loops.kept("a tone", maker, tmp_path) for _ in range(2))
    assert maker.made == 1
    assert same(made, read)
    assert read.samples.dtype == made.samples.dtype == np.float32
    assert read.seconds == made.seconds


def test_of_something_else_it_is_another_loop(tmp_path):
    kept_loops.kept("a tone", Maker(), tmp_path)
    other = Maker(880.0)
    assert same(kept_loops.kept("a higher tone", other, tmp_path), other())


@pytest.mark.parametrize("left", [0, 3, 1000, 48_000 * 4])
def test_a_torn_file_is_made_again(tmp_path, left):
    maker = Maker()
    made = kept_loops.kept("a tone", maker, tmp_path)
    (file,) = tmp_path.iterdir()
    os.truncate(file, left)
    assert same(kept_loops.kept("a tone", maker, tmp_path), made)
    assert maker.made == 2
    kept_loops.kept("a tone", maker, tmp_path)
    assert maker.made == 2


@pytest.mark.parametrize("place", [0, 5000, -1])
def test_a_spoilt_file_is_made_again(tmp_path, place):
    maker = Maker()
    made = kept_loops.kept("a tone", maker, tmp_path)
    (file,) = tmp_path.iterdir()
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    assert same(kept_loops.kept("a tone", maker, tmp_path), made)
    assert maker.made == 2


def test_where_nothing_can_be_written_it_is_made_each_time(tmp_path):
    no_folder = tmp_path / "a file"
    no_folder.touch()
    maker = Maker()
    assert same(kept_loops.kept("a tone", maker, no_folder), maker())
    assert no_folder.read_bytes() == b""


def test_what_was_used_longest_ago_makes_room(tmp_path, monkeypatch):
    kept_loops.kept("tone 0", Maker(), tmp_path)
    (size,) = (file.stat().st_size for file in tmp_path.iterdir())
    monkeypatch.setattr(kept_loops, "MOST_BYTES", 3 * size)
    makers = [Maker() for _ in range(6)]
    for number, maker in enumerate(makers):
        kept_loops.kept(f"tone {number}", maker, tmp_path)
        for file in tmp_path.iterdir():
            before = file.stat().st_mtime_ns - 10**9
            os.utime(file, ns=(before, before))
        kept_loops.kept("tone 0", makers[0], tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
    assert makers[0].made == 0
    assert [maker.made for maker in makers[1:]] == [1] * 5
    kept_loops.kept("tone 1", makers[1], tmp_path)
    assert makers[1].made == 2


def test_a_loop_of_another_code_is_not_taken(tmp_path, monkeypatch):
    maker = Maker()
    kept_loops.kept("a tone", maker, tmp_path)
    monkeypatch.setattr(kept_loops, "_made_by", lambda: "another noise.py")
    kept_loops.kept("a tone", maker, tmp_path)
    assert maker.made == 2
