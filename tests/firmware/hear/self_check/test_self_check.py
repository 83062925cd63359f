"""The nightly self-check: quiet, tones, and who is to blame. Runs in both Pythons."""

import pytest

from tamer.hear.self_check import self_check, verdict
from tamer.hear.self_check.self_check import Heard, Postponed, Tone
from tamer.hear.self_check.verdict import NEW, NIGHTS, from_list, judged, to_list
from tamer.record.reading import GAP, MISSING, OWN_VOICE, VALID, WIND, Second

pytestmark = pytest.mark.pure

TONES = (500, 1000, 2000, 4000)
PLAN = self_check.Plan(180, 240, TONES, 500, -20)
NIGHT = 190
QUIET, LOUD = 400, 620


class Box:
    """Seconds in, what the box is told to do out."""

    def __init__(self, plan=PLAN):
        self.state = self_check.start()
        self.plan = plan
        self.effects = []
        self.day = 1

    def hears(self, LAeq, seconds=1, flags=VALID, minute=NIGHT, LAFmax=None, idle=True):
        for _ in range(seconds):
            second = Second(0, LAeq, LAeq + 30 if LAFmax is None else LAFmax, LAeq, LAeq, flags)
            self.state, effect = self_check.step(
                self.state, second, self.day, minute, idle, self.plan
            )
            if effect is not None:
                self.effects.append(effect)

    def hears_tone(self, level, other=None):
        """Six seconds from the moment it was asked for: three of them sound, two wholly."""
        for heard in (550, level if other is None else other, level, 600, QUIET, QUIET):
            self.hears(heard, flags=OWN_VOICE)


def test_in_a_quiet_night_every_tone_is_played_and_heard():
    box = Box()
    box.hears(QUIET, 10)
    assert box.effects == [Tone(0)]
    for level in (700, 705, 698, 690):
        box.hears_tone(level)
    assert box.effects[1:4] == [Tone(1), Tone(2), Tone(3)]
    assert box.effects[4] == Heard(QUIET, (700, 705, 698, 690))
    box.hears(QUIET, 100)
    assert len(box.effects) == 5, "once a night"
    box.day = 2
    box.hears(QUIET, 10)
    assert box.effects[5:] == [Tone(0)]


def test_by_day_nothing_is_played():
    box = Box()
    for minute in (0, 179, 240, 720):
        box.hears(QUIET, 100, minute=minute)
    assert box.effects == []


def test_it_waits_while_the_square_is_too_loud():
    box = Box()
    box.hears(LOUD, 500)
    box.hears(QUIET, 9)
    box.hears(QUIET, LAFmax=560)
    assert box.effects == []
    box.hears(QUIET, 10)
    assert box.effects == [Tone(0)]


def test_a_night_that_never_was_quiet_is_told_once():
    box = Box()
    box.hears(LOUD, 500, LAFmax=650)
    box.hears(LOUD, 100, minute=240)
    assert box.effects == [Postponed(650)]


def test_wind_a_gap_or_a_warning_is_no_quiet():
    for flags, idle in ((WIND, True), (GAP, True), (VALID, False)):
        box = Box()
        box.hears(QUIET, 9)
        box.hears(QUIET, flags=flags, idle=idle)
        box.hears(QUIET, 9)
        assert box.effects == []


def test_a_tone_with_something_else_in_it_is_begun_anew_three_times():
    box = Box()
    for _ in range(4):
        box.hears(QUIET, 10)
        box.hears_tone(700, other=710)
    assert box.effects == [Tone(0)] * 4 + [Postponed(710)]


def test_a_tone_that_is_not_heard_is_missing():
    box = Box()
    box.hears(QUIET, 10)
    box.hears(QUIET + 50, 6, flags=OWN_VOICE)
    for _ in range(3):
        box.hears_tone(700)
    assert box.effects[-1] == Heard(QUIET, (MISSING, 700, 700, 700))


def plan_of(settings, name):
    plan = self_check.plan_of(settings, name)
    assert plan is not None
    return plan


def test_neighbours_do_not_play_at_the_same_time():
    plans = [plan_of({}, f"NT1-2611-000{number}") for number in range(1, 10)]
    starts = [plan.since for plan in plans]
    assert len(set(starts)) == len(starts)
    assert min(starts) >= 180
    assert all(plan.until - plan.since == 60 for plan in plans)


def test_settings_change_the_plan_or_forbid_the_check():
    plan = plan_of({"volume": -30, "since": 120}, "A")
    assert plan.volume == -30
    assert 120 <= plan.since < 150
    assert self_check.plan_of(None, "A") is None


def scattered(number):
    """-15 to 15, the same in both Pythons."""
    return (number * 1103 + 12345) % 65521 % 31 - 15


def nights(count, tones=0, background=0, memory=NEW, findings=()):
    """The last event's fields, and the memory, after so many nights alike."""
    fields = {}
    for number in range(count):
        heard = Heard(410 + background + scattered(number), (700 + tones,) * 4)
        memory, fields = judged(memory, heard, TONES, findings)
    return memory, fields


def good():
    return nights(30)[0]


def test_the_first_night_is_the_reference_and_the_next_are_good():
    memory, fields = nights(1)
    assert fields["verdict"] == "reference"
    assert memory.reference == (700, 700, 700, 700)
    memory, fields = nights(1, tones=5, memory=memory)
    assert (fields["verdict"], fields["deviations"]) == ("good", [5, 5, 5, 5])


def test_beyond_half_a_db_the_first_nights_do_not_blame():
    _, fields = nights(6, tones=-20, background=-20, memory=good())
    assert (fields["verdict"], fields["nights"]) == ("unknown", 6)


def test_tones_and_background_fell_alike_it_is_the_microphone():
    _, fields = nights(20, tones=-25, background=-25, memory=good())
    assert fields["verdict"] == "microphone"


def test_the_background_stayed_it_is_the_loudspeaker():
    _, fields = nights(20, tones=-25, memory=good())
    assert fields["verdict"] == "loudspeaker"


def test_less_than_backgrounds_differ_blames_nobody():
    _, fields = nights(7, tones=-7, background=-4, memory=good())
    assert fields["verdict"] == "unknown"


def test_the_signal_doctor_is_a_second_fact_at_once():
    _, fields = nights(1, tones=-25, memory=good(), findings=("dull microphone",))
    assert fields["verdict"] == "microphone"


def test_no_tone_at_all_and_the_usual_background_is_the_loudspeaker():
    memory, fields = good(), {}
    for number in range(8):
        heard = Heard(410 + scattered(number), (MISSING,) * 4)
        memory, fields = judged(memory, heard, TONES)
    assert fields["verdict"] == "loudspeaker"


def test_a_reference_needs_every_tone():
    memory, fields = judged(NEW, Heard(410, (700, MISSING, 700, 700)), TONES)
    assert fields["verdict"] == "unknown"
    assert memory.reference is None


def test_a_good_night_ends_the_deviation():
    memory, _ = nights(5, tones=-9, memory=good())
    memory, fields = nights(1, tones=-2, memory=memory)
    assert fields["verdict"] == "good"
    assert memory.off == ()


def test_the_memory_is_small_and_survives_as_json():
    memory, _ = nights(100, tones=-9, memory=nights(100)[0])
    assert len(memory.good) == len(memory.off) == NIGHTS
    assert from_list(to_list(memory)) == memory
    for broken in (None, {}, [1], [[700], 3, ()]):
        assert from_list(broken) == NEW


def test_the_limit_is_half_a_db():
    assert verdict.LIMIT == 5
