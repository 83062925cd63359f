"""What outlasts a reset, and what a power cut, and how old it may be. Runs in both Pythons."""

import pytest
from judged_square import EVENING, LOUD, Square, warned

from tamer.judge import stages
from tamer.judge.ladder import GREEN, POLITE
from tamer.judge.speech_budget import Speech
from tamer.judge.warning_outcomes import Warnings
from tamer.judge.windows import NOTHING_HEARD
from tamer.saved_state import SavedState, count_boot

pytestmark = pytest.mark.pure


class Chip:
    """Memory that a reset leaves alone, and flash, with a count of what is written to each."""

    def __init__(self):
        self.kept = b""
        self.blobs = {}
        self.integers = {}
        self.kept_writes = self.flash_writes = 0

    def read(self):
        return self.kept

    def write(self, data):
        self.kept = bytes(data)
        self.kept_writes += 1

    def get_blob(self, key, buffer):
        if key not in self.blobs:
            raise OSError
        blob = self.blobs[key]
        buffer[: len(blob)] = blob
        return len(blob)

    def set_blob(self, key, value):
        self.blobs[key] = bytes(value)

    def get_i32(self, key):
        if key not in self.integers:
            raise OSError
        return self.integers[key]

    def set_i32(self, key, value):
        assert -(1 << 31) <= value < 1 << 31
        self.integers[key] = value

    def commit(self):
        self.flash_writes += 1

    def lose_power(self):
        self.kept = b""

    def saved(self, policy="abc"):
        return SavedState(self, self, policy)


def back(chip, t, policy="abc"):
    """(state, seconds away) as the next start finds them."""
    found = chip.saved(policy).load(t)
    assert found is not None
    return found


def told_once(chip, t=EVENING):
    """The state of a square that has just been told, kept at t."""
    state = warned().state
    chip.saved().save(t, state, True)
    return state


def test_a_chip_that_never_ran_knows_nothing():
    assert Chip().saved().load(EVENING) is None


def test_what_was_kept_comes_back_with_its_age():
    chip = Chip()
    kept = told_once(chip)
    state, away = back(chip, EVENING + 1)
    assert (state, away) == (kept, 0)
    state, away = back(chip, EVENING + 8)
    assert (state.stage, away, state.seen) == (POLITE, 7, kept.seen + 7)


def test_a_reset_has_the_last_second_a_power_cut_the_last_change():
    chip = Chip()
    saved = chip.saved()
    square = warned()
    saved.save(EVENING, square.state, True)
    square.hears(LOUD)
    saved.save(EVENING + 1, square.state, False)
    assert chip.saved().load(EVENING + 2) == (square.state, 0)
    chip.lose_power()
    _, away = back(chip, EVENING + 2)
    assert away == 1


def test_flash_is_written_at_changes_and_nothing_at_all_while_all_is_well():
    chip = Chip()
    saved = chip.saved()
    quiet = Square().state
    for i in range(100):
        saved.save(EVENING + i, quiet, False)
    assert (chip.kept_writes, chip.flash_writes) == (1, 0)
    saved.save(EVENING + 100, warned().state, True)
    for i in range(10):
        saved.save(EVENING + 101 + i, warned().state, False)
    assert (chip.kept_writes, chip.flash_writes) == (12, 1)


def test_a_clock_that_is_behind_costs_nothing_after_a_reset():
    chip = Chip()
    kept = told_once(chip)
    assert chip.saved().load(EVENING - 3600) == (kept, 0)


def test_after_a_power_cut_a_clock_that_is_behind_gives_the_stage_up():
    chip = Chip()
    told_once(chip)
    chip.lose_power()
    state, _ = back(chip, EVENING - 3600)
    assert (state.stage, state.lit) == (GREEN, False)


def test_a_box_that_did_not_know_the_time_then_or_now_cannot_tell_how_long_it_was_away():
    for then, now in ((312, EVENING), (EVENING, 0), (312, 0), (312, 400)):
        chip = Chip()
        kept = told_once(chip, then)
        assert chip.saved().load(now) == (kept, 0)
        chip.lose_power()
        state, _ = back(chip, now)
        assert (state.stage, state.lit) == (GREEN, False)
        assert sum(state.speech.booked) >= sum(kept.speech.booked)


def test_under_another_policy_it_begins_anew_but_knows_how_much_it_has_spoken():
    chip = Chip()
    kept = told_once(chip)
    state, _ = back(chip, EVENING + 1, "def")
    assert state.stage == GREEN
    assert sum(state.speech.booked) >= sum(kept.speech.booked) > 0


def test_what_is_torn_is_not_taken_for_memory():
    chip = Chip()
    kept = told_once(chip)
    whole = chip.kept
    for torn in (whole[:-1], whole[:3], whole[:40] + b"x" + whole[41:], b"\xff" * 100):
        chip.kept = torn
        # Flash still has it.
        assert chip.saved().load(EVENING + 1) == (kept, 0)
    chip.blobs["ladder"] = whole[:-1]
    assert chip.saved().load(EVENING + 1) is None


def test_it_is_asked_once():
    chip = Chip()
    told_once(chip)
    saved = chip.saved()
    assert saved.load(EVENING + 1)
    assert saved.load(EVENING + 1) is None


def test_the_longest_memory_fits_what_the_chip_retains():
    """After years: as many warnings in vain as a policy may ask for, and an hour all speech."""
    late = 10**9
    spoken = stages.START.speech.booked
    state = stages.altered(
        warned().state,
        seen=late,
        since=late,
        lately=NOTHING_HEARD,
        speech=Speech((300,) * len(spoken), late // 300, 120, late),
        warnings=Warnings(999, 20, "a" * 40, late, (late,) * 100, (late,) * 10, late, 7),
    )
    chip = Chip()
    chip.saved().save(EVENING, state, True)
    assert chip.saved().load(EVENING + 1) == (state, 0)
    assert len(chip.kept) <= 2048


def test_boots_are_counted_from_the_number_that_the_board_was_given():
    chip = Chip()
    chip.integers["boot"] = EVENING - 1
    assert [count_boot(chip) for _ in range(3)] == [EVENING, EVENING + 1, EVENING + 2]
    assert chip.flash_writes == 3


def test_a_board_without_any_number_takes_one_that_no_clock_and_no_counter_gives():
    first = [count_boot(Chip()) for _ in range(20)]
    # Of 30 bits each: by chance two may be alike.
    assert len(set(first)) > 17
    assert all(1 << 31 <= boot < 3 << 30 for boot in first)
    chip = Chip()
    boots = [count_boot(chip) for _ in range(3)]
    assert boots == [boots[0], boots[0] + 1, boots[0] + 2]


def test_a_count_past_the_largest_signed_number_goes_on():
    chip = Chip()
    chip.integers["boot"] = (1 << 31) - 2
    assert [count_boot(chip) for _ in range(3)] == [(1 << 31) - 1, 1 << 31, (1 << 31) + 1]
