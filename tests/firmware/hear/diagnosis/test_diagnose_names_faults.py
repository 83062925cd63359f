"""Every fault is named by its own name, whatever the square sounds like."""

from operator import attrgetter

import numpy as np
import pytest
from examination import codes
from signal_faults import (
    ANY,
    FAULTS,
    SHOWS_IN,
    all_zeros,
    dead_microphone,
    floating_at_random,
    floating_in_mains_hum,
    one_block_for_ever,
)
from square_sounds import QUIET, healthy, heard, pressure

from tamer.hear.diagnosis.advice import SENTENCES, finding

SEEDS = (1, 2)
FAULT_NAME = attrgetter("__name__")
CASES = [
    pytest.param(
        fault, name, *heard_sound, id=f"{fault.__name__}-{heard_sound[0]}-{heard_sound[1]}"
    )
    for fault, name in FAULTS.items()
    for heard_sound in SHOWS_IN.get(fault, ANY)
]


@pytest.mark.parametrize(("fault", "name", "sound", "level"), CASES)
def test_the_leading_finding_is_the_fault(fault, name, sound, level):
    for seed in SEEDS:
        words = fault(healthy(sound, level, seed), np.random.default_rng(seed))
        assert codes(words)[:1] == [name], seed


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if fault is not one_block_for_ever], ids=FAULT_NAME
)
def test_the_size_of_the_blocks_does_not_matter(fault):
    sound, level = SHOWS_IN.get(fault, ANY)[0]
    words = fault(healthy(sound, level, 3, seconds=3), np.random.default_rng(3))
    for block in (1200, 6000):
        assert codes(words, block=block)[:1] == [FAULTS[fault]], block


@pytest.mark.parametrize("block", [1200, 6000])
def test_a_block_that_comes_again_and_again_is_stuck(block):
    words = one_block_for_ever(healthy("speech", 60, 1), None, block)
    assert codes(words, block=block) == ["stuck data"]


@pytest.mark.parametrize(
    "fault", [all_zeros, floating_at_random, floating_in_mains_hum, dead_microphone]
)
@pytest.mark.parametrize("slot", [0, 1])
def test_sound_in_the_other_slot_is_named_swapped(fault, slot):
    sound = healthy("music", 70, 1)
    frames = np.stack([sound, fault(sound, np.random.default_rng(1))], axis=1)
    assert codes(frames if slot else frames[:, ::-1].copy(), slot=slot) == ["channels swapped"]


def test_a_floating_select_pin_makes_the_sound_change_slots():
    sound = healthy("speech", 70, 1)
    left = (np.arange(len(sound)) // 9600) % 2 == 0
    frames = np.stack([np.where(left, sound, 0), np.where(left, 0, sound)], axis=1)
    assert codes(frames) == ["floating channel"]


@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100, 96_000])
def test_a_wrong_rate_shows_in_samples_against_time(rate):
    words = np.resize(healthy("music", 70, 1), 5 * rate)
    assert codes(words, elapsed=5.0) == ["wrong rate"]


def test_what_the_driver_holds_back_is_no_wrong_rate():
    words = healthy("music", 70, 1, seconds=3)
    assert codes(words, elapsed=3.1) == []
    assert codes(words, elapsed=2.9) == []


def test_a_raised_floor_of_any_colour_is_named_where_the_place_is_vouched_quiet():
    humming = heard(pressure("pink noise", 60, 1), 1)
    assert codes(humming) == []
    assert codes(humming, quiet=True) == ["noise floor"]
    assert codes(healthy(QUIET, 30, 1), quiet=True) == []


def test_no_samples_at_all_is_named():
    assert codes(np.zeros(0, np.int32), elapsed=1.0) == ["no data"]


def test_a_wrong_rate_is_told_beside_a_fault_of_the_data():
    words = np.zeros(5 * 24_000, np.int32)
    assert codes(words, elapsed=5.0) == ["all zeros", "wrong rate"]


def test_a_microphone_that_shifts_nothing_of_its_18_bits_is_healthy():
    assert codes(healthy("speech", 70, 1) & np.int32(-(1 << 14))) == []


def test_every_code_has_a_sentence_for_the_fault_and_one_for_the_fix():
    for code in SENTENCES:
        _, wrong, fix = finding(code, 1, 2)
        assert wrong.endswith(".") and fix.endswith(".")
    assert set(FAULTS.values()) | {"channels swapped", "wrong rate", "no data"} == set(SENTENCES)
