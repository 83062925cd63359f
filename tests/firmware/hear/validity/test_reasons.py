"""Every second is valid, or invalid with exactly one reason. Runs in both Pythons."""

import pytest

from tamer.hear.diagnosis.monitor import Monitor, QuickFeatures
from tamer.hear.kernel.block_sums import BlockSums
from tamer.hear.kernel.profile import profile
from tamer.hear.validity.reasons import Measured, Validity, first_reason
from tamer.hear.validity.wind import Rumble
from tamer.record.reading import (
    CLOCK,
    GAP,
    MICROPHONE,
    MISSING,
    OVERLOAD,
    OWN_VOICE,
    POWER,
    RAIN,
    UNDER_RANGE,
    VALID,
    WIND,
)

pytestmark = pytest.mark.pure

INMP441 = profile("INMP441", -26.0, 3.0, 33.0, 120.0, 85)

ALL_WELL = QuickFeatures(0xFFFFFF, False, 330)
FROZEN = QuickFeatures(0, True, -1000)
WET = QuickFeatures(0xFFFFFF, False, 200)

# LAeq, LAFmax, LCeq, LCpeak of an ordinary second, and of one in a gale.
USUAL = (600, 620, 660, 760)
GALE = (700, 740, 900, 1050)
STILL_AIR, STRONG_WIND = Rumble(400, 80), Rumble(850, 90)


def sums(highest=100000):
    return BlockSums(48000, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -highest, highest, 0.0)


class Ear:
    """An ear past its first second, and what is made of the next ones."""

    def __init__(self, weather=None):
        self.monitor = Monitor(INMP441)
        self._validity = Validity(INMP441, self.monitor, weather)
        self.hears()

    def hears(self, levels=USUAL, **other):
        heard = {
            "sums": sums(),
            "quick": ALL_WELL,
            "rumble": STILL_AIR,
            "gap": False,
            "spoke": False,
            "clock_known": True,
        }
        heard.update(other)
        spoke, clock_known = heard.pop("spoke"), heard.pop("clock_known")
        measured = Measured(levels=levels, bands=None, lost=0, **heard)
        return self._validity.reason(measured, spoke, clock_known)


def test_the_first_second_after_power_on_is_not_judged():
    first = Measured(USUAL, None, sums(), ALL_WELL, STILL_AIR, False, 0)
    assert Validity(INMP441, Monitor(INMP441)).reason(first, False, True) == POWER


def test_an_ordinary_second_is_valid():
    assert Ear().hears() == VALID


def test_each_thing_wrong_has_its_own_reason():
    assert Ear().hears(gap=True) == GAP
    assert Ear().hears(quick=FROZEN) == MICROPHONE
    assert Ear().hears(levels=(MISSING,) * 4) == MICROPHONE
    assert Ear().hears(spoke=True) == OWN_VOICE
    assert Ear().hears(sums=sums(8300000)) == OVERLOAD
    assert Ear().hears(levels=(900, 950, 950, 1235)) == OVERLOAD
    assert Ear().hears(levels=(320, 340, 400, 500)) == UNDER_RANGE
    assert Ear().hears(levels=GALE, rumble=STRONG_WIND) == WIND
    assert Ear().hears(clock_known=False) == CLOCK


# What may speak against a second, in the order in which it is told.
AGAINST = ("power", "gap", "faulty", "spoke", "overload", "under_range")
TOLD = (POWER, GAP, MICROPHONE, OWN_VOICE, OVERLOAD, UNDER_RANGE)


def told(against, weather=VALID, clock_known=True):
    signs = {name: name in against for name in AGAINST}
    return first_reason(weather=weather, clock_known=clock_known, **signs)


def test_of_several_reasons_the_first_in_a_fixed_order_is_told():
    for place, why in enumerate(TOLD):
        assert told(AGAINST[place:], RAIN, clock_known=False) == why
    assert told((), RAIN, clock_known=False) == RAIN
    assert told((), VALID, clock_known=False) == CLOCK
    assert told(()) == VALID


