"""What is kept on disk is there whole or not at all, and nobody needs it."""

from concurrent.futures import ThreadPoolExecutor

from noisetamer.base import disk_cache


def test_what_was_kept_is_read(tmp_path):
    file = tmp_path / "kept" / "one"
    assert disk_cache.read(file) is None
    disk_cache.keep(file, [b"one ", memoryview(b"two")])
    assert disk_cache.read(file) == b"one two"
    assert list(file.parent.iterdir()) == [file]


def test_where_nothing_can_be_written_all_goes_on(tmp_path):
    no_folder = tmp_path / "a file"
    no_folder.touch()
    disk_cache.keep(no_folder / "one", [b"one"])
    assert disk_cache.read(no_folder / "one") is None


def test_many_at_once_leave_one_whole_file(tmp_path):
    file = tmp_path / "kept" / "one"
    contents = [bytes([number]) * 100_000 for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: disk_cache.keep(file, [content]), contents))
    assert disk_cache.read(file) in contents
    assert list(file.parent.iterdir()) == [file]


def test_what_fails_amid_leaves_nothing(tmp_path):
    def parts():
        yield b"half"
        raise OSError("no space")

    disk_cache.keep(tmp_path / "one", parts())
    assert not list(tmp_path.iterdir())
