"""What is measured becomes a verdict: what passes, what fails, and in which words."""

from dataclasses import replace

import pytest

from noisetamer.sound.measure.background import Likeness
from noisetamer.sound.tone import Tone
from noisetamer.workshop.burn_in.check import FAILED, NOT_CONFIRMED, NOT_RUN, PASSED
from noisetamer.workshop.burn_in.checks import audio, clock, lights, network, storage
from noisetamer.workshop.burn_in.checks.clock import Look
from noisetamer.workshop.burn_in.operator import Seen
from noisetamer.workshop.port.errors import ONCE_MORE, REPLUG
from tamer.record.fields import LINK_REASONS

GOOD_TONE = Tone(frequency=1000.2, level=-20.0, distortion=2.0, rest_A=-50.0, rest_C=-50.0)
NO_SPECTRUM: dict[str, list[float]] = {"Hz": [], "dB": []}


def test_a_kernel_that_is_not_the_chips_own_fails():
    facts = {"kernel": "int", "self_test": "the FPU kernel answers wrong; integer kernel"}
    kernel, block_time = audio.judge_kernel(facts | {"us": [60_000, 61_500]}, "fpu", 125)
    assert kernel.outcome == FAILED
    assert kernel.verdict.startswith("the int kernel runs, not the fpu one")
    assert "flash it again" in kernel.verdict
    assert block_time.outcome == PASSED
    assert block_time.measured["worst_ms"] == 61.5


def test_a_kernel_too_slow_for_all_the_rest_fails():
    facts = {"kernel": "int", "self_test": "passed", "us": [70_000, 96_000]}
    slow = audio.judge_kernel(facts, "int", 125)[1].verdict
    assert slow.startswith("a block takes 96.0 ms of its 125 ms: flash it again")


@pytest.mark.parametrize(
    ("before", "during", "tone", "words"),
    [
        (40.0, 55.0, GOOD_TONE, "15.0 dB over a background of 40 dB(A)"),
        (40.0, 40.0, None, "0.0 dB over"),
        (
            40.0,
            90.0,
            replace(GOOD_TONE, distortion=14.0),
            "14.0 % of distortion: listen whether its coil rubs",
        ),
        (40.0, 90.0, replace(GOOD_TONE, frequency=1088.4), "1088 Hz is heard, 1000 Hz is played"),
    ],
)
def test_a_bad_tone_says_what_is_bad(before: float, during: float, tone: Tone | None, words: str):
    check = audio.judge_tone(before, during, tone, NO_SPECTRUM)
    assert check.outcome == FAILED
    assert words in check.verdict


@pytest.mark.parametrize("tone", [GOOD_TONE, None])
def test_too_loud_a_place_proves_nothing_of_the_loudspeaker(tone: Tone | None):
    check = audio.judge_tone(94.0, 94.0, tone, NO_SPECTRUM)
    assert check.outcome == NOT_CONFIRMED
    assert check.verdict == (
        "too loud a place: its 94 dB(A) hide the tone; switch off what sounds, take a calibrator "
        "off, then burn in again"
    )


HUM = Likeness("it hums at 100 Hz", "feed it from another supply")


def test_a_background_is_named_from_8_dB_over_the_microphones_own_noise_on():
    quiet = audio.judge_microphone([], level=40.9, own_noise=33.0, like=HUM)
    assert (quiet.outcome, quiet.measured["background_dBA"]) == (PASSED, 40.9)
    assert "hums" not in quiet.verdict
    loud = audio.judge_microphone([], level=47.2, own_noise=33.0, like=HUM)
    assert loud.outcome == NOT_CONFIRMED
    assert loud.verdict.endswith(
        "the background is 47 dB(A), 14 dB over the microphone's own noise, it hums at 100 Hz: "
        "feed it from another supply"
    )


def test_what_the_doctor_finds_comes_before_any_background():
    finding = ["dull microphone", "The treble is weak.", "Let it dry."]
    check = audio.judge_microphone([finding], level=60.0, own_noise=33.0, like=HUM)
    assert (check.outcome, check.verdict) == (FAILED, "the treble is weak: let it dry")


def test_a_good_tone_says_how_good():
    check = audio.judge_tone(41.0, 92.3, GOOD_TONE, NO_SPECTRUM)
    assert check.outcome == PASSED
    assert check.verdict == "1000 Hz at 92.3 dB(A), 51 dB over background, 2.0 % distortion"


def test_a_dead_strip_is_told_by_the_current():
    whole = lights.judge_leds("red", 256, Seen(None, 480.0), dark=260.0, expected=289.0)
    half = lights.judge_leds("red", 256, Seen(None, 400.0), dark=260.0, expected=289.0)
    assert whole.outcome == PASSED
    assert "a single dead LED is not seen by that" in whole.verdict
    assert half.outcome == FAILED
    assert "red takes 140 mA where 289 mA are expected" in half.verdict


def test_a_lamp_nobody_looked_at_is_not_confirmed():
    check = lights.judge_leds("blue", 256, Seen(None), dark=None, expected=289.0)
    assert (check.outcome, check.verdict) == (NOT_CONFIRMED, "driven, and nobody looked")