def test_an_overload_is_shown_for_a_second_longer_as_the_detector_still_holds_it():
    ear = Ear()
    heard = [ear.hears(sums=sums(8300000)), ear.hears(), ear.hears()]
    assert heard == [OVERLOAD, OVERLOAD, VALID]


def test_what_the_box_itself_overloads_is_its_own_voice_and_over_with_it():
    ear = Ear()
    heard = [ear.hears(sums=sums(8300000), spoke=True) for _ in range(20)]
    assert heard == [OWN_VOICE] * 20
    assert ear.hears() == VALID
    assert not ear.monitor.wants_diagnosis()


def test_instruments_that_feel_wind_or_rain_are_believed():
    class Instruments:
        feels = VALID

        def reason(self):
            return self.feels

    instruments = Instruments()
    ear = Ear(instruments)
    for feels in (WIND, RAIN, VALID):
        instruments.feels = feels
        assert ear.hears() == feels


def test_a_fatal_diagnosis_makes_every_second_invalid_until_one_without():
    ear = Ear()
    for codes, why in (
        (["dull microphone"], MICROPHONE),
        ([], VALID),
        (["clipping", "DC offset"], VALID),
        (["wrong rate", "shifted left"], MICROPHONE),
    ):
        ear.monitor.diagnosed(codes)
        assert ear.hears() == why


def calls_in(ear, seconds, **heard):
    """In which of so many seconds a diagnosis is due; it finds nothing each time."""
    calls = []
    for second in range(seconds):
        ear.hears(**heard)
        if ear.monitor.wants_diagnosis():
            calls.append(second)
            ear.monitor.diagnosed([])
    return calls


def test_a_sound_microphone_never_asks_for_a_diagnosis():
    assert calls_in(Ear(), 2000) == []


def test_five_suspicious_seconds_ask_for_a_diagnosis():
    ear = Ear()
    assert calls_in(ear, 60) == []
    assert calls_in(ear, 20, quick=WET) == [4]


def test_where_it_finds_nothing_a_diagnosis_is_due_less_and_less_often():
    calls = calls_in(Ear(), 3000, quick=WET)
    rests = [calls[n + 1] - calls[n] for n in range(len(calls) - 1)]
    assert rests[:5] == [20, 40, 80, 160, 320]
    assert max(rests) == 320
    assert len(calls) < 20


def test_a_wet_microphone_is_only_suspected_until_it_is_diagnosed():
    ear = Ear()
    assert ear.hears(quick=WET) == VALID
    ear.monitor.diagnosed(["dull microphone"])
    assert ear.hears(quick=WET) == MICROPHONE


def test_a_diagnosis_is_due_at_once_when_the_fault_has_gone():
    ear = Ear()
    for _ in range(30):
        ear.hears(quick=FROZEN)
    assert ear.monitor.wants_diagnosis()
    ear.monitor.diagnosed(["stuck data"])
    ear.hears(quick=FROZEN)
    assert not ear.monitor.wants_diagnosis()
    assert ear.hears() == MICROPHONE
    assert ear.monitor.wants_diagnosis()
    ear.monitor.diagnosed([])
    assert ear.hears() == VALID


def test_a_faulty_microphone_is_diagnosed_every_twenty_seconds():
    ear = Ear()
    ear.monitor.diagnosed(["loose wire"])
    calls = []
    for second in range(100):
        ear.hears()
        if ear.monitor.wants_diagnosis():
            calls.append(second)
            ear.monitor.diagnosed(["loose wire"])
    assert calls == [19, 39, 59, 79, 99]


def test_quieter_than_its_own_noise_no_microphone_is_alive():
    ear = Ear()
    assert ear.hears(levels=(190, 200, 250, 400)) == UNDER_RANGE
    assert ear.hears(levels=(170, 200, 250, 400)) == MICROPHONE


def test_an_offset_and_missing_low_bits_are_suspicious():
    offset = BlockSums(48000, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -9, 9, 48000 * 0.05 * 2**23)
    ear = Ear()
    calls_in(ear, 60)
    assert calls_in(ear, 10, sums=offset) == [4]
    ear = Ear()
    calls_in(ear, 60)
    assert calls_in(ear, 10, quick=QuickFeatures(0xFFFF00, False, 330)) == [4]
