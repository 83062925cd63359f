"""What a box of a load holds and says: the firmware's own form, sent again as it does."""

from noisetamer.load.box import BOOT, Box, Told
from noisetamer.load.levels import BATCH, WALK, walk
from tamer.record import encoding
from tamer.record.seal import Seal

KEY = "k" * 43
TOLD = Told("SIM-L00001", 5, 1795431600, 1)


def box(batches: int) -> Box:
    made = Box(TOLD, KEY)
    for n in range(batches):
        made.make(float(n))
    return made


def messages(of: Box) -> list[bytes]:
    return list(iter(of.next_message, None))


def test_what_it_says_is_a_chain_that_goes_on_after_a_break():
    one, seal = box(5), Seal(KEY)
    link = seal.first_link(TOLD.unit)
    said = [encoding.opened(message) for message in messages(one)]
    assert said[0].follows == link
    assert all(told.follows is None for told in said[1:])
    for told in said:
        link = seal.next_link(link, told.record)
        assert told.link == link
    assert one.acknowledge(BOOT, 2) == [0.0, 1.0]
    assert one.send_again() == 3
    again = [encoding.opened(message) for message in messages(one)]
    assert [told.record for told in again] == [TOLD.record(seq) for seq in (3, 4, 5)]
    assert again[0].follows == said[1].link


def test_only_what_was_made_can_be_acknowledged_and_once():
    one = box(3)
    messages(one)
    assert one.acknowledge(BOOT, 4) == []
    assert one.acknowledge(BOOT + 1, 3) == []
    assert len(one.acknowledge(BOOT, 3)) == 3
    assert one.acknowledge(BOOT, 3) == []
    assert one.next_message() is None


def test_levels_are_those_of_their_seed_and_a_hub_can_read_them():
    assert walk(1) != walk(2)
    assert len(walk(1)) == WALK
    seconds = encoding.seconds(TOLD.record(7))
    assert [second.t for second in seconds] == [TOLD.t + 6 * BATCH + n for n in range(BATCH)]
    assert all(300 < second.LAeq < 800 for second in seconds)