def test_a_weak_signal_points_to_the_antenna():
    assert network.judge_wifi(True, -61).outcome == PASSED
    assert "antenna" in network.judge_wifi(True, -84).verdict
    assert "refuses the key: put the right one" in network.judge_wifi(False, "wrong key").verdict
    assert "antenna" in network.judge_wifi(False, "not joined").verdict


@pytest.mark.parametrize("reason", ["no access point", "no address"])
def test_a_wifi_that_is_not_there_fails_nobody(reason: str):
    check = network.judge_wifi(False, reason)
    assert check.outcome == NOT_RUN
    assert "burn in again" in check.verdict


@pytest.mark.parametrize(
    "reason",
    ["secret refused", "name not found", "no route", "refused", "timed out", "broker silent"],
)
def test_a_hub_that_is_not_there_or_does_not_know_the_unit_yet_fails_nobody(reason: str):
    check = network.judge_hub((reason, None))
    assert check.outcome == NOT_RUN
    assert "burn in again" in check.verdict
    assert ("'noisetamer admit'" in check.verdict) == (reason == "secret refused")


def test_the_way_to_the_hub_has_its_reason():
    assert network.judge_hub((1800, 35)).outcome == PASSED
    assert network.judge_hub((1800, 2400)).verdict.startswith("a round trip takes 2400 ms: burn")
    untrusted = network.judge_hub(("not trusted", "The certificate is not signed"))
    assert untrusted.outcome == FAILED
    assert "put the hub's own ca.der there" in untrusted.verdict
    other = network.judge_hub(("fault", "TypeError: x"))
    assert (other.outcome, other.verdict) == (
        FAILED,
        f"it does not get through: fault (TypeError: x): {ONCE_MORE}",
    )


def test_each_reason_of_the_firmware_has_its_words():
    """The few others are rare, and are quoted with what to do in general."""
    rare = {"connection lost", "broker refused", "certificate not yet valid", "no time", "fault"}
    rare |= {"failed", "hub silent", "hub full", "no TLS"}
    assert {*network._ABSENT, *network._WRONG, *rare} == set(LINK_REASONS)


def test_lost_samples_fail_however_few():
    lines = [[False, 3, [1, 0]], [True, 240, [2, 0]], [False, 14, [3, 0]]]
    check = network.judge_samples(lines, wanted=True, slack_ms=101)
    assert check.outcome == FAILED
    lost = "1 of 3 s lost samples, under 3 TLS sessions with the hub"
    assert check.verdict == f"{lost}: {ONCE_MORE}"
    assert check.measured["worst_late_ms"] == 14


def test_samples_under_no_load_prove_little():
    lines = [[False, 3, [0, 4]]] * 2
    check = network.judge_samples(lines, wanted=True, slack_ms=101)
    assert check.outcome == NOT_CONFIRMED
    assert check.verdict.endswith("the hub let nobody in; burn in again once it does")
    alone = network.judge_samples(lines, wanted=False, slack_ms=101)
    assert alone.outcome == PASSED
    assert alone.verdict.endswith("without TLS; 3 ms late at worst of 101 ms: no hub set")


def test_a_flash_that_changes_what_it_keeps_fails():
    facts = {"room": 900_000, "bytes": 262_144, "wrong": 2, "write_ms": 4000, "read_ms": 500}
    assert storage.judge_flash(facts).verdict.startswith("2 of 64 sectors read back otherwise")
    assert storage.judge_flash(facts | {"wrong": 0}).outcome == PASSED
    full = storage.judge_flash({"room": 12_000}).verdict
    assert full.startswith("12 kB are free, 262 kB are to be written: erase it with")


def test_too_little_memory_fails():
    inside = {"free": 90_000, "longest": 20_000, "least": 15_000}
    check = storage.judge_memory({"free": 31_000, "used": 100_000, "inside": inside})
    assert check.outcome == FAILED
    assert "31 kB of heap are left" in check.verdict
    assert "TLS wants more" in check.verdict
    assert storage.judge_memory({"free": 90_000, "used": 9, "inside": None}).outcome == PASSED


def look(host: float, own: float, unsure: float = 0.002) -> Look:
    return Look(host, int(own * 1e6) % (1 << 30), unsure, 1_800_000_000 + int(own))


@pytest.mark.parametrize(
    ("own", "host", "outcome"),
    [
        (120.001, 120.0, PASSED),
        (120.050, 120.0, FAILED),
        (3600.01, 3600.0, PASSED),  # the ticks have wrapped three times
        (5.0, 5.0, NOT_CONFIRMED),
    ],
)
def test_drift_is_told_from_an_unsure_look(own: float, host: float, outcome: str):
    assert clock.judge_clock(0, look(7.0, 2.0), look(7.0 + host, 2.0 + own)).outcome == outcome


def test_a_clock_that_does_not_take_the_time_fails():
    check = clock.judge_clock(-700_000_000, look(0, 0), look(120, 120))
    assert check.verdict == f"set, it is -700000000 s off at once: {REPLUG}"
