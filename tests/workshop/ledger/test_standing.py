"""Where units stand, read from their lines."""

from pathlib import Path

from batch_ledger import enrol, failed, made, passed

from noisetamer.workshop.ledger.standing import refused, standings


def test_each_unit_stands_where_its_newest_run_left_it(tmp_path: Path):
    ledger, vault = made(tmp_path)
    cut_off = enrol(ledger, vault, "24:0a:c4:00:00:05")
    ledger.record(cut_off, "flash", "begun", {"port": "a"})
    ledger.record(cut_off, "firmware", "begun", {})
    with ledger:
        found = [(s.state, s.step, s.reason, s.failures) for s in standings(ledger)]
    assert found == [
        ("passed", "", "", 0),
        ("passed", "", "", 0),
        ("failed", "image", "MD5 of file does not match data in flash", 1),
        ("unfinished", "firmware", "the run did not end: run it again", 0),
    ]


def test_failures_are_counted_and_forgiven(tmp_path: Path):
    ledger, vault = made(tmp_path)
    failed(ledger, vault, "24:0a:c4:00:00:03", "again")
    passed(ledger, vault, "24:0a:c4:00:00:03")
    with ledger:
        third = standings(ledger)[2]
    assert (third.state, third.failures) == ("passed", 2)


def test_a_replaced_unit_says_by_whom(tmp_path: Path):
    ledger, vault = made(tmp_path)
    passed(ledger, vault, "24:0a:c4:00:00:06", replaces="NT1-2611-0001")
    with ledger:
        first = standings(ledger)[0]
    assert (first.state, first.reason) == ("replaced", "by NT1-2611-0004")


def test_a_refused_board_is_listed_until_it_is_a_unit(tmp_path: Path):
    ledger, vault = made(tmp_path)
    with ledger:
        assert [(board.mac, board.reason) for board in refused(ledger)] == [
            ("24:0a:c4:00:00:04", "it has no PSRAM")
        ]
        passed(ledger, vault, "24:0a:c4:00:00:04")
        assert refused(ledger) == []
