"""Whatever an order says, the box's own limits hold. Runs in both Pythons."""

import asyncio

import pytest
from judged_square import EVENING, QUIET

from tamer.judge import policy
from tamer.ladder_runner import LadderRunner
from tamer.obey import Box, Obey
from tamer.record.reading import OWN_VOICE, VALID, Second
from tamer.restraint import Restraint

pytestmark = pytest.mark.pure

SHIPPED = {"polite_zh": 8, "long": 15.5, "odd": None}


class Nothing:
    """A chip on which nothing was kept and nothing is."""

    def load(self, now):
        return None

    def save(self, t, state, has_acted):
        pass

    def get_blob(self, key, buffer):
        raise OSError(-0x1102)

    def set_blob(self, key, value):
        pass

    def commit(self):
        pass


class Voice:
    """A loudspeaker that is done at once; `said`: (message, volume)."""

    def __init__(self):
        self.turn = asyncio.Lock()
        self.said = []

    def length(self, message):
        if message not in SHIPPED:
            raise OSError(2)
        if SHIPPED[message] is None:
            raise ValueError("not a WAV file")
        return SHIPPED[message]

    async def say(self, message, volume, echo):
        self.said.append((message, volume))


class Lamp:
    def __init__(self):
        self.ordered = []

    def order(self, on, seconds):
        self.ordered.append((on, seconds))

    async def settled(self):
        pass


class Hearing:
    examined = 0

    def examine(self):
        self.examined += 1

    def echo_ms(self):
        return 1000

    def unix(self, t):
        return EVENING - 600


class Unit:
    """One in a quiet square at 20:00, on which orders act; its policy by `keys`."""

    def __init__(self, keys=None, voice=True, lamp=True):
        self.t = EVENING
        self.told = []
        self.restraint = Restraint(Nothing())
        self.runner = LadderRunner(policy.read(keys or {}), Nothing(), True, self.restraint)
        self.voice = Voice()
        self.lamp = Lamp()
        self.hearing = Hearing()
        tell = lambda *values: self.told.append(values)  # noqa: E731
        parts = (
            self.voice if voice else None,
            self.lamp,
            lamp,
            self.hearing,
            self.runner,
            self.restraint,
            self,
        )
        self.obey = Obey(Box(*parts, tell, None, None, None, None, None))
        self.hears(5)

    def now(self):
        return self.t

    def hears(self, seconds, why=VALID):
        for _ in range(seconds):
            second = Second(self.t, QUIET, QUIET, QUIET, QUIET, why)
            self.runner.step(second, self.t)
            self.t += 1

    def order(self, verb, **fields):
        """(result, why): refused at once, or what became of it."""
        order = dict(fields, n=7, verb=verb, until=self.t + 60)
        if "lasts" in order:
            order["for"] = order.pop("lasts")
        refused = self.obey.refusal(order)
        if refused:
            return ("refused", refused[0])
        values = asyncio.run(self.obey.carry_out(order, None)) or ()
        return tuple(values[:2])


def test_a_message_is_said_at_the_policys_volume_of_the_hour_or_below():
    unit = Unit({"volume": [{"from": "00:00", "to": "24:00", "volume": -6}]})
    assert unit.order("say", message="polite_zh") == ("done",)
    assert unit.order("volume", offset=-10, lasts=60)[0] == "done"
    assert unit.order("say", message="polite_zh") == ("done",)
    unit.t += 60
    assert unit.order("say", message="polite_zh") == ("done",)
    assert unit.voice.said == [("polite_zh", -6), ("polite_zh", -16), ("polite_zh", -6)]
    assert (7, "say", "begun") in unit.told


def test_what_cannot_be_said_is_not():
    for message, why in (("none", "missing"), ("odd", "spoilt"), ("long", "too long")):
        unit = Unit()
        assert unit.order("say", message=message) == ("refused", why)
        assert unit.voice.said == []


def test_not_in_a_pause_nor_on_a_quiet_day_nor_while_muted():
    for keys in (
        {"speaking": {"pause": [["19:00", "21:00"]]}},
        {"quiet": [{"name": "exam", "from": "2026-11-24", "to": "2026-11-24"}]},
    ):
        unit = Unit(keys)
        assert unit.order("say", message="polite_zh") == ("refused", "pause")
        assert unit.order("play", size=1, sha256="") == ("refused", "pause")
    unit = Unit()
    assert unit.order("mute", lasts=600, reason="x")[0] == "done"
    unit.hears(1)
    assert not unit.runner.ruling.speak
    assert unit.runner.ruling.lamp
    for verb in ("say", "play", "calibrate-check"):
        assert unit.order(verb, message="polite_zh") == ("refused", "muted")
    assert unit.order("mute", lasts=0, reason="x")[0] == "done"
    assert unit.order("say", message="polite_zh") == ("done",)


def test_what_was_said_counts_in_the_hours_budget_and_a_spent_one_ends_it():
    unit = Unit({"speaking": {"longest_per_hour": 20}})
    for _ in range(2):
        assert unit.order("say", message="polite_zh") == ("done",)
        unit.hears(8, OWN_VOICE)
        unit.hears(5)
    assert unit.order("say", message="polite_zh") == ("refused", "budget")
    # An hour later it may again.
    unit.hears(4000)
    assert unit.order("say", message="polite_zh") == ("done",)


def test_a_box_lights_no_lamp_that_it_lacks_or_that_the_policy_keeps_dark():
    assert Unit(lamp=False).order("spotlight", state="on", lasts=9) == ("refused", "no lamp")
    dark = Unit({"spotlight": {"off": [["19:00", "21:00"]]}})
    assert dark.order("spotlight", state="on", lasts=9) == ("refused", "pause")
    assert dark.order("spotlight", state="off", lasts=9)[0] == "done"
    unit = Unit()
    for state in ("on", "off", "auto"):
        assert unit.order("spotlight", state=state, lasts=9)[0] == "done"
    assert unit.lamp.ordered == [(True, 9), (False, 9), (None, 9)]


def test_without_a_loudspeaker_nothing_is_said_or_kept():
    for verb in ("say", "play", "voice", "calibrate-check"):
        assert Unit(voice=False).order(verb, message="x") == ("refused", "no speaker")


def test_the_microphone_is_examined():
    unit = Unit()
    assert unit.order("examine") == ("done",)
    assert unit.hearing.examined == 1
