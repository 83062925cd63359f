"""The journal in files, on the real LittleFS; and in a partition, in the box's own Python."""

from pathlib import Path

import pytest
import unix_port
from folders import ON_BOX, SUPPORT

from noisetamer.base.paths import FIRMWARE

pytestmark = pytest.mark.device

# The others take their time, and have nothing that differs between the two Pythons.
IN_BOTH = (
    "test_what_the_hub_has_is_not_read_again",
    "test_what_is_thinned_while_it_is_sent_comes_again_from_the_oldest_on",
    "test_a_full_journal_thins_its_oldest_seconds_and_tells_of_every_one",
    "test_when_there_is_no_room_for_events_either_that_is_told",
)


def test_on_littlefs():
    ran = unix_port.run(SUPPORT / "in_micropython.py", FIRMWARE, ON_BOX, "journal_on_flash")
    assert ran.count("passed") == 5


@pytest.mark.parametrize(
    "promise",
    [
        "test_links_are_the_same_however_often_they_are_made",
        "test_a_new_key_is_told_by_the_old_one_and_then_holds",
    ],
)
def test_its_chain(promise: str):
    folder = Path(__file__).parent
    unix_port.run(SUPPORT / "in_micropython.py", FIRMWARE, folder, "test_journal_chain", promise)


@pytest.mark.parametrize("promise", IN_BOTH)
def test_in_a_partition(promise: str):
    folder = Path(__file__).parent
    unix_port.run(SUPPORT / "in_micropython.py", FIRMWARE, folder, "test_journal", promise)
