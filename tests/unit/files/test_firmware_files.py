"""The firmware as it goes on a box, for what the box runs."""

import pytest

from noisetamer.base.paths import BOARDS
from noisetamer.sound.kernels import container, octaves_rv32, octaves_xtensa
from noisetamer.unit.boards import board_file
from noisetamer.unit.files.compiled import compiled
from noisetamer.unit.files.factory_tree import holds
from noisetamer.unit.files.firmware_files import kernel, tree
from noisetamer.unit.files.partitions import partitions

pytestmark = pytest.mark.tools

XTENSA, RISC_V, NONE = 10 << 10 | 6, 11 << 10 | 6, 6


def test_an_s3_gets_machine_code_for_its_fpu():
    files = tree("esp32_s3", "esp32s3", XTENSA).files
    assert "/tamer/hear/kernel/fpu_block.mpy" in files
    assert kernel("esp32s3", XTENSA) == "fpu"


def test_a_chip_without_fpu_gets_none():
    files = tree("esp32_s3", "esp32c3", RISC_V).files
    assert "/tamer/hear/kernel/fpu_block.mpy" not in files
    assert "/tamer/hear/kernel/kernel_int.mpy" in files
    assert kernel("esp32c3", RISC_V) == "fixed"
    # The ESP32-S2 would load the code, and has no FPU.
    assert kernel("esp32s2", XTENSA) == "fixed"
    assert kernel("esp32s3", NONE) == "int"


@pytest.mark.parametrize(
    ("board", "chip", "mpy", "number"),
    [
        ("esp32_c3", "esp32c3", RISC_V, 11),
        ("esp32_c3", "esp32c6", RISC_V, 11),
        ("esp32_s3", "esp32s2", XTENSA, 10),
        ("esp32_s3", "esp32s3", XTENSA, 10),
    ],
)
def test_every_chip_gets_the_fixed_point_kernel_of_its_architecture(board, chip, mpy, number):
    """And in the tree it mends itself from; none where it cannot load."""
    files = tree(board, chip, mpy).files
    code = files["/tamer/hear/kernel/fixed_block.mpy"]
    assert container.parse(code).architecture == number
    assert "/tamer/hear/kernel/fixed_block.mpy" in holds(files)
    assert "/tamer/hear/kernel/fixed_block.mpy" not in tree(board, chip, NONE).files


@pytest.mark.parametrize(
    ("chip", "mpy", "made"),
    [
        ("esp32c3", RISC_V, octaves_rv32.module),
        ("esp32s2", XTENSA, octaves_xtensa.module),
        ("esp32s3", XTENSA, octaves_xtensa.module),
    ],
)
def test_the_fixed_point_octaves_are_those_of_the_architecture(chip, mpy, made):
    files = tree("esp32_s3", chip, mpy).files
    assert files["/tamer/hear/bands/octaves_fixed_block.mpy"] == made()
    assert "/tamer/hear/bands/octaves_fixed_block.mpy" not in tree("esp32_s3", chip, NONE).files


def test_what_names_no_architecture_compiles_the_kernel_itself():
    files = tree("esp32_s3", "esp32s3", NONE).files
    assert "/tamer/hear/kernel/kernel_int.py" in files
    assert "/tamer/unit.mpy" in files


def test_the_box_keeps_one_name_of_each_file_and_not_two():
    code = compiled(b"x = 1\n", "tamer/some.py", None)
    assert code
    assert b"tamer/some.mpy" in code
    assert b"tamer/some.py" not in code


def test_names_that_python_and_people_look_for_stay_source():
    files = tree("esp32_s3", "esp32s3", XTENSA).files
    assert {
        "/factory.py",
        "/first.py",
        "/main.py",
        "/board.py",
        "/voices/warning_zh.wav",
    } <= files.keys()
    assert "/settings.json" not in files


def test_main_comes_last_so_that_half_a_firmware_does_not_start():
    assert list(tree("esp32_s3", "esp32s3", XTENSA).files)[-1] == "/main.py"


def test_main_is_short_enough_to_have_two_copies():
    """LittleFS keeps a file of a cache's size in its folder: four times the 32 bytes of a read,
    as MicroPython mounts it."""
    assert len(tree("esp32_s3", "esp32s3", XTENSA).files["/main.py"]) <= 4 * 32


@pytest.mark.parametrize("board", [file.stem for file in BOARDS.glob("*.py")])
def test_the_files_of_each_board_fit_its_flash_with_room_to_spare(board: str):
    wanted = board_file.read(board)
    mpy = RISC_V if wanted.chip == "esp32c3" else XTENSA
    files = tree(board, wanted.chip, mpy).files
    folders = {path.rsplit("/", 1)[0] for path in files}
    # A file takes whole blocks, a folder two.
    blocks = sum(-(-len(content) // 4080) or 1 for content in files.values()) + 2 * len(folders)
    parts = partitions(wanted.flash_MB << 20, wanted.speaks)
    assert blocks * 4096 < 0.85 * parts.files.size
    # A release is as large as the factory tree, and comes beside it.
    release = len(files["/factory.tree"]) // 4080 + 1
    largest = max(len(c) for path, c in files.items() if not path.endswith((".tree", ".wav")))
    assert blocks + release + largest // 4096 + 1 + 3 < parts.files.size // 4096


def test_a_board_without_a_loudspeaker_has_no_messages_and_nothing_that_plays_them():
    files, speaks = tree("esp32_c3", "esp32c3", RISC_V).files, tree("esp32_s3", "esp32s3", XTENSA)
    assert not [path for path in files if path.startswith("/voices")]
    for module in ("act/voice", "act/adpcm", "act/volume", "hear/self_check/nightly"):
        assert f"/tamer/{module}.mpy" in speaks.files
        assert f"/tamer/{module}.mpy" not in files


def test_there_is_never_a_module_and_its_source_side_by_side():
    files = tree("esp32_s3", "esp32s3", XTENSA).files
    assert not [path for path in files if path.endswith(".py") and path[:-2] + "mpy" in files]
