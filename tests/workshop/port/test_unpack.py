"""What the box does with its folders once its firmware is there."""

import pytest
import unix_port

from noisetamer.workshop.port.session import UNPACK

pytestmark = pytest.mark.device


def test_no_block_of_the_flash_is_the_only_one_with_a_folder():
    before, after = map(int, unix_port.run("settled_folders.py", UNPACK.file.parent).split())
    assert before > 0
    assert after == 0
