"""The cable is pulled, or the host is killed, at bytes spread over all steps of a flash: the same
command goes on from there, and the unit is to the byte what it had become anyway.

tests/bench/flashes_cut.py does it at hundreds of places.
"""

from pathlib import Path

import cut_flashes
import pytest
from cut_flashes import Kind, Undisturbed

from noisetamer.unit.boards import board_file

pytestmark = pytest.mark.tools

_SEED = 3


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    # The board of which the steps ask most: only MicroPython can tell its PSRAM.
    board = board_file.read("esp32_wrover")
    return cut_flashes.undisturbed(tmp_path_factory.mktemp("undisturbed"), board)


@pytest.mark.parametrize(("kind", "places_in_a_step"), [("drop", 4), ("hang-up", 1)])
def test_a_flash_that_was_cut_off_at_any_byte_goes_on(
    tmp_path: Path, undisturbed: Undisturbed, kind: Kind, places_in_a_step: int
):
    places = cut_flashes.places(undisturbed, places_in_a_step, _SEED)
    assert len(places) == 6 * places_in_a_step
    # Told what to count its boots from, it has no time to say so.
    places.append(undisturbed.steps["identity"].stop - 6)
    cut_flashes.must_resume(tmp_path, undisturbed, kind, places)
