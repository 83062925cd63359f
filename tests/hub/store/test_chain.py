"""What is wrong with a unit's chain is found at once, and named; nothing else is."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from chained_hub import KEY, UNIT, Hub, histories
from chained_unit import START, ChainedUnit, Made, enveloped
from scripted_unit import seconds as without_link

from noisetamer.hub.registry import ChainKey
from noisetamer.hub.store import (
    chain_findings,
    losses,
)
from tamer.record import encoding
from tamer.record.seal import Seal

NEWER = "n" * 43


@pytest.fixture
def hub(tmp_path: Path):
    made = Hub(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def box() -> ChainedUnit:
    unit = ChainedUnit(UNIT, KEY)
    unit.event("boot", reset="power")
    unit.seconds(9)
    return unit


def changed(one: Made, level: int = 300) -> Made:
    """Its levels are others, its link is as it was."""
    other = ChainedUnit(UNIT, "x" * 43, one.boot)
    other.seconds(1, level)
    body = one.body[: encoding.HEAD_BYTES] + other.made[0].body[encoding.HEAD_BYTES :]
    return replace(one, body=body)


def test_an_honest_unit_is_whole_across_restarts_of_both(hub: Hub, box: ChainedUnit):
    hub.hears(box.messages())
    box.restart()
    box.event("boot", reset="power")
    box.seconds(3)
    hub.again()
    assert hub.hears(box.messages(box.made[10:])).chain == []
    assert hub.found() == []
    assert (hub.standing(1, 1, 10), hub.standing(2, 1, 4)) == ("whole", "whole")
    with closing(sqlite3.connect(hub.file)) as connection:
        told = chain_findings.standing(connection, UNIT, 2, 1, 4)
        begun = connection.execute("SELECT boot, seq FROM chain_start ORDER BY boot, seq")
        stretches = begun.fetchall()
    assert told.link == box.made[-1].link
    assert stretches == [(1, 1), (2, 1)]


def test_what_comes_again_or_out_of_order_is_nothing(hub: Hub, box: ChainedUnit):
    box.restart()
    box.seconds(5)
    messages = box.messages()
    hub.hears(messages[12:])
    assert hub.found() == [("gap", 2, 3, 3)]
    hub.hears(messages[3:8])
    hub.hears([messages[10], messages[9], messages[11]])
    hub.hears([messages[8]])
    hub.again()
    hub.hears(messages[:3])
    hub.hears(messages)
    hub.hears(box.messages(box.made[6:]))
    assert hub.found() == []
    assert (hub.standing(1, 1, 10), hub.standing(2, 1, 5)) == ("whole", "whole")


def test_a_changed_record_is_named_and_no_other(hub: Hub, box: ChainedUnit):
    records = list(box.made)
    records[5] = changed(records[5])
    found = hub.hears(enveloped(records)).chain
    assert [(one.kind, one.seq) for one in found] == [("break", 6)]
    box.seconds(2)
    hub.hears(box.messages(box.made[9:]))
    assert hub.found() == [("break", 1, 6, 6)]
    assert (hub.standing(1, 1, 10), hub.standing(1, 7, 12)) == ("break", "whole")
    # the unit sends what it has again: two records have one name
    hub.hears(box.messages())
    assert hub.found() == [("break", 1, 6, 6), ("fork", 1, 6, 6)]


def test_a_changed_link_is_named_and_no_other(hub: Hub, box: ChainedUnit):
    records = list(box.made)
    records[5] = replace(records[5], link=bytes(16))
    messages = box.messages()
    messages[5] = encoding.enveloped(5, records[5].body, bytes(16))
    hub.hears(messages)
    assert hub.found() == [("break", 1, 6, 6)]
    messages = box.messages()
    messages[0] = messages[0][:-32] + bytes(16) + messages[0][-16:]
    box.restart()
    box.seconds(1)
    told = box.messages(box.made[10:])[0]
    hub.hears([told[:-32] + bytes(16) + told[-16:]])
    assert hub.found() == [("break", 1, 6, 6), ("break", 2, 1, 1)]


def test_another_units_record_is_found(hub: Hub, box: ChainedUnit):
    other = ChainedUnit("NT1-2611-0002", "o" * 43)
    other.seconds(12)
    hub.hears(box.messages())
    hub.hears(enveloped(other.made[10:]))  # names that are free
    hub.hears(enveloped(other.made[3:4]))  # one that is taken
    assert hub.found() == [("break", 1, 4, 4), ("break", 1, 11, 12)]


def test_a_dropped_record_leaves_a_gap_until_it_comes(hub: Hub, box: ChainedUnit):
    messages = box.messages()
    hub.hears(messages[:4] + messages[6:])
    (gap,) = hub.findings()
    assert (gap.kind, gap.seq, gap.told, gap.detail["records"]) == ("gap", 7, "", 2)
    assert gap.alarming and not gap.ripe(START + 10) and gap.ripe(START + 3600)
    assert hub.standing(1, 1, 10) == "gap"
    hub.again()
    hub.hears(messages[4:6])
    assert hub.found() == []
    assert hub.standing(1, 1, 10) == "whole"


def test_what_was_dropped_comes_changed(hub: Hub, box: ChainedUnit):
    messages = box.messages()
    hub.hears(messages[:4] + messages[5:])
    records = list(box.made)
    records[4] = changed(records[4])
    hub.hears([enveloped(records)[4]])
    assert hub.found() == [("break", 1, 5, 5)]


@pytest.mark.parametrize("kind", ["lost", "thinned"])
def test_a_gap_that_the_box_tells_of_is_told(hub: Hub, box: ChainedUnit, kind: str):
    box.lose(range(3, 7), kind)
    hub.hears(box.messages()[:-1])
    (gap,) = hub.findings()
    assert (gap.seq, gap.told, gap.detail["records"]) == (8, "", 4)
    hub.hears(box.messages(box.held[-1:]))
    (gap,) = hub.findings()
    assert (gap.told, gap.alarming) == ("box", False)
    # it did not tell of so many
    box.seconds(9)
    box.forget({1: box.held[-8].seq})
    hub.hears(box.messages(box.held[5:]))
    assert [one.told for one in hub.findings()] == ["box", ""]


def test_what_the_hub_lost_itself_is_no_alarm(hub: Hub, box: ChainedUnit):
    hub.hears(box.messages()[:6])
    # of the others nothing is left since it was brought back from a backup
    with closing(sqlite3.connect(hub.file)) as connection:
        losses.note_wound(connection, START + 100, "restored")
        connection.commit()
    hub.again()
    hub.hears(box.messages(box.made[8:]), START + 200)
    (gap,) = hub.findings()
    assert (gap.seq, gap.told, gap.alarming) == (9, "hub", False)


def test_a_unit_that_has_told_another_hub_begins_in_the_midst(hub: Hub, box: ChainedUnit):
    hub.hears(box.messages(box.made[4:]))
    (begin,) = hub.findings()
    assert (begin.kind, begin.seq, begin.told, begin.alarming) == ("gap", 5, "begin", False)


def test_two_that_follow_one_are_a_fork(hub: Hub, box: ChainedUnit):
    hub.hears(box.messages())
    copy = ChainedUnit(UNIT, KEY)
    copy.event("boot", reset="power")
    copy.seconds(7)
    # its flash was copied after eight records
    copy.restart()
    copy.seconds(3)
    hub.hears(copy.messages(copy.made[8:]))
    box.restart(2)
    box.seconds(3)
    hub.hears(box.messages(box.made[10:]))
    copy.restart()
    assert hub.found() == [("fork", 2, 1, 1)]
    copy.seconds(1)
    hub.hears(copy.messages(copy.made[-1:]))
    assert [one[0] for one in hub.found()] == ["fork", "fork"]


def test_a_chain_that_begins_anew_is_a_reset(hub: Hub, box: ChainedUnit):
    hub.hears(box.messages())
    box.erased()
    box.seconds(3)
    hub.hears(box.messages())
    assert hub.found() == [("reset", 2, 1, 1)]
    # with another key, as one whose settings have it is re-keyed
    hub.keys[UNIT] += (ChainKey(NEWER, None),)
    box.erased(NEWER)
    box.seconds(3)
    hub.hears(box.messages())
    hub.again()
    hub.hears(box.messages())
    box.seconds(3)
    hub.hears(box.messages())
    assert hub.found() == [("reset", 2, 1, 1), ("reset", 3, 1, 1)]


def test_older_firmware_is_no_finding_and_none_after_links_is(hub: Hub, box: ChainedUnit):
    hub.hears([without_link(n, START + 10 * n, [500] * 10, boot=0) for n in range(1, 5)])
    assert hub.found() == []
    assert hub.standing(0, 1, 4) == "none"
    hub.hears(box.messages())
    assert hub.found() == []
    hub.hears([without_link(n, START + 10 * n, [500] * 10, boot=0) for n in range(5, 7)])
    assert hub.found() == []
    hub.hears([without_link(n, START + 10 * n, [500] * 10, boot=2) for n in range(1, 9)])
    assert hub.found() == [("unlinked", 2, 1, 8)]
    box.restart(2)
    box.seconds(4)
    hub.hears(box.messages(box.made[10:]))
    assert hub.found() == [("unlinked", 2, 1, 8)]


def test_a_link_that_was_taken_away_is_found_and_the_others_prove_the_record(
    hub: Hub, box: ChainedUnit
):
    messages = box.messages()
    messages[5] = encoding.enveloped(5, box.made[5].body)
    hub.hears(messages)
    assert hub.found() == [("unlinked", 1, 6, 6)]
    assert hub.standing(1, 7, 10) == "whole"


def test_a_new_key_is_taken_from_the_old_ones_hand(hub: Hub, box: ChainedUnit):
    hub.keys[UNIT] += (ChainKey(NEWER, None),)
    box.rekey(NEWER)
    box.seconds(5)
    hub.hears(box.messages())
    (rekeyed,) = hub.findings()
    assert (rekeyed.kind, rekeyed.seq, rekeyed.told) == ("rekeyed", 11, "box")
    assert rekeyed.detail["known"] and not rekeyed.alarming
    hub.again()
    box.seconds(5)
    hub.hears(box.messages(box.made[16:]))
    assert hub.standing(1, 1, 21) == "whole"
    # whoever has the old key still
    thief = ChainedUnit(UNIT, KEY)
    thief._link, thief._sequence, thief.now = box.made[-1].link, 21, box.now
    thief.seconds(1)
    hub.hears(thief.messages())
    assert hub.found()[1:] == [("break", 1, 22, 22)]


def test_a_new_key_of_which_the_hub_hears_later(hub: Hub, box: ChainedUnit):
    box.rekey(NEWER)
    box.seconds(5)
    hub.hears(box.messages())
    assert hub.found() == [("rekeyed", 1, 11, 11)]
    assert (hub.standing(1, 1, 11), hub.standing(1, 12, 16)) == ("whole", "none")
    hub.keys[UNIT] += (ChainKey(NEWER, None),)
    box.seconds(5)
    hub.hears(box.messages(box.made[16:]))
    assert hub.found() == [("rekeyed", 1, 11, 11)]
    assert hub.standing(1, 17, 21) == "whole"


def test_a_new_key_of_which_the_box_did_not_tell(hub: Hub, box: ChainedUnit):
    hub.hears(box.messages())
    hub.keys[UNIT] += (ChainKey(NEWER, None),)
    box._seal = Seal(NEWER)
    box.seconds(4)
    hub.hears(box.messages(box.made[10:]))
    hub.again()
    hub.hears(box.messages())
    (rekeyed,) = hub.findings()
    assert (rekeyed.kind, rekeyed.seq, rekeyed.told, rekeyed.alarming) == ("rekeyed", 11, "", True)


def test_what_comes_after_a_key_was_revoked(hub: Hub, box: ChainedUnit):
    hub.hears(box.messages()[:4], START)
    hub.keys[UNIT] = (ChainKey(KEY, START + 50),)
    hub.hears(box.messages()[4:], START + 100)
    assert hub.found() == [("revoked", 1, 5, 10)]
    assert (hub.standing(1, 1, 4), hub.standing(1, 1, 10)) == ("whole", "revoked")


def test_without_a_key_nothing_is_found(hub: Hub, box: ChainedUnit):
    hub.keys.clear()
    hub.hears(box.messages())
    assert (hub.found(), hub.standing(1, 1, 10)) == ([], "none")
    hub.keys[UNIT] = (ChainKey(KEY, None),)
    box.seconds(3)
    hub.hears(box.messages(box.made[9:]))
    assert (hub.found(), hub.standing(1, 11, 13)) == ([], "whole")


def test_a_record_that_the_hub_cannot_read_is_in_the_chain_all_the_same(
    hub: Hub, box: ChainedUnit
):
    box._add(77, box.now, b"of a firmware to come", box.now)
    box.seconds(2)
    box.restart()
    box._add(77, box.now, b"of a firmware to come", box.now)
    box.restart()
    box.seconds(2)
    hub.hears(box.messages())
    hub.again()
    hub.hears(box.messages())
    hub.store.read_again(0)
    assert hub.found() == []
    assert hub.standing(1, 12, 13) == "whole"


def test_what_the_boxs_flash_has_spoilt_is_no_fork(hub: Hub, box: ChainedUnit):
    hub.hears(box.messages())
    # the ninth, which the hub has, cannot be read any more: what came after it is read as if
    # nothing had been there (WIRE.md, Chain)
    seal = Seal(KEY)
    follows = seal.next_link(box.made[7].link, b"")
    last = replace(box.made[9], follows=follows, link=seal.next_link(follows, box.made[9].body))
    box._link = last.link
    box.seconds(2)
    hub.hears(enveloped([last, *box.made[10:]]))
    assert hub.found() == []
    # a write that was cut short, then another boot
    box._link = seal.next_link(box._link, b"")
    box.restart()
    box.seconds(2)
    hub.hears(enveloped(box.made[12:]))
    assert hub.found() == []


def test_findings_are_bounded_and_name_all(hub: Hub, box: ChainedUnit, monkeypatch):
    monkeypatch.setattr("noisetamer.hub.store.chain_book.MOST_FINDINGS", 5)
    box.seconds(200)
    records = [changed(one) if one.seq % 3 == 0 else one for one in box.made]
    hub.hears(enveloped(records))
    found = hub.found()
    assert len(found) == 5
    assert found[-1] == ("break", 1, 15, 210)


def test_honest_histories_raise_no_alarm(tmp_path: Path):
    def folder(seed: int) -> Path:
        made = tmp_path / str(seed)
        made.mkdir()
        return made

    histories(range(12), folder)
