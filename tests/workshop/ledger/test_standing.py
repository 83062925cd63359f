"""Where units stand, read from their lines."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from batch_ledger import BATCH, burned_in, enrol, failed, flashed, made, passed

from noisetamer.workshop.burn_in import plan
from noisetamer.workshop.burn_in.checks import lights
from noisetamer.workshop.ledger.entries import HUB, LAMPS
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.refused import refused
from noisetamer.workshop.ledger.standing import Standing, of_unit, standings

MUTE = ("failed", "the tone is 12 dB over the background: look at the loudspeaker's wires")
UNSEEN = ("not confirmed", "driven, and nobody looked")


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
    assert (third.flashings.failed, third.flashings.all) == (2, 3)


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


def of(tmp_path: Path, *tell) -> Standing:
    """A flashed unit, after each of `tell` has added its lines."""
    ledger, vault = made(tmp_path)
    with ledger:
        serial = flashed(ledger, vault, "24:0a:c4:00:00:06")
        for one in tell:
            one(ledger, serial)
        return of_unit(ledger, ledger.unit(serial))


def burn_in(**otherwise):
    return lambda ledger, serial: burned_in(ledger, serial, **otherwise)


def line(name: str, outcome: str, **facts: object):
    return lambda ledger, serial: ledger.record(serial, name, outcome, facts)


def test_a_unit_that_was_only_flashed_has_not_passed(tmp_path: Path):
    found = of(tmp_path)
    assert found.said == "not burned in"
    assert found.left == ["burn it in", "calibrate it", "label it", "hand it over"]
    assert found.may_go_on


def test_a_unit_that_failed_burn_in_has_not_passed(tmp_path: Path):
    found = of(tmp_path, burn_in(tone=MUTE))
    assert found.said == f"failed at burn-in: tone: {MUTE[1]}"
    assert found.left[0] == f"tone: {MUTE[1]}; then 'noisetamer burn-in' again"
    assert not found.may_go_on
    assert (found.burn_ins.failed, found.burn_ins.all, found.flashings.failed) == (1, 1, 0)


@pytest.mark.parametrize(
    ("runs", "state"),
    [
        ([{}, {"tone": MUTE}], "failed"),
        ([{"tone": MUTE}, {}], "passed"),
        ([{"LEDs_red": UNSEEN}, {}], "passed"),
        ([{}, {"LEDs_red": UNSEEN}], "lamps not seen"),
        ([{"LEDs_red": ("failed", "dark")}], "failed"),
        ([{"spotlight": ("not applicable", "no spotlight on this board")}], "passed"),
    ],
)
def test_of_each_check_the_newest_word_counts(tmp_path: Path, runs: list, state: str):
    assert of(tmp_path, *(burn_in(**run) for run in runs)).state == state


def test_a_burn_in_whose_lamps_nobody_saw_has_not_passed(tmp_path: Path):
    found = of(tmp_path, burn_in(LEDs_red=UNSEEN, spotlight=UNSEEN))
    assert found.said == "lamps not seen: nobody looked at LEDs red, spotlight"
    assert found.left[0] == "look at its lamps: 'noisetamer burn-in' asks for them"


def test_a_check_that_waits_for_the_hub_is_left_and_fails_nobody(tmp_path: Path):
    waits = "the hub does not know the unit: not run until it is admitted"
    not_yet = burn_in(hub=("not run", waits), samples=("not confirmed", "without TLS"))
    found = of(tmp_path, not_yet)
    assert (found.state, found.may_go_on) == ("passed", True)
    assert found.left[0] == f"2 checks left (hub, samples): {waits}"
    done = ("passed", "as it should be")
    found = of(tmp_path, burn_in(hub=done, samples=done))
    assert not any("left" in todo for todo in found.left)


def test_a_board_that_fell_silent_in_burn_in_has_failed(tmp_path: Path):
    silent = line("burn-in", "failed", reason="it does not answer: is the cable in?")
    found = of(tmp_path, burn_in(), silent)
    assert found.said == "failed at burn-in: it does not answer: is the cable in?"


def test_burn_in_in_a_flashing_that_was_mended_alone_leaves_the_start(tmp_path: Path):
    stopped = line("flash", "failed", step="burn-in", reason="tone: mute")
    found = of(tmp_path, burn_in(tone=MUTE), stopped)
    assert (found.state, found.step) == ("failed", "burn-in")
    found = of(tmp_path / "then", burn_in(tone=MUTE), stopped, burn_in())
    assert (found.state, found.step, found.left[0]) == ("unfinished", "start", "flash it again")


def test_a_unit_that_was_given_up_comes_back_by_being_flashed(tmp_path: Path):
    given_up = line("set-aside", "passed", reason="its socket is torn off")
    found = of(tmp_path, burn_in(tone=MUTE), given_up)
    assert found.said == "set aside: its socket is torn off"
    assert (found.left, found.may_go_on) == ([], False)
    again = line("flash", "passed")
    assert of(tmp_path / "then", burn_in(), given_up, again).state == "passed"


def test_whom_a_hub_lets_in_was_handed_over(tmp_path: Path):
    found = of(tmp_path, burn_in(hub=("passed", "let in")))
    assert "hand it over" not in found.left


def test_a_line_from_before_the_reason_was_kept_names_its_checks(tmp_path: Path):
    found = of(tmp_path, line("burn-in", "failed", burn_in_failed=["tone", "hub"]))
    assert found.said == "failed at burn-in: tone, hub"


def test_the_lamps_are_those_that_burn_in_asks_for():
    trials = [trial for trials in plan.ROUNDS for trial in trials]
    asked = [trial.names for trial in trials if trial.run.__module__ == lights.__name__]
    assert sum(asked, ()) == LAMPS
    assert HUB in plan.NAMES


DUE = {"deviation": 0.0, "due": "2099-11-28"}


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ([("calibration", "passed", DUE)], None),
        ([("calibration", "refused", {"reason": "no tone"})], "calibrate it"),
        ([("calibration", "passed", {"due": "2099-11-28"})], "calibrate it"),
        (
            [("calibration", "passed", {**DUE, "due": "2026-01-01"})],
            "calibrate it: its calibration was due on 2026-01-01",
        ),
        (
            [("calibration", "passed", DUE), ("calibration-check", "void", {"deviation": 0.9})],
            "calibrate it: its calibration does not hold since ",
        ),
    ],
)
def test_calibration_counts_while_it_holds(tmp_path: Path, lines: list, left: str | None):
    found = of(tmp_path, burn_in(), *(line(step, out, **facts) for step, out, facts in lines))
    assert found.state == "passed"
    said = [todo for todo in found.left if todo.startswith("calibrate")]
    assert [todo.startswith(left) for todo in said] == [True] if left else said == []


def test_nothing_is_left_once_all_is_done(tmp_path: Path):
    done = (line("label", "passed"), line("hand-over", "passed", file="units.handover"))
    found = of(tmp_path, burn_in(), line("calibration", "passed", **DUE), *done)
    assert (found.said, found.left) == ("passed", [])


def test_a_board_that_did_not_tell_its_mac_is_forgotten_with_the_next_unit_on_its_port(
    tmp_path: Path,
):
    ledger, vault = made(tmp_path)
    ledger.close()

    def on(day: int) -> Ledger:
        return Ledger.open(tmp_path / "ledger.sqlite", lambda: datetime(2099, 1, day, tzinfo=UTC))

    with on(1) as ledger:
        for _ in range(2):
            silent = {"port": "a", "mac": "", "reason": "it does not answer"}
            ledger.record("", "identify", "failed", silent)
        assert [board.port for board in refused(ledger)] == ["c", "a"]
    with on(2) as ledger:
        flashed(ledger, vault, "24:0a:c4:00:00:08")
        assert [board.port for board in refused(ledger)] == ["c"]


def test_a_batch_lists_the_boards_that_were_to_be_of_it(tmp_path: Path):
    ledger, _ = made(tmp_path)
    with ledger:
        for batch in ("NT1-2611", "NT1-2612"):
            board = {"port": "d", "mac": batch, "reason": "it has no PSRAM", "batch": batch}
            ledger.record("", "identify", "failed", board)
        found = [board.mac for board in refused(ledger, BATCH)]
    # The first is from before the ledger kept the batch.
    assert found == ["24:0a:c4:00:00:04", "NT1-2611"]
